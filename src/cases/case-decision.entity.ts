import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Person } from '../access/person.entity.js';
import { CaseFile } from './case-file.entity.js';
import type { DecisionReason, Verdict } from './domain/decision.js';
import type { CaseState } from './domain/transitions.js';

/** What somebody decided: for some seconds it can be undone, then it is sealed and makes its step. */
@Entity('case_decision')
@Check('case_decision_verdict_check', `verdict in ('confirm', 'dismiss')`)
@Check('case_decision_end_check', 'sealed_at is null or undone_at is null')
@Index('case_decision_case_idx', ['caseId'])
@Index('case_decision_unsealed_key', ['caseId'], {
  unique: true,
  where: 'sealed_at is null and undone_at is null',
})
export class CaseDecision {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'case_decision_pkey',
  })
  id: number;

  @Column('integer', { name: 'case_id' })
  @ForeignKey(() => CaseFile, { name: 'case_decision_case_fkey' })
  caseId: number;

  @Column('text')
  verdict: Verdict;

  @Column('text')
  reason: DecisionReason;

  @Column('text')
  words: string;

  @Column('integer', { name: 'made_by' })
  @ForeignKey(() => Person, { name: 'case_decision_person_fkey' })
  madeBy: number;

  @Column('text')
  organisation: string;

  @Column('timestamptz', { name: 'made_at' })
  madeAt: Date;

  /** State of the case when it was made. */
  @Column('text', { name: 'made_in' })
  madeIn: CaseState;

  @Column('timestamptz', { name: 'seals_at' })
  sealsAt: Date;

  @Column('timestamptz', { name: 'sealed_at', nullable: true })
  sealedAt: Date | null;

  @Column('timestamptz', { name: 'undone_at', nullable: true })
  undoneAt: Date | null;

  @Column('double precision')
  score: number;
}
