import { Command, InvalidArgumentError, Option } from 'commander';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { Client } from 'pg';
import { loadConfig, type Config } from '../../config/config.js';
import { RefusedError } from '../../config/errors.js';
import { lineOfText } from '../../config/input-values.js';
import type { ImportSummary } from './import-outcomes.js';
import type { ShadowFormat, WeightsFormat } from './weights-output.js';

/** What the weights commands run, loaded when one of them is asked for. */
const load = async () => ({
  ...(await import('./import-outcomes.js')),
  ...(await import('./run-shadow.js')),
  ...(await import('./weight-sets.js')),
  ...(await import('./weights-output.js')),
  ...(await import('./weights-adoption.js')),
  ...(await import('../../approvals/propose-or-apply.js')),
  ...(await import('../../audit/audited-transaction.js')),
  ...(await import('../../audit/record-export.js')),
  ...(await import('../../rulebook/rulebook-file.js')),
});
type Tools = Awaited<ReturnType<typeof load>>;

/** `gridwarden weights …`: what inspectors' decisions say about the weights of evidence. */
export function weightsCommand(): Command {
  const weights = new Command('weights')
    .summary('refit the weights of evidence to decisions')
    .description(
      'Refits the weights of evidence to what inspections found, shows what that would change, and puts it in force. ' +
        'A fitted set ranks nothing before it was run in shadow and adopted by name.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  gridwarden weights import-outcomes inspections.csv\n  gridwarden weights fit\n' +
        '  gridwarden weights shadow 3fa9c1d2 --format csv > differences.csv\n' +
        '  gridwarden weights adopt 3fa9c1d2 --by "A. Ivanova" --reason "spares the new boilers"',
    );
  const subcommands = [
    importCommand(),
    fitCommand(),
    listCommand(),
    showCommand(),
    shadowCommand(),
    adoptCommand(),
  ];
  for (const command of subcommands) weights.addCommand(command);
  return weights;
}

function importCommand(): Command {
  return new Command('import-outcomes')
    .summary('take past inspections from a CSV file')
    .description(
      'Takes past inspections: metering_point,outcome,arm,decided_at[,inclusion_probability][,utility], where outcome is ' +
        'confirmed or dismissed and arm is targeted or random_audit. The same file twice changes nothing. Refused rows ' +
        'are named on stderr with line and field; exit code 1 when none could be taken.',
    )
    .argument('<file>', 'CSV file')
    .action((file: string) =>
      withDatabase(async (client, tools) => {
        const source = path.basename(file).replace(/\p{Cc}/gu, ' ');
        const summary = await tools.importOutcomes(client, readFile(file), { source, now: new Date() });
        process.stderr.write(tools.refusedText(summary));
        process.stdout.write(describe(summary));
        if (summary.recorded + summary.known === 0) process.exitCode = 1;
      }),
    );
}

async function* readFile(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file) as AsyncIterable<Buffer>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RefusedError(`${file} can't be read: ${code ?? message}.`, { cause: error });
  }
}

function describe({ recorded, known, refused }: ImportSummary): string {
  return `${recorded} outcomes recorded, ${known} known before, ${refused.length} rows refused\n`;
}

function fitCommand(): Command {
  return new Command('fit')
    .summary('fit weights to all decisions, as a set in shadow')
    .description(
      'Fits weights to all decisions and keeps them as a set in shadow. Without decisions nothing changes.',
    )
    .addOption(formatOption(['table', 'json']))
    .action(({ format }: { format: WeightsFormat }) =>
      withDatabase(async (client, tools) => {
        const { set, report, isNew } = await tools.fitWeightSet(client, new Date());
        process.stdout.write(
          format === 'json' ? tools.json({ ...set, isNew, report }) : tools.reportText(report),
        );
        process.stderr.write(
          isNew
            ? `weight set ${set.version} is in shadow; gridwarden weights shadow ${set.version} lists what it would change\n`
            : `these are the weights of set ${set.version}, which is known already\n`,
        );
      }),
    );
}

