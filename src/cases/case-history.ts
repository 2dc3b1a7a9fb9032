import type { ClientBase } from 'pg';
import { STEP_SENTENCES } from './domain/phrases.js';
import type { Sentence } from './domain/sentence.js';
import type { CaseState, CaseStep } from './domain/transitions.js';

/** A step as people read it. */
export interface StepView {
  readonly version: number;
  readonly step: CaseStep;
  readonly sentence: Sentence;
  readonly at: string;
  readonly actor: string;
  /** Of a person; null for what the service does by itself. */
  readonly actor_name: string | null;
  readonly from_state: CaseState | null;
  readonly to_state: CaseState;
  readonly old_value: Readonly<Record<string, unknown>>;
  readonly new_value: Readonly<Record<string, unknown>>;
}

type Row = Omit<StepView, 'sentence' | 'at' | 'from_state'> & {
  readonly at: Date;
  readonly from_state: CaseState | 'none';
};

/** A case's steps after that version, oldest first. */
export async function stepsAfter(client: ClientBase, caseId: number, version: number): Promise<StepView[]> {
  const { rows } = await client.query<Row>(
    `select s.version, s.step, s.at, s.actor, i.name as actor_name, s.from_state, s.to_state, s.old_value, s.new_value
     from case_step s left join person_identity i on s.actor = 'person ' || i.person_id
     where s.case_id = $1 and s.version > $2 order by s.version`,
    [caseId, version],
  );
  return rows.map((row) => ({
    ...row,
    sentence: STEP_SENTENCES[row.step],
    at: row.at.toISOString(),
    from_state: row.from_state === 'none' ? null : row.from_state,
  }));
}

const OPINIONS: readonly CaseStep[] = ['decision_made', 'decision_undone', 'referred'];

/** Of an opinion that whoever reads is not to know yet, only that there was one. */
export function withoutOpinions(steps: readonly StepView[]): StepView[] {
  return steps.map((step) =>
    OPINIONS.includes(step.step) ? { ...step, old_value: {}, new_value: {} } : step,
  );
}
