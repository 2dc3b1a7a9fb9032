import { userInfo } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from 'pg';
import { z } from 'zod';
import { commandLineActor } from '../../audit/record-export.js';
import { loadConfig } from '../../config/config.js';
import type { Database } from '../../database/open-database.js';
import type { Language } from './domain/digest-text.js';
import { addSubscription, listSubscriptions, removeSubscription, subscriptionId } from './subscriptions.js';
import { parseName } from './webhook.command.js';

interface AddOptions {
  readonly to: string;
  readonly language: Language;
  readonly territory?: string;
}

/** `gridwarden digest …`: inspectors who are mailed what changed. */
export function digestCommand(): Command {
  return new Command('digest')
    .description('inspectors who are mailed what changed (docs/alerts-out.md)')
    .addCommand(
      new Command('add')
        .description(
          'Mails this inspector from the next change on. Needs GRIDWARDEN_SMTP_URL in the service.',
        )
        .argument('<name>', 'name of the subscription', parseName)
        .requiredOption('--to <address>', 'the e-mail address', parseAddress)
        .addOption(new Option('--language <language>', 'of the mail').choices(['ru', 'en']).default('ru'))
        .option(
          '--territory <code>',
          'only alerts of this region (its municipalities included) or municipality',
        )
        .action((name: string, { to, language, territory }: AddOptions) =>
          withClient(async (_, client) => {
            await addSubscription(client, {
              ...{ channel: 'mail', name, target: to, language, territory: territory ?? null },
              ...{ kinds: null, states: ['firing', 'resolved'] },
              createdBy: `command line as ${userInfo().username}`,
            });
          }),
        ),
    )
    .addCommand(
      new Command('list').description('Prints who is mailed.').action(() =>
        withClient(async ({ dataSource }) => {
          for (const { name, target, language, territory, waiting } of await listSubscriptions(
            dataSource,
            'mail',
          ))
            process.stdout.write(
              `${name}\t${target}\t${language}\t${territory ?? 'everywhere'}\twaiting ${waiting}\n`,
            );
        }),
      ),
    )
    .addCommand(
      new Command('remove')
        .description('Mails this inspector no more.')
        .argument('<name>')
        .action((name: string) =>
          withClient(async ({ dataSource }, client) =>
            removeSubscription(client, await subscriptionId(dataSource, 'mail', name), commandLineActor()),
          ),
        ),
    );
}

async function withClient(work: (database: Database, client: Client) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env);
  const { openDatabase } = await import('../../database/open-database.js');
  const database = await openDatabase(config);
  try {
    const client = await database.connect();
    await work(database, client).finally(() => client.end());
  } finally {
    await database.close();
  }
}

function parseAddress(text: string): string {
  if (!z.email().safeParse(text).success) throw new InvalidArgumentError('give an e-mail address.');
  return text;
}
