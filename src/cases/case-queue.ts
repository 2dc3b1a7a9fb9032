import type { ClientBase } from 'pg';
import type { AlertKind } from '../alerts/domain/lifecycle.js';
import type { CaseKind } from './domain/case-alerts.js';
import type { Evidence } from '../detection/domain/types.js';
import type { Sentence } from './domain/sentence.js';
import { STATE_NAMES } from './domain/phrases.js';
import type { CaseState } from './domain/transitions.js';
import { QueryParams } from './query-params.js';
import { visibleTo, type Viewer } from './viewer.js';

/** What to list; null = any. */
export interface CaseFilter {
  readonly states: readonly CaseState[] | null;
  /** A territory's code: its own cases, and for a region those of its municipalities. */
  readonly territory: string | null;
  readonly kind: AlertKind | null;
  readonly inspectorId: number | null;
  readonly minScore: number | null;
  readonly minKwh: number | null;
  /** Suspected since this day or later, `YYYY-MM-DD`. */
  readonly since: string | null;
  readonly tag: string | null;
  /** Beginnings of names of the point, household or transformer; all must be found. */
  readonly text: string | null;
  /** Whether the readings still support it. */
  readonly firing: boolean | null;
}

export const ANY_CASE: CaseFilter = {
  states: null,
  territory: null,
  kind: null,
  inspectorId: null,
  minScore: null,
  minKwh: null,
  since: null,
  tag: null,
  text: null,
  firing: null,
};

/** Most first. */
export const CASE_SORTS = ['score', 'kwh', 'newest'] as const;
export type CaseSort = (typeof CASE_SORTS)[number];

/** The last case of the page before: what it was sorted by, and its id. */
export interface CaseCursor {
  readonly value: number;
  readonly id: number;
}

/** A case as a queue shows it. */
export interface CaseView {
  readonly id: number;
  readonly version: number;
  readonly state: CaseState;
  readonly state_name: Sentence;
  readonly kind: CaseKind;
  /** Kinds of alerts that fire now; none: the readings no longer support it. */
  readonly firing_kinds: readonly AlertKind[];
  readonly score: number;
  readonly month_kwh: number | null;
  readonly since: string | null;
  readonly utility: string;
  readonly metering_point: string;
  readonly household: string | null;
  readonly transformer: { readonly id: number; readonly code: string } | null;
  readonly territory: { readonly code: string; readonly name: Sentence };
  readonly inspector: { readonly id: number; readonly name: string } | null;
  readonly tags: readonly string[];
  readonly opened_at: string;
  readonly state_at: string;
  readonly updated_at: string;
  /** What weighs most for it, and most against. */
  readonly why: readonly Sentence[];
}

const SORT_SQL: Readonly<Record<CaseSort, string>> = {
  score: 'c.score',
  kwh: 'coalesce(c.month_kwh, 0)',
  newest: 'c.id',
};

/** Reasons shown in a queue's line. */
const REASONS_SHOWN = 2;

export interface CasePageRequest {
  readonly sort: CaseSort;
  readonly after: CaseCursor | null;
  readonly limit: number;
}

/**
 * At most `limit` cases, most first. The page is found on the one table first, and its names and reasons afterwards: of
 * 100,000 cases only those shown are joined to anything.
 */
export async function listCases(
  client: ClientBase,
  viewer: Viewer,
  filter: CaseFilter,
  { sort, after, limit }: CasePageRequest,
): Promise<CaseView[]> {
  const params = new QueryParams();
  const by = SORT_SQL[sort];
  const conditions = [visibleTo(viewer, params), ...(await conditionsOf(client, filter, params))];
  if (after !== null)
    conditions.push(
      sort === 'newest'
        ? `c.id < ${params.add(after.id)}`
        : `(${by}, c.id) < (${params.add(after.value)}::float8, ${params.add(after.id)})`,
    );
  const order = sort === 'newest' ? 'c.id desc' : `${by} desc, c.id desc`;
  const { rows } = await client.query<{ id: number }>(
    `select c.id from case_file c where ${conditions.join(' and ')} order by ${order} limit ${params.add(limit)}`,
    params.values,
  );
  return caseViews(
    client,
    rows.map(({ id }) => id),
  );
}

/** The value that a cursor after this case starts from. */
export function sortValue(sort: CaseSort, { id, score, month_kwh }: CaseView): number {
  return sort === 'newest' ? id : sort === 'score' ? score : (month_kwh ?? 0);
}

