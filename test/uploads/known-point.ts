import type { ClientBase } from 'pg';
import { inAuditedTransaction, recordAtEnd } from '../../src/audit/audited-transaction.js';
import { sealRows } from '../../src/audit/row-seals.js';

/** Puts a metering point into the registry while nothing is loaded, on record as a registry file would; answers its id. */
export async function makeKnown(
  client: ClientBase,
  name: string,
  of: { readonly utility: string; readonly territory: string },
): Promise<number> {
  return inAuditedTransaction(client, async () => {
    const { rows } = await client.query<{ id: number }>(
      `insert into metering_point (utility_id, kind, external_id, territory_code)
       select id, 'household', $1, $2 from utility where code = $3 returning id`,
      [name, of.territory, of.utility],
    );
    const [{ id }] = rows;
    recordAtEnd(client, ...(await sealRows(client, { of: 'registry', ids: [id], uploadId: null })));
    return id;
  });
}
