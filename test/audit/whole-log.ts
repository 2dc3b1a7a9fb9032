import type { Database } from '../../src/database/open-database.js';
import type { Fault, FoundEntry } from '../../src/audit/domain/chain-check.js';
import { inSnapshot } from '../../src/audit/read-log.js';
import { verifyDatabase } from '../../src/audit/verify-log.js';
import { RecordedSeals, verifyReadings } from '../../src/audit/verify-readings.js';
import { RecordedRecords, verifyRecords } from '../../src/audit/verify-records.js';
import { verifyRows } from '../../src/audit/verify-rows.js';

/** The first thing wrong with the database's log or its readings; null when all is whole. */
export async function firstFault(database: Pick<Database, 'connect'>): Promise<Fault | null> {
  const client = await database.connect();
  try {
    return await inSnapshot(client, async () => {
      const seals = new RecordedSeals();
      const records = new RecordedRecords();
      const onEntry = (entry: FoundEntry) => {
        seals.take(entry);
        records.take(entry);
      };
      const { fault } = await verifyDatabase(client, { seen: [], logKey: null, onEntry });
      return (
        fault ??
        (await verifyRecords(client, records, seals.forgotten)) ??
        (await verifyReadings(client, seals)) ??
        (await verifyRows(client, seals))
      );
    });
  } finally {
    await client.end();
  }
}
