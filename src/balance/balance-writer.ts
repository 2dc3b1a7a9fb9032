import type { ClientBase } from 'pg';
import { copyIn } from '../database/copy-binary.js';
import { inTransaction } from '../database/transaction.js';
import type { DayNumber } from '../grid/domain/calendar.js';
import type { TransformerBalance } from './domain/types.js';

export interface StruckBalance {
  /** The balance meter. */
  readonly meteringPointId: number;
  /** Metering points under it, in the order in which the balance was given them. */
  readonly pointIds: readonly number[];
  readonly balance: TransformerBalance;
}

const BALANCE_COLUMNS =
  'metering_point_id, as_of, verdict, hidden_kw, hidden_lower_kw, hidden_upper_kw, since, points, confidence, balance';
const SUSPECT_COLUMNS = 'metering_point_id, balance_point_id, rank, share, drop_kw, drop_day, observed';

/** Makes the session's staging tables; {@link writeBalances} needs them. */
export async function prepareBalanceWriter(client: ClientBase): Promise<void> {
  await client.query(
    'drop table if exists pg_temp.transformer_balance_staging, pg_temp.balance_suspect_staging',
  );
  await client.query('create temp table transformer_balance_staging (like transformer_balance)');
  await client.query('create temp table balance_suspect_staging (like balance_suspect)');
}

/**
 * Stores a block of balances with their suspects in one transaction and answers how many rows were written or removed.
 * A row that says what is stored already is left alone: no row version, no WAL. Suspects of an earlier balance of the same
 * transformers that this one does not name are removed.
 */
export async function writeBalances(
  client: ClientBase,
  asOf: DayNumber,
  balances: readonly StruckBalance[],
): Promise<number> {
  return inTransaction(client, () => mergeBalances(client, asOf, balances));
}

/** {@link writeBalances} within the caller's transaction. */
export async function mergeBalances(
  client: ClientBase,
  asOf: DayNumber,
  balances: readonly StruckBalance[],
): Promise<number> {
  if (balances.length === 0) return 0;
  await client.query('truncate pg_temp.transformer_balance_staging, pg_temp.balance_suspect_staging');
  await stageBalances(client, asOf, balances);
  await stageSuspects(client, balances);
  const of = [balances.map(({ meteringPointId }) => meteringPointId)];
  let rows = 0;
  for (const sql of [UPSERT_BALANCES, DELETE_SUSPECTS, UPSERT_SUSPECTS])
    rows += (await client.query(sql, of)).rowCount ?? 0;
  return rows;
}

/*
 * Which balances are concerned ($1) is said beside what staging holds: of a table filled a moment ago the planner knows nothing,
 * and read the whole of the other for every block.
 */

const UPSERT_BALANCES = `
  insert into transformer_balance (${BALANCE_COLUMNS})
  select ${BALANCE_COLUMNS} from pg_temp.transformer_balance_staging s
  where not exists (
    select from transformer_balance o where o.metering_point_id = any ($1) and o.metering_point_id = s.metering_point_id
      and (o.as_of, o.balance) is not distinct from (s.as_of, s.balance))
  on conflict (metering_point_id) do update set as_of = excluded.as_of, verdict = excluded.verdict,
    hidden_kw = excluded.hidden_kw, hidden_lower_kw = excluded.hidden_lower_kw,
    hidden_upper_kw = excluded.hidden_upper_kw, since = excluded.since, points = excluded.points,
    confidence = excluded.confidence, balance = excluded.balance`;

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
  balances: readonly StruckBalance[],
): Promise<void> {
  let next = 0;
  const sql = `copy pg_temp.transformer_balance_staging (${BALANCE_COLUMNS}) from stdin (format binary)`;
  await copyIn(client, sql, (encoder) => {
    if (next === balances.length) return false;
    const { meteringPointId, balance } = balances[next++];
    const { suspects: _suspects, ...rest } = balance;
    encoder.row(10);
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
