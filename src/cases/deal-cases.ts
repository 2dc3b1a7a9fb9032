import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import { LOCKED_COLUMNS, takeStep, type Actor, type LockedCase } from './case-steps.js';
import { formerOf } from './drawn.js';
import {
  deal,
  DEALING_SETTINGS,
  territoryKey,
  transformerKey,
  type DealingResult,
  type DealingSettings,
  type DealtCase,
  type Inspector,
} from './domain/dealing.js';
import { CLOSED_STATES, DEALABLE_STATES, LOOKING_STATES } from './domain/transitions.js';

/** One dealing at a time, or two would fill the same queue. */
const DEALING_LOCK = `pg_advisory_xact_lock(hashtext('gridwarden.dealing'))`;

export interface DealingSummary extends DealingResult {
  /** Null: nothing waited, and nothing was recorded. */
  readonly id: number | null;
  readonly seed: string;
}

export interface DealingRequest {
  readonly by: Actor;
  readonly now: Date;
  /** Whose inspectors; null: of all organisations. */
  readonly organisation: string | null;
  /** Chosen by chance where it is not given; recorded either way. */
  readonly seed?: string;
  readonly settings?: DealingSettings;
}

/**
 * Deals what waits, the likeliest first, to inspectors drawn at random. Seed, settings and what it was drawn from are
 * recorded, so that anybody can draw again. In the caller's transaction.
 */
export async function dealCases(
  client: ClientBase,
  {
    by,
    now,
    organisation,
    seed = randomBytes(16).toString('hex'),
    settings = DEALING_SETTINGS,
  }: DealingRequest,
): Promise<DealingSummary> {
  await client.query(`select ${DEALING_LOCK}`);
  // What chance made is dealt among all organisations: one alone might deal it back to where it came from.
  const files = await waitingCases(client, settings.mostAtOnce, organisation === null);
  if (files.length === 0) return { id: null, seed, deals: [], undealt: [] };
  const inspectors = await readInspectors(client, organisation, { now, settings });
  if (inspectors.length === 0)
    return {
      id: null,
      seed,
      deals: [],
      undealt: files.map(({ id }) => ({ caseId: id, why: 'no_inspector' })),
    };
  const cases = await asDealt(client, files, inspectors);
  const result = deal(
    cases,
    inspectors.map(({ organisation: _, ...inspector }) => inspector),
    seed,
    settings,
  );
  // Nothing could be dealt: a record of that every minute would only bury the others.
  if (result.deals.length === 0) return { id: null, seed, ...result };
  const id = await recordDealing(client, { by, now, seed, settings, input: { cases, inspectors }, result });
  const byId = new Map(files.map((file) => [file.id, file]));
  const organisations = new Map(inspectors.map((each) => [each.personId, each.organisation]));
  for (const { caseId, inspectorId } of result.deals) {
    const file = byId.get(caseId)!;
    await takeStep(client, file, 'dealt', {
      by,
      now,
      before: { inspector: file.inspectorId },
      after: { inspector: inspectorId, dealing: id },
      set: { inspector_id: inspectorId, organisation: organisations.get(inspectorId)! },
    });
  }
  return { id, seed, ...result };
}

/** Cases that nothing supports any more are not worth an inspector's look. */
async function waitingCases(client: ClientBase, most: number, withDrawn: boolean): Promise<LockedCase[]> {
  const { rows } = await client.query<LockedCase>(
    `select ${LOCKED_COLUMNS} from case_file where id in (
       select id from case_file where state = any ($1) and (firing_kinds <> '{}' or kind = 'random_audit')
         and ($3 or not exists (select from inspection_draw d where d.case_id = case_file.id and d.of_case_id is not null))
       order by score desc, id desc limit $2)
     order by id for update`,
    [DEALABLE_STATES, most, withDrawn],
  );
  // While it was waited for, somebody may have taken one.
  return rows
    .filter(
      ({ state, firingKinds, kind }) =>
        (DEALABLE_STATES as readonly string[]).includes(state) &&
        (firingKinds.length > 0 || kind === 'random_audit'),
    )
    .sort((a, b) => b.score - a.score || b.id - a.id);
}

/** Who dismissed a reopened case looked at it last. */
async function asDealt(
  client: ClientBase,
  files: readonly LockedCase[],
  inspectors: readonly KnownInspector[],
): Promise<DealtCase[]> {
  const { rows } = await client.query<{ id: number; inspector: number | null }>(
    `select distinct on (case_id) case_id as id, (old_value ->> 'inspector')::int as inspector
     from case_step where case_id = any ($1) and step in ('reopened', 'lapsed') order by case_id, version desc`,
    [files.filter(({ state }) => state === 'reopened').map(({ id }) => id)],
  );
  const barred = barredFrom(
    await formerOf(
      client,
      files.map(({ id }) => id),
    ),
    inspectors,
  );
  const former = new Map(rows.map(({ id, inspector }) => [id, inspector]));
  return files.map(({ id, territory, transformerId }) => ({
    id,
    territory,
    transformerId,
    formerInspectorId: former.get(id) ?? null,
    ...(barred.has(id) ? { barred: barred.get(id)! } : {}),
  }));
}

