import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openLogKey } from '../../src/audit/key-files.js';
import { signLatest } from '../../src/audit/checkpoints.js';
import { inTransaction } from '../../src/database/transaction.js';
import { connect } from '../../src/database/connection.js';
import { openUrl, type Database, type RawDatabase } from '../../src/database/open-database.js';
import { makeSchema } from '../../src/database/migrate.js';
import { makeBackup, type Backup } from '../../src/backup/make-backup.js';
import { readManifest } from '../../src/backup/manifest.js';
import { restoreBackup } from '../../src/backup/restore-backup.js';
import { backupCommand } from '../../src/backup/backup.command.js';
import { restoreCommand } from '../../src/backup/restore.command.js';
import { PhotographStore } from '../../src/cases/photograph-store.js';
import { dealDue } from '../../src/cases/deal-due.js';
import { ingestFile } from '../../src/uploads/ingest-file.js';
import { migrations } from '../../migrations/index.js';
import { firstFault } from '../audit/whole-log.js';
import { scored } from '../cases/suspicions.js';
import { mintKey, signIn } from '../support/access.js';
import { dropDatabase, emptyDatabaseUrl, testDatabase, testRunFolder } from '../support/database.js';

const LIMITS = { uploadMaxBytes: 1e9, unpackedMaxBytes: 1e9, rejectedRowsKept: 1000 };
const POINTS = 20;
const NOW = new Date('2026-03-01T00:00:00Z');

let base: string;
let dataDir: string;
let database: Database;
let backup: Backup;
const folder = (name: string) => path.join(base, name);

beforeAll(async () => {
  base = await mkdtemp(path.join(testRunFolder(), 'backup-'));
  dataDir = folder('data');
  database = await testDatabase();
  await fill(database);
  const client = await database.connect();
  backup = await makeBackup(client, { folder: folder('first'), dataDir, now: NOW });
  await client.end();
}, 120_000);
afterAll(async () => {
  await database.close();
  await rm(base, { recursive: true });
});

describe('a backup', () => {
  test('holds every table that has rows, and the files, each under its hash', async () => {
    const { manifest, sha256 } = await readManifest(folder('first'));
    expect([sha256, manifest]).toEqual([backup.sha256, backup.manifest]);
    const filled = new Map(manifest.tables.map(({ table, rows }) => [table, rows]));
    expect(filled.get('household_identity')).toBe(POINTS);
    expect(filled.get('load_profile_2026_01')).toBe(POINTS * 31);
    for (const table of [
      'alert',
      'case_file',
      'case_step',
      'person',
      'api_key',
      'audit_entry',
      'audit_checkpoint',
    ])
      expect([table, filled.get(table)! > 0]).toEqual([table, true]);
    const files = manifest.files.map(({ file }) => file.split('/').slice(0, 2).join('/'));
    expect([...new Set(files)]).toEqual(['files/spool', 'files/photographs', 'files/audit']);
    expect(files).toHaveLength(5);
  });

  test('is recorded where it was made', async () => {
    const [entry] = await database.dataSource.query<{ body: string }[]>(
      `select body from audit_entry where kind = 'backup.made'`,
    );
    expect(JSON.parse(entry.body)).toMatchObject({ sha256: backup.sha256 });
    expect(await firstFault(database)).toBeNull();
  });

  test('goes into a folder of its own, and appears whole or not at all', async () => {
    const client = await database.connect();
    const request = { folder: folder('first'), dataDir, now: NOW };
    await expect(makeBackup(client, request)).rejects.toThrow('is there already');
    // Looked after from the beginning: it may fail before the connection has ended.
    const refused = expect(makeBackup(client, { ...request, folder: folder('never') })).rejects.toThrow();
    await client.end();
    await refused;
    expect((await readdir(base)).filter((name) => name.startsWith('never'))).toEqual([]);
  });
});

