import type { ClientBase } from 'pg';
import { ContentDigest } from '../database/content-digest.js';
import { copyIn } from '../database/copy-binary.js';
import type { DayNumber } from '../grid/domain/calendar.js';
import type { TransformerBalance } from './domain/types.js';

export interface StruckBalance {
  /** The balance meter. */
  readonly meteringPointId: number;
  /** Metering points under it, in the order in which the balance was given them. */
  readonly pointIds: readonly number[];
  readonly balance: TransformerBalance;
}

/** A balance that says something else than what is stored. */
interface DifferingBalance extends StruckBalance {
  readonly digest: number;
}

/** What stored balances say, by balance meter. */
export type StoredBalances = ReadonlyMap<number, number>;

const BALANCE_COLUMNS =
  'metering_point_id, as_of, verdict, hidden_kw, hidden_lower_kw, hidden_upper_kw, since, points, confidence, balance, digest';
const SUSPECT_COLUMNS = 'metering_point_id, balance_point_id, rank, share, drop_kw, drop_day, observed';

/** Makes the session's staging tables; {@link mergeBalances} needs them. */
export async function prepareBalanceWriter(client: ClientBase): Promise<void> {
  await client.query(
    'drop table if exists pg_temp.transformer_balance_staging, pg_temp.balance_suspect_staging',
  );
  await client.query(
    'create temp table transformer_balance_staging (like transformer_balance) on commit delete rows',
  );
  await client.query(
    'create temp table balance_suspect_staging (like balance_suspect) on commit delete rows',
  );
}

/** The digests of what is stored of these balance meters. */
export async function readBalances(
  client: ClientBase,
  meteringPointIds: readonly number[],
): Promise<StoredBalances> {
  if (meteringPointIds.length === 0) return new Map();
  const { rows } = await client.query<{ id: number; digest: string }>(
    'select metering_point_id as id, digest from transformer_balance where metering_point_id = any ($1)',
    [meteringPointIds],
  );
  return new Map(rows.map(({ id, digest }) => [id, Number(digest)]));
}

/** Those that, or whose suspects, are not what is stored. */
export function balancesUnlike(
  stored: StoredBalances,
  asOf: DayNumber,
  balances: readonly StruckBalance[],
): DifferingBalance[] {
  const differing: DifferingBalance[] = [];
  for (const struck of balances) {
    const digest = new ContentDigest().number(asOf).fields(struck.pointIds).fields(struck.balance).value();
    if (stored.get(struck.meteringPointId) !== digest) differing.push({ ...struck, digest });
  }
  return differing;
}

/**
 * Stores a block's balances with their suspects, inside the caller's transaction, and answers how many rows were written or
 * removed. Suspects of an earlier balance of the same transformers that this one does not name are removed.
 */
export async function mergeBalances(
  client: ClientBase,
  asOf: DayNumber,
  balances: readonly DifferingBalance[],
): Promise<number> {
  if (balances.length === 0) return 0;
  await stageBalances(client, asOf, balances);
  await stageSuspects(client, balances);
  const balanced = await client.query(UPSERT_BALANCES);
  const of = [balances.map(({ meteringPointId }) => meteringPointId)];
  const removed = await client.query(DELETE_SUSPECTS, of);
  const suspected = await client.query(UPSERT_SUSPECTS, of);
  return [balanced, removed, suspected].reduce((rows, { rowCount }) => rows + (rowCount ?? 0), 0);
}

const UPSERT_BALANCES = `
  insert into transformer_balance (${BALANCE_COLUMNS})
  select ${BALANCE_COLUMNS} from pg_temp.transformer_balance_staging
  on conflict (metering_point_id) do update set as_of = excluded.as_of, verdict = excluded.verdict,
    hidden_kw = excluded.hidden_kw, hidden_lower_kw = excluded.hidden_lower_kw,
    hidden_upper_kw = excluded.hidden_upper_kw, since = excluded.since, points = excluded.points,
    confidence = excluded.confidence, balance = excluded.balance, digest = excluded.digest`;

/*
 * Which balances are concerned ($1) is said beside what staging holds: of a table filled a moment ago the planner knows nothing,
 * and read the whole of the other for every block.
 */

const DELETE_SUSPECTS = `
  delete from balance_suspect o where o.balance_point_id = any ($1) and not exists (
    select from pg_temp.balance_suspect_staging s
    where s.balance_point_id = o.balance_point_id and s.metering_point_id = o.metering_point_id)`;

const UPSERT_SUSPECTS = `
  insert into balance_suspect (${SUSPECT_COLUMNS})
  select ${SUSPECT_COLUMNS} from pg_temp.balance_suspect_staging s
  where not exists (
    select from balance_suspect o
    where o.balance_point_id = any ($1)
      and o.metering_point_id = s.metering_point_id and o.balance_point_id = s.balance_point_id
      and (o.rank, o.drop_day, o.observed) is not distinct from (s.rank, s.drop_day, s.observed))
  on conflict (metering_point_id, balance_point_id) do update set rank = excluded.rank, share = excluded.share,
    drop_kw = excluded.drop_kw, drop_day = excluded.drop_day, observed = excluded.observed`;

async function stageBalances(
  client: ClientBase,
  asOf: DayNumber,
  balances: readonly DifferingBalance[],
): Promise<void> {
  let next = 0;
  const sql = `copy pg_temp.transformer_balance_staging (${BALANCE_COLUMNS}) from stdin (format binary)`;
  await copyIn(client, sql, (encoder) => {
    if (next === balances.length) return false;
    const { meteringPointId, balance, digest } = balances[next++];
    const { suspects: _suspects, ...rest } = balance;
    encoder.row(11);
    encoder.int4(meteringPointId);
    encoder.date(asOf);
    encoder.text(balance.verdict);
    encoder.float8(balance.hiddenKw);
    encoder.float8(balance.hiddenLowerKw);
    encoder.float8(balance.hiddenUpperKw);
    if (balance.onset === null) encoder.null();
    else encoder.date(balance.firstDay + Math.floor(balance.onset.hour / 24));
    encoder.int4(balance.confidence.points);
    encoder.float8(balance.confidence.ratio);
    encoder.jsonb(rest);
    encoder.int8(digest);
    return true;
  });
}

async function stageSuspects(client: ClientBase, balances: readonly StruckBalance[]): Promise<void> {
  let next = 0;
  const sql = `copy pg_temp.balance_suspect_staging (${SUSPECT_COLUMNS}) from stdin (format binary)`;
  await copyIn(client, sql, (encoder) => {
    if (next === balances.length) return false;
    const { meteringPointId, pointIds, balance } = balances[next++];
    balance.suspects.forEach((suspect, at) => {
      encoder.row(7);
      encoder.int4(pointIds[suspect.point]);
      encoder.int4(meteringPointId);
      encoder.int2(at + 1);
      encoder.float8(suspect.share);
      encoder.float8(suspect.dropKw);
      if (suspect.dropDay === null) encoder.null();
      else encoder.date(balance.firstDay + suspect.dropDay);
      encoder.jsonb(suspect);
    });
    return true;
  });
}
