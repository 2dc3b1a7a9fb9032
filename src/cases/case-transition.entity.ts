import { Entity, PrimaryColumn } from 'typeorm';
import type { CaseState, CaseStep } from './domain/transitions.js';

const KEY = { primaryKeyConstraintName: 'case_transition_pkey' };

/** The transition table (domain/transitions.ts) as the database knows it. */
@Entity('case_transition')
export class CaseTransition {
  @PrimaryColumn('text', KEY)
  step: CaseStep;

  @PrimaryColumn('text', { name: 'from_state', ...KEY })
  fromState: CaseState | 'none';

  @PrimaryColumn('text', { name: 'to_state', ...KEY })
  toState: CaseState;
}