function listCommand(): Command {
  return new Command('list')
    .summary('list the weight sets')
    .description('Lists the weight sets, newest first.')
    .addOption(formatOption(['table', 'json']))
    .action(({ format }: { format: WeightsFormat }) =>
      withDatabase(async (client, tools) => {
        process.stdout.write(tools.listText(await tools.listWeightSets(client), format));
      }),
    );
}

function showCommand(): Command {
  return new Command('show')
    .summary('show one weight set and how it was fitted')
    .description(
      'Shows the weights of one set beside the starting ones, what they were fitted to, and how well.',
    )
    .argument('<version>', 'version, or its first digits', parseVersion)
    .addOption(formatOption(['table', 'json']))
    .action((version: string, { format }: { format: WeightsFormat }) =>
      withDatabase(async (client, tools) => {
        process.stdout.write(tools.setText(await tools.findWeightSet(client, version), format));
      }),
    );
}

function shadowCommand(): Command {
  return new Command('shadow')
    .summary('list what a set would change')
    .description(
      'Weighs all stored evidence anew with a set and lists the differences: which metering points would become or cease ' +
        'to be worthy of a case, and the largest changes of score. Nothing is changed.',
    )
    .argument('<version>', 'version, or its first digits', parseVersion)
    .addOption(formatOption(['table', 'csv', 'json']))
    .action((version: string, { format }: { format: ShadowFormat }) =>
      withDatabase(async (client, tools, { rulebookFile }) => {
        const set = await tools.findWeightSet(client, version);
        const rulebook = tools.loadRulebook(rulebookFile);
        const summary = await tools.runShadow(client, set, { rulebook, now: new Date() });
        process.stdout.write(tools.shadowText(summary, format));
      }),
    );
}

function adoptCommand(): Command {
  return new Command('adopt')
    .summary('put a set in force')
    .description(
      'Proposes to put a set in force from the next scoring run on; two people agree first, once there are people who may. ' +
        'Only a set that was run in shadow can be adopted, a retired one again; name and reason are kept.',
    )
    .argument('<version>', 'version, or its first digits', parseVersion)
    .requiredOption('--by <name>', 'who decides', parseLine)
    .requiredOption('--reason <text>', 'why', parseLine)
    .action((version: string, { by, reason }: { by: string; reason: string }) =>
      withDatabase(async (client, tools, config) => {
        const set = await tools.findWeightSet(client, version);
        const now = new Date();
        const proposer = { actor: tools.commandLineActor().id, personId: null, organisation: '' };
        const { proposal } = await tools.inAuditedTransaction(client, async () => {
          const asked = { version: set.version, by, reason };
          const prepared = await tools.weightsAdoption.prepare(
            client,
            asked,
            { ...proposer, utilityId: null },
            now,
          );
          const days = config.proposalDays;
          return tools.proposeOrApply(client, tools.weightsAdoption, prepared, {
            by: proposer,
            reason,
            now,
            days,
          });
        });
        if (set.report?.worthAdopting === false)
          process.stderr.write(
            'warning: this set was said to be not worth adopting (gridwarden weights show)\n',
          );
        process.stdout.write(
          proposal === null
            ? `weight set ${set.version} is in force from the next scoring run on\n`
            : `proposal ${proposal}: weight set ${set.version} is in force once two people agree\n`,
        );
      }),
    );
}

function formatOption(formats: readonly string[]): Option {
  return new Option('--format <format>', 'how to print').choices(formats).default('table');
}

function parseVersion(text: string): string {
  if (!/^[0-9a-f]{4,16}$/i.test(text))
    throw new InvalidArgumentError('give a version, 16 hexadecimal digits, or its first 4 or more.');
  return text;
}

const Line = lineOfText(500).trim().min(1);

function parseLine(text: string): string {
  const line = Line.safeParse(text);
  if (!line.success) throw new InvalidArgumentError('give one line of text, up to 500 characters.');
  return line.data;
}

async function withDatabase(
  work: (client: Client, tools: Tools, config: Config) => Promise<void>,
): Promise<void> {
  const config = loadConfig(process.env);
  const { openDatabase } = await import('../../database/open-database.js');
  const database = await openDatabase(config);
  try {
    const client = await database.connect();
    try {
      await work(client, await load(), config);
    } finally {
      await client.end();
    }
  } finally {
    await database.close();
  }
}
