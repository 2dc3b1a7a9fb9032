import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Person } from '../access/person.entity.js';
import { CaseFile } from './case-file.entity.js';
import { CaseTransition } from './case-transition.entity.js';
import type { CaseState, CaseStep } from './domain/transitions.js';

const KEY = { primaryKeyConstraintName: 'case_step_pkey' };

/** One change of a case: who, when, and what it was and became. Never changed, never deleted. */
@Entity('case_step')
@Index('case_step_dealt_idx', ['at'], { where: `step in ('dealt', 'redealt')` })
@ForeignKey(() => CaseTransition, ['step', 'fromState', 'toState'], ['step', 'fromState', 'toState'], {
  name: 'case_step_transition_fkey',
})
export class CaseStepRow {
  @PrimaryColumn('integer', { name: 'case_id', ...KEY })
  @ForeignKey(() => CaseFile, { name: 'case_step_case_fkey' })
  caseId: number;

  /** 1, 2, 3 …: the version of the case that it made. */
  @PrimaryColumn('integer', KEY)
  version: number;

  @Column('text')
  step: CaseStep;

  /** `none`: there was no case. */
  @Column('text', { name: 'from_state' })
  fromState: CaseState | 'none';

  @Column('text', { name: 'to_state' })
  toState: CaseState;

  @Column('timestamptz')
  at: Date;

  /** `scoring`, or who acted, as access names them. */
  @Column('text')
  actor: string;

  @Column('integer', { name: 'person_id', nullable: true })
  @ForeignKey(() => Person, { name: 'case_step_person_fkey' })
  personId: number | null;

  @Column('jsonb', { name: 'old_value' })
  oldValue: Record<string, unknown>;

  @Column('jsonb', { name: 'new_value' })
  newValue: Record<string, unknown>;
}