/** Who has looked at it before never gets it; nor do their colleagues, where there is anybody else. */
function barredFrom(
  former: Awaited<ReturnType<typeof formerOf>>,
  inspectors: readonly KnownInspector[],
): Map<number, number[]> {
  return new Map(
    [...former].map(([id, { people, organisations }]) => {
      const colleagues = inspectors.filter(({ organisation }) => organisations.includes(organisation));
      const others = inspectors.some(({ organisation }) => !organisations.includes(organisation));
      return [id, [...new Set([...people, ...(others ? colleagues.map(({ personId }) => personId) : [])])]];
    }),
  );
}

export type KnownInspector = Inspector & { readonly organisation: string };

/** Inspectors at work, with what they hold and which places they were dealt lately. */
async function readInspectors(
  client: ClientBase,
  organisation: string | null,
  { now, settings }: { readonly now: Date; readonly settings: DealingSettings },
): Promise<KnownInspector[]> {
  const from = new Date(now.getTime() - settings.placeDays * 86_400_000);
  const { rows } = await client.query<Omit<KnownInspector, 'places'>>(
    `select p.id as "personId", p.organisation,
       w.home_territory as "homeTerritory", w.queue_limit as "queueLimit",
       (select count(*)::int from case_file c where c.inspector_id = p.id and c.state = any ($2)) as holds
     from person p left join case_worker w on w.person_id = p.id
     where p.role = 'inspector' and p.blocked_at is null and not coalesce(w.away, false)
       and ($1::text is null or p.organisation = $1)
     order by p.id`,
    [organisation, LOOKING_STATES],
  );
  const places = await client.query<{ personId: number; territory: string; transformerId: number | null }>(
    `select (s.new_value ->> 'inspector')::int as "personId", c.territory_code as territory,
       c.transformer_id as "transformerId"
     from case_step s join case_file c on c.id = s.case_id
     where s.step in ('dealt', 'redealt') and s.at >= $1`,
    [from],
  );
  const counts = new Map<number, Record<string, number>>();
  for (const { personId, territory, transformerId } of places.rows) {
    const of = counts.get(personId) ?? {};
    counts.set(personId, of);
    const keys = [
      territoryKey(territory),
      ...(transformerId === null ? [] : [transformerKey(transformerId)]),
    ];
    for (const key of keys) of[key] = (of[key] ?? 0) + 1;
  }
  return rows.map((row) => ({ ...row, places: counts.get(row.personId) ?? {} }));
}

interface DealingRecord {
  readonly by: Actor;
  readonly now: Date;
  readonly seed: string;
  readonly settings: DealingSettings;
  readonly input: { readonly cases: readonly DealtCase[]; readonly inspectors: readonly KnownInspector[] };
  readonly result: DealingResult;
}

async function recordDealing(
  client: ClientBase,
  { by, now, seed, settings, input, result }: DealingRecord,
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into case_dealing (at, actor, seed, settings, input, dealt, undealt)
     values ($1, $2, $3, $4, $5, $6, $7) returning id`,
    [
      now,
      by.actor,
      seed,
      JSON.stringify(settings),
      JSON.stringify(input),
      result.deals.length,
      JSON.stringify(result.undealt),
    ],
  );
  return rows[0].id;
}

/** How many cases each inspector holds, for who deals. */
export async function workload(client: ClientBase, organisation: string | null): Promise<WorkerView[]> {
  const { rows } = await client.query<WorkerView>(
    `select p.id, i.name, p.role, p.organisation,
       w.home_territory, w.queue_limit, coalesce(w.away, false) as away,
       (select count(*)::int from case_file c where c.inspector_id = p.id and c.state = any ($2)) as holds,
       (select count(*)::int from case_file c where c.inspector_id = p.id and c.state = any ($3)) as closed
     from person p join person_identity i on i.person_id = p.id left join case_worker w on w.person_id = p.id
     where p.role in ('inspector', 'supervisor') and p.blocked_at is null
       and ($1::text is null or p.organisation = $1)
     order by p.id`,
    [organisation, LOOKING_STATES, CLOSED_STATES],
  );
  return rows;
}

export interface WorkerView {
  readonly id: number;
  readonly name: string;
  readonly role: 'inspector' | 'supervisor';
  readonly organisation: string;
  readonly home_territory: string | null;
  readonly queue_limit: number | null;
  readonly away: boolean;
  /** Open cases, and closed ones. */
  readonly holds: number;
  readonly closed: number;
}
