import type { DataSource } from 'typeorm';
import { inCaseTransaction } from './case-transaction.js';
import { dealCases } from './deal-cases.js';

/** Deals what waits to inspectors of all organisations; answers how many cases were dealt. */
export async function dealDue(dataSource: DataSource, now: Date): Promise<number> {
  const by = { actor: 'dealing', personId: null };
  const { deals } = await inCaseTransaction(dataSource, (client) =>
    dealCases(client, { by, now, organisation: null }),
  );
  return deals.length;
}
