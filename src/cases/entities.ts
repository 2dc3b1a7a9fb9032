import { CaseAlert } from './case-alert.entity.js';
import { CaseComment } from './case-comment.entity.js';
import { CaseDealing } from './case-dealing.entity.js';
import { CaseDecision } from './case-decision.entity.js';
import { CaseFile } from './case-file.entity.js';
import { CaseLink } from './case-link.entity.js';
import { CasePhotograph } from './case-photograph.entity.js';
import { CaseStepRow } from './case-step.entity.js';
import { CaseTransition } from './case-transition.entity.js';
import { CaseView } from './case-view.entity.js';
import { CaseVisit } from './case-visit.entity.js';
import { CaseWorker } from './case-worker.entity.js';

/** This module's tables, for the data source. */
export const caseEntities = [
  CaseFile,
  CaseAlert,
  CaseTransition,
  CaseStepRow,
  CaseDecision,
  CaseVisit,
  CasePhotograph,
  CaseComment,
  CaseLink,
  CaseWorker,
  CaseDealing,
  CaseView,
];