/** Each filter that is set, as a condition on `case_file c`. */
async function conditionsOf(client: ClientBase, filter: CaseFilter, params: QueryParams): Promise<string[]> {
  const territories = filter.territory && (await territoriesOf(client, filter.territory));
  const text = filter.text && textQuery(filter.text);
  const found = text && (await fewFoundBy(client, text));
  const conditions: [unknown, () => string][] = [
    [filter.states, () => `c.state = any (${params.add(filter.states)})`],
    [territories, () => `c.territory_code = any (${params.add(territories)})`],
    [filter.kind, () => `c.kind = ${params.add(filter.kind)}`],
    [filter.inspectorId, () => `c.inspector_id = ${params.add(filter.inspectorId)}`],
    [filter.minScore, () => `c.score >= ${params.add(filter.minScore)}`],
    [filter.minKwh, () => `coalesce(c.month_kwh, 0) >= ${params.add(filter.minKwh)}`],
    [filter.since, () => `c.since >= ${params.add(filter.since)}::date`],
    [filter.tag, () => `${params.add(filter.tag)} = any (c.tags)`],
    [
      text,
      () =>
        found === null
          ? `c.words @@ ${params.add(text)}::tsquery`
          : `c.id = any (${params.add(found)}::int[])`,
    ],
    [filter.firing, () => `(c.firing_kinds <> '{}') = ${params.add(filter.firing)}`],
  ];
  return conditions.filter(([value]) => value !== null).map(([, condition]) => condition());
}

/** Read first, so that the planner sees the codes: as a subquery it would not know how many they are. */
async function territoriesOf(client: ClientBase, code: string): Promise<string[]> {
  const { rows } = await client.query<{ code: string }>(
    `select code from territory where code = $1 or parent_code = $1`,
    [code],
  );
  return rows.map((row) => row.code);
}

/** As many cases a search may find and still be named one by one. */
const FEW = 2000;

/**
 * The cases that the words find, null when they are many. The planner can't tell rare words from common ones, and would walk
 * all of the queue in its order for a page of the rare (0.15 s of 100,000 cases, against 5 ms).
 */
async function fewFoundBy(client: ClientBase, text: string): Promise<number[] | null> {
  const { rows } = await client.query<{ id: number }>(
    `select id from case_file where words @@ $1::tsquery limit ${FEW + 1}`,
    [text],
  );
  return rows.length > FEW ? null : rows.map(({ id }) => id);
}

/** Words as beginnings of stored words, all of them; quoted, so that none is read as an operator. */
function textQuery(text: string): string {
  const words = text
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
  return words.map((word) => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}':*`).join(' & ');
}

type Row = Omit<CaseView, 'state_name' | 'why' | 'opened_at' | 'state_at' | 'updated_at'> & {
  readonly opened_at: Date;
  readonly state_at: Date;
  readonly updated_at: Date;
  readonly evidence: readonly Evidence[] | null;
};

/** These cases, in this order. */
export async function caseViews(client: ClientBase, ids: readonly number[]): Promise<CaseView[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<Row>(
    `select c.id, c.version, c.state, c.kind, c.firing_kinds, c.score, c.month_kwh, c.since, u.code as utility,
       p.external_id as metering_point, p.household,
       case when t.id is not null then jsonb_build_object('id', t.id, 'code', t.code) end as transformer,
       jsonb_build_object('code', y.code, 'name', jsonb_build_object('ru', y.name_ru, 'en', y.name_en)) as territory,
       case when i.person_id is not null then jsonb_build_object('id', i.person_id, 'name', i.name) end as inspector,
       c.tags, c.opened_at, c.state_at, c.updated_at, a.evidence
     from case_file c
     join metering_point p on p.id = c.metering_point_id
     join utility u on u.id = c.utility_id
     join territory y on y.code = c.territory_code
     left join transformer t on t.id = c.transformer_id
     left join person_identity i on i.person_id = c.inspector_id
     left join lateral (
       select a.evidence from case_alert ca join alert a on a.id = ca.alert_id
       where ca.case_id = c.id order by (a.kind = c.kind) desc, a.id desc limit 1) a on true
     where c.id = any ($1)`,
    [ids],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row === undefined ? [] : [viewOfRow(row)];
  });
}

function viewOfRow({ evidence, ...row }: Row): CaseView {
  return {
    ...row,
    state_name: STATE_NAMES[row.state],
    opened_at: row.opened_at.toISOString(),
    state_at: row.state_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    why: weightiest(evidence ?? []),
  };
}

function weightiest(evidence: readonly Evidence[]): Sentence[] {
  return evidence
    .filter(({ kind }) => kind !== 'context')
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds))
    .slice(0, REASONS_SHOWN)
    .map(({ sentence }) => sentence);
}
