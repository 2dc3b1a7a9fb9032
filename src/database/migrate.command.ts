import { Command } from 'commander';
import { loadConfig } from '../config/config.js';

/** `gridwarden migrate`: brings the schema up to date, which `serve` and every other command do too, and says what was done. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database schema up to date and print what was applied')
    .option('--json', 'print one JSON object: {"applied": [names]}')
    .action(async (options: { json?: boolean }) => {
      // Loaded here, so that --help does not wait for TypeORM.
      const { openDatabase } = await import('./open-database.js');
      const database = await openDatabase(loadConfig(process.env));
      await database.close();
      process.stdout.write(
        `${options.json ? JSON.stringify({ applied: database.appliedMigrations }) : report(database)}\n`,
      );
    });
}

function report({ appliedMigrations }: { appliedMigrations: readonly string[] }): string {
  return appliedMigrations.length === 0 ? 'the schema is up to date' : appliedMigrations.join('\n');
}
