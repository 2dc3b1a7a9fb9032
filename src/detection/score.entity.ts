import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { StoredEvidence } from './domain/evidence.js';
import type { Finding, ScoreKind } from './domain/types.js';

/**
 * The newest score of a metering point, with the findings that reproduce it. A row is written when it would say something else;
 * where nothing is suspected, and no alert waits for its end, when the score has moved by half a unit of log-odds: until then it
 * stands as it was found on its day (`scoreAsOf`).
 */
@Entity('score')
@Check('score_range_check', 'score between 0 and 1')
// The migration makes it `score desc, metering_point_id`, which the decorator can't say.
@Index('score_rank_idx', { synchronize: false })
export class Score {
  @PrimaryColumn('integer', { name: 'metering_point_id', primaryKeyConstraintName: 'score_pkey' })
  meteringPointId: number;

  /** The run that last changed this row. */
  @Column('integer', { name: 'run_id' })
  runId: number;

  /** Exclusive end of the readings that were looked at when the row was written, `YYYY-MM-DD`. */
  @Column('date', { name: 'as_of' })
  asOf: string;

  /** Probability, 0 to 1. */
  @Column('double precision')
  score: number;

  /** Hash of what this row and the open month's judgement say: a row that would say the same is not written again. */
  @Column('bigint')
  digest: number;

  /** Hash of the judgements of months that are over. */
  @Column('bigint', { name: 'months_digest' })
  monthsDigest: number;

  @Column('boolean', { name: 'case_worthy' })
  caseWorthy: boolean;

  @Column('text')
  kind: ScoreKind;

  @Column('date', { nullable: true })
  since: string | null;

  /** Null with the evidence where there is nothing to explain. */
  @Column('jsonb', { nullable: true })
  findings: Finding[] | null;

  /** In words where something is suspected; elsewhere they follow from the findings: `sentencesOf`. */
  @Column('jsonb', { nullable: true })
  evidence: StoredEvidence[] | null;
}
