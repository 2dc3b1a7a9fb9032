import type { ClientBase } from 'pg';
import { actorNamed } from '../audit/append-audit.js';
import { recordAtEnd } from '../audit/audited-transaction.js';
import { wordsHashed } from '../audit/domain/written-words.js';
import type { AlertKind } from '../alerts/domain/lifecycle.js';
import type { Grounds } from './domain/reopening.js';
import type { CaseKind } from './domain/case-alerts.js';
import { CaseRefusal } from './domain/refusal.js';
import { stateAfter, type CaseState, type CaseStep } from './domain/transitions.js';

/** A case as the database holds it, locked by the caller's transaction. */
export interface LockedCase {
  readonly id: number;
  readonly meteringPointId: number;
  readonly territory: string;
  readonly transformerId: number | null;
  readonly kind: CaseKind;
  readonly firingKinds: readonly AlertKind[];
  readonly state: CaseState;
  readonly version: number;
  readonly score: number;
  readonly monthKwh: number | null;
  readonly since: string | null;
  readonly stateAt: Date;
  readonly inspectorId: number | null;
  readonly organisation: string | null;
  readonly reviewNotBy: string | null;
  readonly tags: readonly string[];
  readonly dismissedOn: Grounds | null;
}

export const LOCKED_COLUMNS = `
  id, metering_point_id as "meteringPointId", territory_code as territory, transformer_id as "transformerId", kind,
  firing_kinds as "firingKinds", state, version, score, month_kwh as "monthKwh", since, state_at as "stateAt",
  inspector_id as "inspectorId", organisation, review_not_by as "reviewNotBy", tags, dismissed_on as "dismissedOn"`;

/** Who does something, as records name them. */
export interface Actor {
  readonly actor: string;
  /** Whom they act for; of a part of the service, nobody. */
  readonly organisation?: string;
  readonly personId: number | null;
}

/** Columns that a step may set beside the state. */
export interface StepColumns {
  readonly inspector_id?: number | null;
  readonly organisation?: string | null;
  readonly review_not_by?: string | null;
  readonly tags?: readonly string[];
  readonly firing_kinds?: readonly AlertKind[];
  readonly dismissed_on?: Grounds | null;
}

export interface StepChange {
  readonly by: Actor;
  readonly now: Date;
  /** What it changes beside the state, as it was and as it becomes. */
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  readonly set?: StepColumns;
}

/** Null when there is no such case. */
export async function lockCase(client: ClientBase, id: number): Promise<LockedCase | null> {
  const { rows } = await client.query<LockedCase>(
    `select ${LOCKED_COLUMNS} from case_file where id = $1 for update`,
    [id],
  );
  return rows[0] ?? null;
}

/**
 * Takes a step: the row in the history and the case as it then stands, in the caller's transaction.
 * @throws CaseRefusal when the transition table does not lead there
 */
export async function takeStep(
  client: ClientBase,
  file: LockedCase,
  step: CaseStep,
  { by, now, before = {}, after = {}, set = {} }: StepChange,
): Promise<LockedCase> {
  const to = stateAfter(file.state, step);
  if (to === null) throw new CaseRefusal(`A case that is ${file.state} can’t take the step ${step}.`);
  const columns = Object.entries(set as Readonly<Record<string, unknown>>).map(([name, value]) => ({
    name,
    value: name === 'dismissed_on' && value !== null ? JSON.stringify(value) : value,
  }));
  const sets = columns.map(({ name }, index) => `, ${name} = $${index + 5}`).join('');
  const { rows } = await client.query<LockedCase>(
    `update case_file set state = $2, version = $3, updated_at = $4,
       state_at = case when state = $2 then state_at else $4 end${sets}
     where id = $1 returning ${LOCKED_COLUMNS}`,
    [file.id, to, file.version + 1, now, ...columns.map(({ value }) => value)],
  );
  await client.query(
    `insert into case_step (case_id, version, step, from_state, to_state, at, actor, person_id, old_value, new_value)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      file.id,
      file.version + 1,
      step,
      file.state,
      to,
      now,
      by.actor,
      by.personId,
      JSON.stringify(before),
      JSON.stringify(after),
    ],
  );
  recordAtEnd(client, {
    actor: actorNamed(by.actor, by.organisation || null),
    kind: `case.${step}`,
    subject: `case:${file.id}`,
    body: {
      version: file.version + 1,
      from: file.state,
      to,
      before: recorded(before),
      after: recorded(after),
      // What the case itself says from now on, so that it can be compared with its history.
      ...(columns.length === 0 ? {} : { set: recorded(set as Readonly<Record<string, unknown>>) }),
      at: now.toISOString(),
    },
  });
  return rows[0];
}

/** As the audit log takes it: times as text, and nothing that JSON has no word for. */
function recorded(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return wordsHashed(JSON.parse(JSON.stringify(facts)) as Record<string, unknown>);
}
