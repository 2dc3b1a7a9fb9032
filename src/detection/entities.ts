import { QuotaJudgementRow } from './quota-judgement.entity.js';
import { Score } from './score.entity.js';
import { ScoringRun } from './scoring-run.entity.js';

/** This module's tables, for the data source. */
export const detectionEntities = [ScoringRun, Score, QuotaJudgementRow];
