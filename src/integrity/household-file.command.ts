import { Command } from 'commander';
import { withDatabase } from '../access/with-database.js';

/** `gridwarden household-file`: what is held about a household, for the household. */
export function householdFileCommand(): Command {
  return new Command('household-file')
    .summary('print what is held about a household, in Russian')
    .description(
      'Prints what is held about the household at a metering point, who has seen it, what was decided and why, in plain ' +
        'Russian. That it was printed is recorded in the audit log.',
    )
    .argument('<id>', "the metering point's id, as the utility writes it, or its number here")
    .addHelpText('after', '\nExample:\n  gridwarden household-file P-00017 > file.md')
    .action(async (id: string) => {
      const { commandLineActor } = await import('../audit/record-export.js');
      const { householdFile } = await import('./household-file.js');
      await withDatabase(async (database) => {
        const client = await database.connect();
        try {
          process.stdout.write(await householdFile(client, id, commandLineActor(), new Date()));
        } finally {
          await client.end();
        }
      });
    });
}