describe('a restore', () => {
  test('brings back the same rows, files and record; and the service goes on from there', async () => {
    const target = await emptyTarget();
    const restored = await restoreBackup(target, { folder: folder('first'), dataDir: folder('restored') });
    expect(restored).toMatchObject({ sha256: backup.sha256, migrated: [] });
    const client = await target.connect();
    const again = await makeBackup(client, {
      folder: folder('again'),
      dataDir: folder('restored'),
      now: NOW,
    });
    await client.end();
    const contents = ({ manifest }: Backup) => [
      manifest.tables.map(({ table, rows, rowsSha256, partition }) => ({
        table,
        rows,
        rowsSha256,
        partition,
      })),
      manifest.files,
      manifest.sequences.filter(({ name }) => !name.startsWith('audit')),
    ];
    expect(contents(again)).toEqual(contents(backup));

    const opened = await openUrl(target.url, async () => {});
    expect(await firstFault(opened)).toBeNull();
    // What is derived comes again, new rows get new numbers, and what is never changed still is not.
    await ingest(opened, folder('restored'), 'readings', readings('2026-03-01', 2));
    await expect(opened.dataSource.query('delete from audit_entry')).rejects.toThrow(
      'never changed or removed',
    );
    expect(await firstFault(opened)).toBeNull();
    await opened.close();
  }, 120_000);

  test('refuses a database that is not empty, and a data folder with something else in it', async () => {
    const filled = { url: database.url, connect: database.connect, close: async () => {} };
    const request = { folder: folder('first'), dataDir: folder('other') };
    await expect(restoreBackup(filled, request)).rejects.toThrow(/^The database is not empty \(it has \w+\)/);
    const target = await emptyTarget();
    await openLogKey(folder('other'), null);
    await expect(restoreBackup(target, request)).rejects.toThrow(/log\.key is there, and is another one/);
    expect(await tablesOf(target)).toEqual([]);
  });

  test('refuses a backup of a newer version', async () => {
    const target = await emptyTarget();
    await changed('newer', (manifest) => manifest.migrations.push('Later9000000000000'));
    await expect(restore(target, 'newer')).rejects.toThrow(
      /made by a newer Gridwarden \(Later9000000000000\)/,
    );
    await changed('format', (manifest) => Object.assign(manifest, { format: 2 }));
    await expect(restore(target, 'format')).rejects.toThrow(/is damaged, or of a newer Gridwarden/);
    expect(await tablesOf(target)).toEqual([]);
  });

  test('finds a changed byte before it touches the database, and a wrong row count before it keeps a row', async () => {
    const target = await emptyTarget();
    const part = folder('first/tables/metering_point.copy.gz');
    const bytes = await readFile(part);
    bytes[bytes.length >> 1] ^= 1;
    await writeFile(part, bytes);
    await expect(restore(target, 'first')).rejects.toThrow(
      'tables/metering_point.copy.gz of the backup is not what',
    );
    bytes[bytes.length >> 1] ^= 1;
    await writeFile(part, bytes);
    await changed('rows', (manifest) => {
      manifest.tables.find(({ table }) => table === 'person')!.rows += 1;
    });
    await expect(restore(target, 'rows')).rejects.toThrow(/person\.copy\.gz of the backup does not hold/);
    expect(await tablesOf(target)).toEqual([]);
    // Nothing is in the way of the next try.
    await restore(target, 'first');
  });

  test('of an older version’s backup brings it up to date', async () => {
    const [source, target] = [await emptyTarget(), await emptyTarget()];
    await makeSchema(
      source.url,
      migrations.slice(0, 5).map(({ name }) => name),
    );
    const client = await source.connect();
    await client.query(`insert into utility (code, name) values ('old', 'Old')`);
    await makeBackup(client, { folder: folder('old'), dataDir: folder('nothing'), now: NOW });
    await client.end();
    expect((await restore(target, 'old')).migrated).toEqual(migrations.slice(5).map(({ name }) => name));
    const opened = await openUrl(target.url, async () => {});
    expect(await opened.dataSource.query('select code from utility')).toEqual([{ code: 'old' }]);
    await opened.close();
  });
});

test('the commands do the same, and say what is in it', async () => {
  const target = await emptyTarget();
  const said = await outputOf(database.url, () => run(backupCommand(), folder('by-command')));
  expect(said).toMatch(/names and addresses[\s\S]+sha256 of manifest\.json: [0-9a-f]{64}\n$/);
  const checked = await outputOf(target.url, () => run(restoreCommand(), folder('by-command'), '--check'));
  expect(checked).toMatch(/^whole: [0-9a-f]{64}\n$/);
  const restored = await outputOf(target.url, () => run(restoreCommand(), folder('by-command'), '--json'));
  expect(JSON.parse(restored)).toMatchObject({ tables: backup.manifest.tables.length, migrated: [] });
});

