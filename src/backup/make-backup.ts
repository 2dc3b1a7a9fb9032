import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { RefusedError, UsageError } from '../config/errors.js';
import { version } from '../config/version.js';
import { appendAudit, systemActor } from '../audit/append-audit.js';
import { inTransaction } from '../database/transaction.js';
import {
  appliedMigrations,
  columnList,
  sequences,
  storedTables,
  TEXT_SETTINGS,
  type StoredTable,
} from './catalog.js';
import { DATA_FOLDERS, FORMAT, MANIFEST_FILE, type Manifest, type Part, type TablePart } from './manifest.js';
import { syncFolder, writeGzipPart, writePart } from './part-files.js';

export interface BackupRequest {
  /** Where it will lie; nothing may lie there yet. */
  readonly folder: string;
  readonly dataDir: string;
  readonly now: Date;
}

export interface Backup {
  readonly manifest: Manifest;
  /** Of manifest.json, which holds the hash of everything else. */
  readonly sha256: string;
}

/** In words, for who finds it. */
const HOLDS = [
  'every table of one moment: readings, scores, alerts, cases, names and addresses of households, password hashes, secrets of webhooks',
  'received files and photographs',
  'the key that signs the audit log',
  'not in it: settings, the rulebook file, the key of the identity provider; and what is derived from these tables',
];

/**
 * Copies an installation that may be at work: the tables as one moment saw them, then the files, which are written before
 * a row speaks of them. The folder appears under its name when all of it is on disk.
 *
 * @throws RefusedError nothing to back up, or the schema is being changed; UsageError the folder is taken.
 */
export async function makeBackup(client: Client, { folder, dataDir, now }: BackupRequest): Promise<Backup> {
  if ((await stat(folder).catch(() => null)) !== null)
    throw new UsageError(`${folder} is there already; a backup goes into a folder of its own.`);
  const draft = `${folder}.partial-${process.pid}`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    const manifest = { ...(await copyDatabase(client, draft, now)), files: await copyFiles(dataDir, draft) };
    const text = `${JSON.stringify(manifest, null, 1)}\n`;
    const { sha256 } = await writePart(draft, MANIFEST_FILE, Readable.from([text]));
    for (const below of await folders(draft)) await syncFolder(below);
    await rename(draft, folder);
    await syncFolder(path.dirname(path.resolve(folder)));
    await record(client, manifest, sha256);
    return { manifest, sha256 };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

async function copyDatabase(client: Client, draft: string, now: Date): Promise<Omit<Manifest, 'files'>> {
  await client.query('begin transaction isolation level repeatable read read only');
  try {
    await client.query(TEXT_SETTINGS);
    const migrations = await appliedMigrations(client);
    if (migrations === null)
      throw new RefusedError('There is nothing to back up: the database holds no Gridwarden.');
    const stored = await storedTables(client);
    // A migration waits from here on until the copy is done.
    await client.query(
      `lock table ${stored.map(({ table }) => `"${table}"`).join(', ')} in access share mode`,
    );
    const tables: TablePart[] = [];
    for (const table of stored) tables.push(await copyTable(client, draft, table));
    const { rows } = await client.query<{ postgres: string }>(
      `select current_setting('server_version') as postgres`,
    );
    return {
      format: FORMAT,
      version: version(),
      at: now.toISOString(),
      postgres: rows[0].postgres,
      migrations,
      holds: HOLDS,
      tables,
      sequences: await sequences(client),
    };
  } finally {
    await client.query('rollback').catch(() => undefined);
  }
}

async function copyTable(
  client: Client,
  draft: string,
  { table, columns, partition }: StoredTable,
): Promise<TablePart> {
  const rows = client.query(copyTo(`copy "${table}" ${columnList(columns)} to stdout`));
  const { contentSha256, ...part } = await writeGzipPart(draft, `tables/${table}.copy.gz`, rows);
  return { ...part, table, columns: [...columns], rows: rows.rowCount, rowsSha256: contentSha256, partition };
}

async function copyFiles(dataDir: string, draft: string): Promise<Part[]> {
  const parts: Part[] = [];
  for (const name of DATA_FOLDERS) {
    for (const file of await filesBelow(path.join(dataDir, name))) {
      const target = `files/${path.posix.join(name, file)}`;
      parts.push(await writePart(draft, target, createReadStream(path.join(dataDir, name, file))));
    }
  }
  return parts;
}

/** Without those that are still being received or written, which have random names. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith(`incoming${path.sep}`) && !/\.[0-9a-f-]{12,}$/.test(file))
    .sort();
}

async function folders(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const below = entries.filter((entry) => entry.isDirectory());
  return [...below.map((entry) => path.join(entry.parentPath, entry.name)), root];
}

/** That everything left the database, and under which hash: it is a read of all personal data. */
async function record(client: Client, { tables, at }: Manifest, sha256: string): Promise<void> {
  if (!tables.some(({ table }) => table === 'audit_entry')) return;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  await inTransaction(client, () =>
    appendAudit(client, [
      {
        actor: systemActor('backup', null),
        kind: 'backup.made',
        subject: `backup ${sha256.slice(0, 12)}`,
        body: { at, rows, sha256 },
      },
    ]),
  );
}
