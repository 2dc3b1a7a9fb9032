import { Command } from 'commander';
import { loadConfig } from '../config/config.js';
import { asJson } from './backup.command.js';

interface RestoreOptions {
  readonly check?: boolean;
  readonly json?: boolean;
}

/** `gridwarden restore DIR` */
export function restoreCommand(): Command {
  return new Command('restore')
    .summary('fill an empty installation from a backup')
    .description(
      'Compares every part of a backup with its hash, fills an empty database and the data folder from it, and brings the ' +
        'schema up to date. Refuses a database that is not empty, and a backup of a newer version. Verify the record ' +
        'afterwards: gridwarden audit verify.',
    )
    .argument('<folder>', 'the backup')
    .option('--check', 'only compare the backup with its hashes; no database is needed')
    .option('--json', 'print one JSON object')
    .action(async (folder: string, { check, json }: RestoreOptions) => {
      const config = loadConfig(process.env);
      // Loaded here, so that --help does not wait for TypeORM.
      const { openRaw } = await import('../database/open-database.js');
      const { restoreBackup, verifyBackup } = await import('./restore-backup.js');
      if (check) {
        const verified = await verifyBackup(folder);
        process.stdout.write(json ? `${JSON.stringify(asJson(verified))}\n` : `whole: ${verified.sha256}\n`);
        return;
      }
      const database = await openRaw(config);
      try {
        const restored = await restoreBackup(database, { folder, dataDir: config.dataDir });
        const { at, rows } = asJson(restored);
        process.stdout.write(
          json
            ? `${JSON.stringify({ ...asJson(restored), migrated: restored.migrated })}\n`
            : `restored ${String(rows)} rows as of ${String(at)} (sha256 ${restored.sha256})\n`,
        );
      } finally {
        await database.close();
      }
    });
}
