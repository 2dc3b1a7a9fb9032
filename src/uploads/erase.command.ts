import { Command } from 'commander';
import { withDatabase } from '../access/with-database.js';
import { loadConfig } from '../config/config.js';

/** `gridwarden erase HOUSEHOLD` */
export function eraseCommand(): Command {
  return new Command('erase')
    .summary('propose to erase a household: identity, readings, and what was derived of them')
    .description(
      'Erases whose household it is, every reading of its metering points and what was derived of them; on record. There is ' +
        'no way back, so two people have to agree first (POST /api/v1/proposals/:id/agreement); before anybody signs in it is ' +
        'done at once. Refused while an alert of it is open.',
    )
    .argument('<household>', 'the household, as the registry calls it')
    .option('--utility <code>', 'its utility', 'default')
    .requiredOption('--reason <text>', 'why: the request or decision')
    .action(async (household: string, { utility, reason }: { utility: string; reason: string }) => {
      const { commandLineActor } = await import('../audit/record-export.js');
      const { eraseHousehold } = await import('./erase-household.js');
      const { proposalDays: days } = loadConfig(process.env);
      await withDatabase(async (database) => {
        const client = await database.connect();
        try {
          const by = { actor: commandLineActor().id, reason, now: new Date(), days };
          const done = await eraseHousehold(client, { utility, household, ...by });
          const points = `${done.meteringPointIds.length} metering points`;
          process.stdout.write(
            done.proposal === null
              ? `erased: ${points}\n`
              : `proposal ${done.proposal}: ${points}; erased when two people have agreed, within ${days} days\n`,
          );
        } finally {
          await client.end();
        }
      });
    });
}
