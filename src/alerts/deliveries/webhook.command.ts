import { userInfo } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from 'pg';
import { commandLineActor } from '../../audit/record-export.js';
import { loadConfig, type Config } from '../../config/config.js';
import type { Database } from '../../database/open-database.js';
import { ALERT_KINDS, ALERT_STATES, type AlertKind, type AlertState } from '../domain/lifecycle.js';
import { deliveryHistory, replay, type HistoryRow } from './delivery-queue.js';
import {
  addSubscription,
  endpointUrl,
  listSubscriptions,
  removeSubscription,
  rotateSecret,
  subscriptionId,
  type SubscriptionStanding,
} from './subscriptions.js';

const HOUR_SECONDS = 3600;

interface AddOptions {
  readonly url: string;
  readonly territory?: string;
  readonly kind?: readonly AlertKind[];
  readonly state: readonly AlertState[];
}

/** `gridwarden webhook …`: endpoints that are told when an alert changes. */
export function webhookCommand(): Command {
  return new Command('webhook')
    .description('endpoints that are told when an alert changes (docs/alerts-out.md)')
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand())
    .addCommand(rotateCommand())
    .addCommand(replayCommand())
    .addCommand(historyCommand());
}

function addCommand(): Command {
  return new Command('add')
    .description('Adds an endpoint and prints its secret, the only time that it is shown.')
    .argument('<name>', 'name of the endpoint', parseName)
    .requiredOption('--url <url>', 'where to post')
    .option('--territory <code>', 'only alerts of this region (its municipalities included) or municipality')
    .addOption(new Option('--kind <kind...>', 'only alerts of these kinds').choices(ALERT_KINDS))
    .addOption(
      new Option('--state <state...>', 'changes to these states')
        .choices(ALERT_STATES)
        .default(['firing', 'resolved']),
    )
    .action((name: string, { url, territory, kind, state }: AddOptions) =>
      withClient(async ({ client, config }) => {
        const target = endpointUrl(url, config.webhookNetworks).href;
        const secret = await addSubscription(client, {
          ...{ channel: 'webhook', name, target, language: 'en', states: state },
          ...{ territory: territory ?? null, kinds: kind ?? null },
          createdBy: `command line as ${userInfo().username}`,
        });
        print(secret!);
      }),
    );
}

function listCommand(): Command {
  return new Command('list')
    .description('Prints the endpoints, with what waits for each and what was given up.')
    .option('--json', 'one JSON object a line')
    .action(({ json }: { json?: boolean }) =>
      withClient(async ({ database }) => {
        for (const endpoint of await listSubscriptions(database.dataSource, 'webhook'))
          print(json ? JSON.stringify(endpoint) : endpointLine(endpoint));
      }),
    );
}

function removeCommand(): Command {
  return new Command('remove')
    .description('Removes an endpoint; what it was still owed is owed no longer.')
    .argument('<name>')
    .action((name: string) =>
      withEndpoint(name, ({ client, id }) => removeSubscription(client, id, commandLineActor())),
    );
}

function rotateCommand(): Command {
  return new Command('rotate')
    .description('Makes a new secret and prints it; the old one signs beside it for a while.')
    .argument('<name>')
    .option('--overlap-hours <hours>', 'how long the old one goes on', parseHours, 24)
    .action((name: string, { overlapHours }: { overlapHours: number }) =>
      withEndpoint(name, async ({ client, id }) =>
        print(await rotateSecret(client, id, overlapHours * HOUR_SECONDS, commandLineActor())),
      ),
    );
}

function replayCommand(): Command {
  return new Command('replay')
    .description(
      'Sends again what was given up, under the same ids; with --delivery the one, delivered or not.',
    )
    .argument('<name>')
    .option('--delivery <number>', 'only this one, by its number in the history', parseCount)
    .action((name: string, { delivery = null }: { delivery?: number | null }) =>
      withEndpoint(name, async ({ client, id }) => {
        const count = await replay(client, id, delivery);
        process.stderr.write(`${count} messages are sent again\n`);
      }),
    );
}

function historyCommand(): Command {
  return new Command('history')
    .description('Prints the attempts to deliver, newest first.')
    .argument('<name>')
    .option('--limit <number>', 'at most so many', parseCount, 50)
    .option('--json', 'one JSON object a line')
    .action((name: string, { limit, json }: { limit: number; json?: boolean }) =>
      withEndpoint(name, async ({ database, id }) => {
        for (const row of await deliveryHistory(database.dataSource, id, limit))
          print(json ? JSON.stringify(row) : historyLine(row));
      }),
    );
}

interface Opened {
  readonly config: Config;
  readonly database: Database;
  readonly client: Client;
}

async function withClient(work: (opened: Opened) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env);
  const { openDatabase } = await import('../../database/open-database.js');
  const database = await openDatabase(config);
  try {
    const client = await database.connect();
    await work({ config, database, client }).finally(() => client.end());
  } finally {
    await database.close();
  }
}

function withEndpoint(name: string, work: (opened: Opened & { id: number }) => Promise<void>): Promise<void> {
  return withClient(async (opened) => {
    await work({ ...opened, id: await subscriptionId(opened.database.dataSource, 'webhook', name) });
  });
}

function endpointLine(endpoint: SubscriptionStanding): string {
  const { name, target, territory, kinds, states, waiting, dead, goneAt } = endpoint;
  const filter = [
    territory ?? 'everywhere',
    kinds?.join('+') ?? 'any kind',
    states?.join('+') ?? 'any state',
  ];
  const gone = goneAt === null ? '' : `\tgone since ${goneAt.toISOString()}`;
  return `${name}\t${target}\t${filter.join(', ')}\twaiting ${waiting}, dead ${dead}${gone}`;
}

function historyLine(row: HistoryRow): string {
  const attempt =
    row.at === null
      ? 'not tried yet'
      : `${row.at.toISOString()}\tattempt ${row.attempt}\t${row.result}${row.http_status === null ? '' : ` (${row.http_status})`}\t${row.duration_ms} ms`;
  return `${row.delivery}\t${row.message}\talert ${row.alert}\t${row.state}\t${attempt}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What may name a subscription: it stands in commands and tables. */
export function parseName(text: string): string {
  if (!/^[\w.-]{1,64}$/.test(text))
    throw new InvalidArgumentError('letters, digits, dot, dash and underscore, at most 64.');
  return text;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,9}$/.test(text) || count < 1) throw new InvalidArgumentError('give a whole number, 1 or more.');
  return count;
}

function parseHours(text: string): number {
  const hours = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || hours > 24 * 30)
    throw new InvalidArgumentError('give a number of hours, at most 720.');
  return hours;
}
