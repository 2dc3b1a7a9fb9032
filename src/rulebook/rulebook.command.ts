import { Command } from 'commander';
import { loadConfig } from '../config/config.js';
import { RefusedError } from '../config/errors.js';

/** `gridwarden rulebook …`: changing the rules takes a second person. */
export function rulebookCommand(): Command {
  return new Command('rulebook')
    .summary('propose a rulebook that changes or retires rules')
    .description('The rules by which is judged; a file that changes or retires any of them takes agreement.')
    .addHelpText(
      'after',
      '\nExample:\n  gridwarden rulebook propose new-rules.json --reason "the ban of RU-IRK was extended"',
    )
    .addCommand(
      new Command('propose')
        .summary('propose a rulebook file')
        .description(
          'Proposes a rulebook file in which rules are changed or retired. Once two people have agreed, put it in the ' +
            'place of the former one and start the service again.',
        )
        .argument('<file>', 'the new rulebook')
        .requiredOption('--reason <text>', 'why')
        .action(propose),
    );
}

async function propose(file: string, { reason }: { reason: string }): Promise<void> {
  const { openDatabase } = await import('../database/open-database.js');
  const { commandLineActor } = await import('../audit/record-export.js');
  const { inAuditedTransaction } = await import('../audit/audited-transaction.js');
  const { proposeOrApply } = await import('../approvals/propose-or-apply.js');
  const { loadRulebook } = await import('./rulebook-file.js');
  const { changeTo, rulebookChange } = await import('./rulebook-change.js');
  const { recordedRulebook, rulesGivenUp } = await import('./rulebook-record.js');
  const config = loadConfig(process.env);
  const rulebook = loadRulebook(file);
  const database = await openDatabase(config);
  try {
    const client = await database.connect();
    try {
      const recorded = await recordedRulebook(client);
      const rules = recorded === null ? [] : rulesGivenUp(rulebook, recorded);
      if (rules.length === 0)
        throw new RefusedError(
          'The file changes or retires no rule that was judged by: it needs no agreement.',
        );
      const { proposal } = await inAuditedTransaction(client, () =>
        proposeOrApply(
          client,
          rulebookChange,
          { subject: 'rulebook', change: changeTo(rulebook), summary: { version: rulebook.version, rules } },
          {
            by: { actor: commandLineActor().id, personId: null, organisation: '' },
            reason,
            now: new Date(),
            days: config.proposalDays,
            supersedes: true,
          },
        ),
      );
      process.stdout.write(
        proposal === null
          ? 'nobody signs in here yet: the file may be put in place\n'
          : `proposal ${proposal}: two people have to agree before the file may be put in place\n`,
      );
    } finally {
      await client.end();
    }
  } finally {
    await database.close();
  }
}
