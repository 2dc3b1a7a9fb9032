import { Command } from 'commander';
import { loadConfig } from '../config/config.js';
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
      const { loadRulebook } = await import('../rulebook/rulebook-file.js');
      const rulebook = loadRulebook(loadConfig(process.env).rulebookFile);
      await withDatabase(async (database) => {
        const client = await database.connect();
        try {
          const request = { name: id, by: commandLineActor(), now: new Date() };
          process.stdout.write(await householdFile(client, rulebook, request));
        } finally {
          await client.end();
        }
      });
    });
}