const targets: string[] = [];
afterAll(() => Promise.all(targets.map(dropDatabase)));

async function emptyTarget(): Promise<RawDatabase> {
  const url = await emptyDatabaseUrl();
  targets.push(url);
  return { url, connect: () => connect(url), close: async () => {} };
}

function restore(target: RawDatabase, name: string) {
  return restoreBackup(target, {
    folder: folder(name),
    dataDir: folder(`data-of-${name}-${targets.length}`),
  });
}

async function tablesOf(target: RawDatabase): Promise<string[]> {
  const client = await target.connect();
  const { rows } = await client.query<{ relname: string }>(
    `select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`,
  );
  await client.end();
  return rows.map(({ relname }) => relname);
}

/** A copy of the first backup whose manifest says something else. */
async function changed(name: string, change: (manifest: Backup['manifest']) => unknown): Promise<void> {
  const { cp } = await import('node:fs/promises');
  await cp(folder('first'), folder(name), { recursive: true });
  const { manifest } = await readManifest(folder(name));
  change(manifest);
  await writeFile(path.join(folder(name), 'manifest.json'), JSON.stringify(manifest));
}

/** Everything that an installation comes to hold. */
async function fill(db: Database): Promise<void> {
  const registry = Array.from(
    { length: POINTS },
    (_, at) => `P${at},RU-IRK,"Иванов ${at}","ул. Ленина\\${at}"\n`,
  );
  await ingest(
    db,
    dataDir,
    'registry',
    `metering_point,territory,consumer_name,address\n${registry.join('')}`,
  );
  await ingest(db, dataDir, 'readings', readings('2026-01-01', 40));
  await mintKey(db, 'operator');
  await signIn(db, 'inspector');
  const client = await db.connect();
  const { rows } = await client.query<{ id: number }>('select id from metering_point order by id limit 3');
  const asOf = Date.parse('2026-02-10') / 86_400_000;
  await scored(
    db,
    client,
    rows.map(({ id }) => ({ meteringPointId: id, asOf, monthKwh: 9000 })),
    NOW,
  );
  await dealDue(db.dataSource, NOW);
  const { key } = await openLogKey(dataDir, 'test.example/log');
  await inTransaction(client, () => signLatest(client, key, NOW));
  await client.end();
  await new PhotographStore(dataDir).put({ mediaType: 'image/jpeg', bytes: Buffer.from('a photograph') });
}

async function ingest(db: Database, dir: string, kind: 'registry' | 'readings', text: string): Promise<void> {
  const file = path.join(base, `${kind}.csv`);
  await writeFile(file, text);
  const request = { path: file, kind, utility: 'test', zone: null };
  const { receipt } = await ingestFile(db, { dataDir: dir, ...LIMITS }, request);
  expect(receipt).toMatchObject({ status: 'loaded', counts: { rejected: 0, held: 0 } });
}

function readings(firstDay: string, days: number): string {
  const start = Date.parse(`${firstDay}T00:00:00+08:00`);
  const lines = ['metering_point,start,kwh\n'];
  for (let hour = 0; hour < days * 24; hour++) {
    const time = new Date(start + hour * 3_600_000).toISOString();
    for (let point = 0; point < POINTS; point++)
      lines.push(`P${point},${time},${((point + hour) % 30) / 10}\n`);
  }
  return lines.join('');
}

function run(command: ReturnType<typeof backupCommand>, ...args: string[]): Promise<unknown> {
  return command.parseAsync(args, { from: 'user' });
}

async function outputOf(url: string, work: () => Promise<unknown>): Promise<string> {
  const stdout = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  Object.assign(process.env, { DATABASE_URL: url, GRIDWARDEN_DATA_DIR: folder('command-data') });
  try {
    await work();
    return stdout.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    stdout.mockRestore();
    delete process.env.DATABASE_URL;
    delete process.env.GRIDWARDEN_DATA_DIR;
  }
}
