import { Command } from 'commander';
import { loadConfig } from '../config/config.js';
import type { Backup } from './make-backup.js';

/** `gridwarden backup DIR` */
export function backupCommand(): Command {
  return new Command('backup')
    .summary('copy the whole installation into a folder')
    .description(
      'Copies every table as of one moment, the received files, photographs and the key of the audit log into a new folder, ' +
        'while the service may be at work. The folder appears when all of it is on disk. Keep it as secret as the database: ' +
        'it holds names, addresses and keys. Prints the hash that stands for all of it.',
    )
    .argument('<folder>', 'where to put it; it must not be there yet')
    .option('--json', 'print one JSON object')
    .action(async (folder: string, { json }: { json?: boolean }) => {
      const config = loadConfig(process.env);
      // Loaded here, so that --help does not wait for TypeORM.
      const { openRaw } = await import('../database/open-database.js');
      const { makeBackup } = await import('./make-backup.js');
      const database = await openRaw(config);
      try {
        const client = await database.connect();
        const request = { folder, dataDir: config.dataDir, now: new Date() };
        const backup = await makeBackup(client, request).finally(() => client.end());
        process.stdout.write(json ? `${JSON.stringify(asJson(backup))}\n` : report(backup, folder));
      } finally {
        await database.close();
      }
    });
}

/** Without the list of its parts, which is the manifest's. */
export function asJson({ manifest, sha256 }: Backup): Record<string, unknown> {
  const { version, at, postgres, migrations, tables, files, holds } = manifest;
  return {
    sha256,
    version,
    at,
    postgres,
    migrations: migrations.length,
    tables: tables.length,
    rows: sum(tables.map(({ rows }) => rows)),
    files: files.length,
    bytes: sum([...tables, ...files].map(({ bytes }) => bytes)),
    holds,
  };
}

function report(backup: Backup, folder: string): string {
  const { tables, rows, files, bytes, holds, sha256 } = asJson(backup);
  const lines = (holds as string[]).map((line) => `  ${line}\n`).join('');
  return (
    `${folder}: ${String(tables)} tables with ${String(rows)} rows, ${String(files)} files, ${String(bytes)} bytes\n${lines}` +
    `sha256 of manifest.json: ${String(sha256)}\n`
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
