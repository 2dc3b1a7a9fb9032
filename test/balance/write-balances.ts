import type { ClientBase } from 'pg';
import {
  balancesUnlike,
  mergeBalances,
  readBalances,
  type StruckBalance,
} from '../../src/balance/balance-writer.js';
import { inTransaction } from '../../src/database/transaction.js';
import type { DayNumber } from '../../src/grid/domain/calendar.js';

/** As a scoring run does: what is not stored already, in one transaction; answers rows. */
export async function writeBalances(
  client: ClientBase,
  asOf: DayNumber,
  balances: readonly StruckBalance[],
): Promise<number> {
  const ids = balances.map(({ meteringPointId }) => meteringPointId);
  const differing = balancesUnlike(await readBalances(client, ids), asOf, balances);
  return inTransaction(client, () => mergeBalances(client, asOf, differing));
}
