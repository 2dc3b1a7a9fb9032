import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { RefusedError } from '../config/errors.js';
import type { RawDatabase } from '../database/open-database.js';
import { bringUpToDate, makeSchema } from '../database/migrate.js';
import { inTransaction } from '../database/transaction.js';
import { keyMonths } from '../readings/profile-months.js';
import { columnList, references, storedTables, TEXT_SETTINGS } from './catalog.js';
import { loadOrder } from './domain/load-order.js';
import { DATA_FOLDERS, readManifest, type Manifest, type Part, type TablePart } from './manifest.js';
import { copyPart, readGzipPart, verifyPart } from './part-files.js';

export interface RestoreRequest {
  readonly folder: string;
  readonly dataDir: string;
}

export interface Restored {
  readonly manifest: Manifest;
  readonly sha256: string;
  /** What this version's migrations had to add. */
  readonly migrated: readonly string[];
}

/**
 * Every part of the backup against its hash. Returns the manifest and its own hash, to be compared with what was noted when
 * it was made.
 * @throws RefusedError the first part that is not what was written.
 */
export async function verifyBackup(folder: string): Promise<Omit<Restored, 'migrated'>> {
  const read = await readManifest(folder);
  for (const part of [...read.manifest.tables, ...read.manifest.files]) await verifyPart(folder, part);
  return read;
}

/**
 * Fills an empty database and data folder: the schema of the version that made the backup, its rows in one transaction, its
 * files, and then this version's migrations. When something fails, the database is empty again.
 *
 * @throws RefusedError the database or a file is in the way, the backup is damaged or newer than this version.
 */
export async function restoreBackup(
  database: RawDatabase,
  { folder, dataDir }: RestoreRequest,
): Promise<Restored> {
  const { manifest, sha256 } = await verifyBackup(folder);
  const client = await database.connect();
  try {
    await refuseFilledDatabase(client);
    const files = await missingFiles(manifest.files, dataDir);
    const undo = await makeSchema(database.url, manifest.migrations);
    try {
      await inTransaction(client, () => load(client, folder, manifest));
      await keyMonths(client);
    } catch (error) {
      await undo();
      throw error;
    }
    for (const part of files) await copyPart(folder, part, dataDir, targetOf(part));
    return { manifest, sha256, migrated: await bringUpToDate(database.url, client) };
  } finally {
    await client.end();
  }
}

async function refuseFilledDatabase(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = current_schema()::regnamespace
       and relkind in ('r', 'p', 'v', 'm', 'S') limit 1`,
  );
  if (rows.length > 0)
    throw new RefusedError(
      `The database is not empty (it has ${rows[0].name}); restore into a new database, or a new data folder.`,
    );
}

async function load(client: Client, folder: string, manifest: Manifest): Promise<void> {
  await client.query(TEXT_SETTINGS);
  for (const part of manifest.tables) await makePartition(client, part);
  const tables = (await storedTables(client)).map(({ table }) => table);
  const byTable = new Map(manifest.tables.map((part) => [part.table, part]));
  // What a trigger would refuse or add was refused or added when the rows were written first.
  for (const table of tables) await client.query(`alter table "${table}" disable trigger user`);
  await client.query(`truncate ${tables.map((table) => `"${table}"`).join(', ')}`);
  for (const table of loadOrder(tables, await references(client))) {
    const part = byTable.get(table);
    if (part !== undefined) await loadTable(client, folder, part);
  }
  for (const { name, value, called } of manifest.sequences)
    await client.query('select setval($1::regclass, $2, $3)', [`"${name}"`, value, called]);
  // Deferred constraints have their say before the triggers that go with them are asked again.
  await client.query('set constraints all immediate');
  for (const table of tables) await client.query(`alter table "${table}" enable trigger user`);
}

/** Months are partitions that the service makes as readings come. */
async function makePartition(client: Client, { table, partition }: TablePart): Promise<void> {
  if (partition === null) return;
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    `"${table}"`,
  ]);
  if (!rows[0].there)
    await client.query(`create table "${table}" partition of "${partition.of}" ${partition.bound}`);
}

async function loadTable(client: Client, folder: string, part: TablePart): Promise<void> {
  const into = client.query(copyFrom(`copy "${part.table}" ${columnList(part.columns)} from stdin`));
  const sha256 = await readGzipPart(folder, part, into);
  if (into.rowCount !== part.rows || sha256 !== part.rowsSha256)
    throw new RefusedError(`${part.file} of the backup does not hold what its manifest says.`);
}

/** @throws RefusedError a file with other content lies where one would go. */
async function missingFiles(files: readonly Part[], dataDir: string): Promise<Part[]> {
  const missing: Part[] = [];
  for (const part of files) {
    const target = path.join(dataDir, targetOf(part));
    if ((await stat(target).catch(() => null)) === null) missing.push(part);
    else
      await verifyPart(dataDir, { ...part, file: targetOf(part) }).catch(() => {
        throw new RefusedError(`${target} is there, and is another one; restore into a new data folder.`);
      });
  }
  return missing;
}

/** Below the data folder, and there only where a backup puts files. */
function targetOf({ file }: Part): string {
  const target = file.replace(/^files\//, '');
  if (!DATA_FOLDERS.some((name) => target.startsWith(`${name}/`)))
    throw new RefusedError(`${file} of the backup has no place in a data folder.`);
  return target;
}
