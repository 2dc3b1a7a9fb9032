import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { Database } from '../../src/database/open-database.js';
import { ingestFile, type IngestRequest } from '../../src/uploads/ingest-file.js';
import type { Receipt } from '../../src/uploads/receipt.js';
import { testDatabase } from '../support/database.js';

/** A migrated database of its own with a spool, into which files are loaded from their text. */
export interface Intake {
  readonly database: Database;
  readonly client: Client;
  /** Its data folder. */
  readonly folder: string;
  load(content: string | Buffer, request?: Partial<IngestRequest>): Promise<Receipt>;
  /** metering_point.id of an external id. */
  idOf(externalId: string): Promise<number>;
  close(): Promise<void>;
}

export async function openIntake(registry: string, zone: string | null = null): Promise<Intake> {
  const folder = await mkdtemp(join(tmpdir(), 'gridwarden-intake-'));
  const database = await testDatabase();
  const client = await database.connect();
  const limits = { dataDir: folder, uploadMaxBytes: 1e9, unpackedMaxBytes: 1e9, rejectedRowsKept: 1000 };
  let files = 0;
  const intake: Intake = {
    database,
    client,
    folder,
    load: async (content, request = {}) => {
      const path = join(folder, `file-${files++}.csv`);
      await writeFile(path, content);
      const { receipt } = await ingestFile(database, limits, {
        path,
        kind: 'readings',
        utility: 'test',
        zone: null,
        ...request,
      });
      return receipt;
    },
    idOf: async (externalId) => {
      const found = await client.query<{ id: number }>(
        `select id from metering_point where external_id = $1 and kind = 'household'`,
        [externalId],
      );
      return found.rows[0].id;
    },
    close: async () => {
      await client.end();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
  const receipt = await intake.load(registry, { kind: 'registry', zone });
  if (receipt.status !== 'loaded') throw new Error(receipt.refusal ?? receipt.status);
  return intake;
}
