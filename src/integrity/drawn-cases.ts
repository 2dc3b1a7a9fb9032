import type { ClientBase } from 'pg';
import { recordAtEnd } from '../audit/audited-transaction.js';
import { drawNumber } from './domain/draws.js';
import { DRAWS } from './draw-periods.js';

/** What a case made by chance looks like: as one that the readings opened. */
interface NewCase {
  readonly pointId: number;
  readonly utilityId: number;
  readonly territory: string;
  readonly transformerId: number | null;
  readonly kind: string;
  readonly firingKinds: readonly string[];
  readonly score: number;
  readonly monthKwh: number | null;
  readonly since: string | null;
  readonly names: readonly string[];
}

/**
 * Opens a case. Its history says what every history says, or whoever works on it would know; the audit log, which they do not
 * see, says that chance opened it.
 */
async function openDrawn(client: ClientBase, file: NewCase, now: Date): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into case_file (metering_point_id, utility_id, territory_code, transformer_id, kind, firing_kinds, state,
       version, score, month_kwh, since, opened_at, state_at, updated_at, words)
     values ($1, $2, $3, $4, $5, $6, 'new', 1, $7, $8, $9, $10, $10, $10, array_to_tsvector($11::text[])) returning id`,
    [
      file.pointId,
      file.utilityId,
      file.territory,
      file.transformerId,
      file.kind,
      file.firingKinds,
      file.score,
      file.monthKwh,
      file.since,
      now,
      wordsOf(file.names),
    ],
  );
  const [{ id }] = rows;
  await client.query(
    `insert into case_step (case_id, version, step, from_state, to_state, at, actor, old_value, new_value)
     values ($1, 1, 'opened', 'none', 'new', $2, 'scoring', '{}', $3)`,
    [id, now, JSON.stringify({ kind: file.kind, kinds: file.firingKinds, score: file.score })],
  );
  recordAtEnd(client, {
    actor: DRAWS,
    kind: 'case.opened',
    subject: `case:${id}`,
    body: {
      version: 1,
      metering_point_id: file.pointId,
      kinds: file.firingKinds,
      score: file.score,
      at: now.toISOString(),
    },
  });
  return id;
}

/** Whole names and their parts, as the queue finds them. */
function wordsOf(names: readonly string[]): string[] {
  const words = names.flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)]);
  return [...new Set(words.map((word) => word.toLowerCase()))].filter((word) => word !== '');
}

interface DecidedCase extends Omit<NewCase, 'firingKinds'> {
  readonly firing: readonly string[];
  readonly kindsThen: readonly string[] | null;
}

/** The case as it stands, with what fired when it was decided. */
async function decidedCase(client: ClientBase, caseId: number, version: number): Promise<DecidedCase> {
  const { rows } = await client.query<DecidedCase>(
    `select c.metering_point_id as "pointId", c.utility_id as "utilityId", c.territory_code as territory,
       c.transformer_id as "transformerId", c.kind, c.firing_kinds as firing, c.score, c.month_kwh as "monthKwh",
       to_char(c.since, 'YYYY-MM-DD') as since,
       array_remove(array[p.external_id, p.household, t.code], null) as names,
       (select array_agg(k) from case_step s, jsonb_array_elements_text(s.old_value -> 'kinds') k
        where s.case_id = c.id and s.version = $2) as "kindsThen"
     from case_file c join metering_point p on p.id = c.metering_point_id left join transformer t on t.id = p.transformer_id
     where c.id = $1`,
    [caseId, version],
  );
  return rows[0];
}

function firingThen({ firing, kindsThen, kind }: DecidedCase): readonly string[] {
  if (firing.length > 0) return firing;
  return kindsThen !== null && kindsThen.length > 0 ? kindsThen : [kind];
}

async function linkAlertsOf(client: ClientBase, from: number, to: number): Promise<void> {
  await client.query(
    `insert into case_alert (alert_id, case_id) select alert_id, $2 from case_alert where case_id = $1`,
    [from, to],
  );
}

export interface Reinspected {
  readonly caseId: number;
  readonly version: number;
  readonly period: string;
}

/** Opens the case that looks at a household again; null: one is open already, which looks at it anyway. */
export async function openReinspection(
  client: ClientBase,
  { caseId, version, period }: Reinspected,
  now: Date,
): Promise<number | null> {
  const decided = await decidedCase(client, caseId, version);
  const { rowCount } = await client.query(
    `select from case_file where metering_point_id = $1 and state not in ('confirmed', 'dismissed')`,
    [decided.pointId],
  );
  if (rowCount !== 0) return null;
  const id = await openDrawn(client, { ...decided, firingKinds: firingThen(decided) }, now);
  await linkAlertsOf(client, caseId, id);
  await client.query(
    `insert into inspection_draw (period, purpose, case_id, of_case_id, of_version, metering_point_id, drawn_at)
     values ($1, 'reinspection', $2, $3, $4, $5, $6)`,
    [period, id, caseId, version, decided.pointId, now],
  );
  return id;
}

interface Known {
  readonly caseId: number;
  readonly version: number;
  readonly truth: 'confirmed' | 'dismissed';
  readonly decidedOn: string;
}

/** Reasons that were seen on the spot, and not thought of at a desk. */
const SEEN_ON_THE_SPOT = [
  'mining_found',
  'mining_admitted',
  'unmetered_load',
  'electric_heating',
  'vehicle_charging',
  'household_business',
  'several_households',
  'nothing_found',
];
/** Lately decided, so that what is shown of it looks like what is new; not so lately that anybody remembers it. */
const KNOWN_DAYS = { from: 14, to: 180 };

/** Cases whose truth somebody has seen, and that were not put into the queue before. */
async function knownCases(client: ClientBase, now: Date): Promise<Known[]> {
  const { rows } = await client.query<Known>(
    `select c.id as "caseId", s.version, s.step as truth, to_char(s.at, 'YYYY-MM-DD') as "decidedOn"
     from case_file c
     join case_step s on s.case_id = c.id and s.version = (
       select max(version) from case_step e where e.case_id = c.id and e.step in ('confirmed', 'dismissed'))
     join lateral (
       select reason from case_decision d where d.case_id = c.id and d.sealed_at is not null order by id desc limit 1) d
       on d.reason = any ($1)
     where c.state in ('confirmed', 'dismissed') and c.kind <> 'random_audit'
       and s.at between $2 and $3
       and exists (select from case_visit v where v.case_id = c.id and v.done_at is not null
         and v.findings <> array['no_access'])
       and not exists (select from inspection_draw x
         where x.purpose = 'seeded' and (x.case_id = c.id or x.of_case_id = c.id))
     order by c.id`,
    [SEEN_ON_THE_SPOT, daysBefore(now, KNOWN_DAYS.to), daysBefore(now, KNOWN_DAYS.from)],
  );
  return rows;
}

function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * 86_400_000);
}

export interface Seeding {
  readonly period: string;
  /** Of the dealt case that it comes with. */
  readonly label: string;
  /** Of the secret alone. */
  readonly seed: string;
}

/**
 * Puts a known case into the queue, under a name of its own and without its household; null when none is known well enough.
 */
export async function openSeeded(
  client: ClientBase,
  { period, label, seed }: Seeding,
  now: Date,
): Promise<number | null> {
  const known = await knownCases(client, now);
  if (known.length === 0) return null;
  const chosen = known[Math.floor(drawNumber(seed, `known:${label}`) * known.length)];
  const { caseId, version, truth, decidedOn } = chosen;
  const source = await decidedCase(client, caseId, version);
  const names = await otherNames(client, source, `${seed}:${label}`);
  const { rows } = await client.query<{ id: number }>(
    `insert into metering_point (utility_id, kind, external_id, household, territory_code, tariff_category,
       electric_heating, contracted_kw, declared_load_kw, declared_purpose)
     select utility_id, 'seeded', $2, $3, territory_code, tariff_category, electric_heating, contracted_kw,
       declared_load_kw, declared_purpose
     from metering_point where id = $1 returning id`,
    [source.pointId, names.externalId, names.household],
  );
  const [{ id: pointId }] = rows;
  const file = {
    ...source,
    pointId,
    transformerId: null,
    firingKinds: firingThen(source),
    names: [names.externalId, ...(names.household === null ? [] : [names.household])],
  };
  const id = await openDrawn(client, file, now);
  await linkAlertsOf(client, caseId, id);
  await client.query(
    `insert into inspection_draw (period, purpose, case_id, of_case_id, of_version, metering_point_id, truth, shown_to,
       came_with, drawn_at)
     values ($1, 'seeded', $2, $3, $4, $5, $6, $7::date - 1, $8, $9)`,
    [period, id, caseId, version, pointId, truth, decidedOn, label, now],
  );
  return id;
}

/** Names of the same make that nobody has: each digit another one, until it is free. */
async function otherNames(
  client: ClientBase,
  { pointId, utilityId }: Pick<DecidedCase, 'pointId' | 'utilityId'>,
  seed: string,
): Promise<{ externalId: string; household: string | null }> {
  const { rows } = await client.query<{ externalId: string; household: string | null }>(
    `select external_id as "externalId", household from metering_point where id = $1`,
    [pointId],
  );
  const [{ externalId, household }] = rows;
  for (let attempt = 0; ; attempt++) {
    const other = (name: string) =>
      name.replaceAll(/\d/g, (_, at: number) =>
        String(Math.floor(drawNumber(seed, `${name}:${attempt}:${at}`) * 10)),
      );
    // A name without digits, or with few, has few others: then it grows.
    const candidate = attempt < 20 ? other(externalId) : `${other(externalId)}${attempt}`;
    const { rowCount } = await client.query(
      `select from metering_point where utility_id = $1 and external_id = $2`,
      [utilityId, candidate],
    );
    if (rowCount === 0 && candidate !== externalId)
      return { externalId: candidate, household: household && other(household) };
  }
}

export interface DrawnHousehold {
  readonly pointId: number;
  readonly period: string;
  readonly probability: number;
}

/** Opens the case of a household drawn by lot; one that is open already is drawn with it. */
export async function openVisit(
  client: ClientBase,
  { pointId, period, probability }: DrawnHousehold,
  now: Date,
): Promise<number> {
  const { rows } = await client.query<
    Omit<NewCase, 'kind' | 'firingKinds'> & { open: number | null; known: unknown }
  >(
    `select p.id as "pointId", p.utility_id as "utilityId", p.territory_code as territory,
       p.transformer_id as "transformerId", coalesce(s.score, 0) as score, null::float8 as "monthKwh",
       null::text as since, array_remove(array[p.external_id, p.household, t.code], null) as names,
       jsonb_build_object('score', coalesce(s.score, 0), 'evidence', s.evidence,
         'settings_version', coalesce(r.settings_version, '')) as known,
       (select c.id from case_file c
        where c.metering_point_id = p.id and c.state not in ('confirmed', 'dismissed')) as open
     from metering_point p left join transformer t on t.id = p.transformer_id
     left join score s on s.metering_point_id = p.id left join scoring_run r on r.id = s.run_id
     where p.id = $1`,
    [pointId],
  );
  const [{ open, known, ...point }] = rows;
  const id =
    open ?? (await openDrawn(client, { ...point, kind: 'random_audit', firingKinds: ['random_audit'] }, now));
  await client.query(
    `insert into inspection_draw (period, purpose, case_id, metering_point_id, probability, known, drawn_at)
     values ($1, 'visit', $2, $3, $4, $5, $6) on conflict (purpose, case_id) do nothing`,
    [period, id, pointId, probability, JSON.stringify(known), now],
  );
  return id;
}
