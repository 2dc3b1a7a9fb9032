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
export interface DifferingBalance extends StruckBalance {
  readonly digest: number;
}

/** What stored balances say, by balance meter. */
export type StoredBalances = ReadonlyMap<number, number>;

const BALANCE_COLUMNS =
  'metering_point_id, as_of, verdict, hidden_kw, hidden_lower_kw, hidden_upper_kw, since, points, confidence, balance, digest';
const SUSPECT_COLUMNS = 'metering_point_id, balance_point_id, rank, share, drop_kw, drop_day, observed';

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
 * Stores a block's balances with their suspects, inside the caller's transaction, in the place of what is stored of them, and answers
 * how many rows were written or removed.
 */
export async function mergeBalances(
  client: ClientBase,
  asOf: DayNumber,
  balances: readonly DifferingBalance[],
): Promise<number> {
  if (balances.length === 0) return 0;
  const of = [balances.map(({ meteringPointId }) => meteringPointId)];
  await client.query('delete from transformer_balance where metering_point_id = any ($1)', of);
  const gone = await client.query('delete from balance_suspect where balance_point_id = any ($1)', of);
  await copyBalances(client, asOf, balances);
  await copySuspects(client, balances);
  const suspects = balances.reduce((sum, { balance }) => sum + balance.suspects.length, 0);
  return balances.length + Math.max(suspects, gone.rowCount ?? 0);
}

async function copyBalances(
  client: ClientBase,
  asOf: DayNumber,
  balances: readonly DifferingBalance[],
): Promise<void> {
  let next = 0;
  const sql = `copy transformer_balance (${BALANCE_COLUMNS}) from stdin (format binary)`;
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

async function copySuspects(client: ClientBase, balances: readonly StruckBalance[]): Promise<void> {
  let next = 0;
  const sql = `copy balance_suspect (${SUSPECT_COLUMNS}) from stdin (format binary)`;
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
