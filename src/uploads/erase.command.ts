import { Command } from 'commander';
import { loadConfig } from '../config/config.js';
import { systemActor } from '../audit/append-audit.js';

/** `gridwarden erase HOUSEHOLD` */
export function eraseCommand(): Command {
  return new Command('erase')
    .summary('erase a household: identity, readings, and what was derived of them')
    .description(
      'Erases whose household it is, every reading of its metering points and what was derived of them; on record. There is ' +
        'no way back. Refused while an alert of it is open.',
    )
    .argument('<household>', 'the household, as the registry calls it')
    .option('--utility <code>', 'its utility', 'default')
    .requiredOption('--reason <text>', 'why: the request or decision')
    .action(async (household: string, { utility, reason }: { utility: string; reason: string }) => {
      const { openDatabase } = await import('../database/open-database.js');
      const { eraseHousehold } = await import('./erase-household.js');
      const database = await openDatabase(loadConfig(process.env));
      try {
        const client = await database.connect();
        try {
          const actor = systemActor('command line', utility);
          const { meteringPointIds, rows } = await eraseHousehold(client, {
            utility,
            household,
            actor,
            reason,
          });
          process.stdout.write(`erased: ${meteringPointIds.length} metering points\n`);
          for (const [table, count] of Object.entries(rows)) process.stdout.write(`  ${table}: ${count}\n`);
        } finally {
          await client.end();
        }
      } finally {
        await database.close();
      }
    });
}
