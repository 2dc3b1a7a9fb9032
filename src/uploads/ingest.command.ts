import type { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config/config.js';
import { UtilityCode } from '../config/input-values.js';
import type { Connections } from '../database/open-connections.js';
import { UPLOAD_KINDS, type UploadKind } from './domain/upload-kind.js';
import { UNITS, type UploadOptions } from './domain/upload-options.js';
import type { Receipt } from './receipt.js';
import type { IngestResult } from './ingest-file.js';
import type { LoadProgress } from './load-options.js';
import { readingOf } from './upload-request.js';

interface IngestCommandOptions {
  readonly utility: string;
  readonly registry?: string;
  readonly kind?: UploadKind;
  readonly zone?: string;
  readonly profile?: string;
  readonly unit?: UploadOptions['unit'];
  readonly label?: UploadOptions['label'];
  readonly ct?: UploadOptions['ct'];
  readonly ctRatio?: number;
  readonly point?: string;
  readonly json?: boolean;
}

/** `gridwarden ingest FILE…` */
export function ingestCommand(): Command {
  return new Command('ingest')
    .summary('load files of readings (and their registry)')
    .description(
      'Loads files of any format in docs/formats.md, recognised by their content: our own CSV, long (metering_point,start,kwh[,quality]) or wide (metering_point,date,h00..h23), plain ' +
        'or gzip; register readings (metering_point,taken_at,register_kwh) and meter events (metering_point,at,journal,code). ' +
        'The same file twice changes nothing. Exit code 1 when a file was refused.',
    )
    .argument('[file...]', 'files to load, in this order')
    .option('--utility <code>', 'utility that sends the files', parseUtility, 'default')
    .option('--registry <file>', 'registry of metering points, loaded first')
    .addOption(
      new Option('--kind <kind>', 'what the files hold; default: recognised by their first line').choices(
        UPLOAD_KINDS,
      ),
    )
    .option(
      '--zone <zone>',
      'zone of times without an offset (Asia/Irkutsk, +08:00); default: the territory of each point',
    )
    .option('--profile <name>', 'saved upload profile: how files of this utility are read')
    .addOption(
      new Option('--unit <unit>', 'of the values (kW, W, MW: average power); default: kWh').choices(UNITS),
    )
    .addOption(
      new Option('--label <end>', 'which end of its interval a time names').choices(['start', 'end']),
    )
    .addOption(
      new Option('--ct <state>', 'whether the transformer ratio is in the values already').choices([
        'applied',
        'not-applied',
        'twice',
      ]),
    )
    .option('--ct-ratio <number>', 'the ratio, with --ct not-applied or twice', parseRatio)
    .option('--point <id>', 'the metering point of all values, where the file names none')
    .option('--json', 'print one receipt per line as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  gridwarden ingest --registry registry.csv readings.csv.gz\n' +
        '  gridwarden ingest --kind weather weather.csv\n  gridwarden ingest --zone +03:00 march.csv april.csv',
    )
    .action(async (files: string[], options: IngestCommandOptions, command: Command) => {
      if (files.length === 0 && options.registry === undefined)
        command.error('error: name at least one FILE, or --registry');
      const config = loadConfig(process.env);
      const { openConnections } = await import('../database/open-connections.js');
      const database = await openConnections(config);
      try {
        if (options.registry !== undefined)
          await ingest(database, config, options.registry, 'registry', options);
        for (const file of files) await ingest(database, config, file, options.kind ?? null, options);
      } finally {
        await database.close();
      }
    });
}

function parseUtility(text: string): string {
  const code = UtilityCode.safeParse(text);
  if (!code.success) throw new InvalidArgumentError(`${code.error.issues[0].message}.`);
  return code.data;
}

function parseRatio(text: string): number {
  const ratio = Number(text);
  if (!(ratio > 0 && ratio <= 22_000_000)) throw new InvalidArgumentError('a transformer ratio such as 40.');
  return ratio;
}

async function ingest(
  database: Connections,
  config: ReturnType<typeof loadConfig>,
  path: string,
  kind: UploadKind | null,
  { utility, zone, profile, unit, label, ct, ctRatio, point, json }: IngestCommandOptions,
): Promise<void> {
  const bar = await progressBar(path);
  let result: IngestResult;
  try {
    const onProgress = (progress: LoadProgress) => bar.show(progress);
    const asked = { utility, kind, zone, profile, unit, label, ct, ct_ratio: ctRatio, point };
    const reading = await readingOf(queries(database), asked);
    const { ingestFile } = await import('./ingest-file.js');
    result = await ingestFile(database, config, { path, utility, ...reading, onProgress });
  } finally {
    bar.stop();
  }
  print(result, json);
}

/** For the one query that a saved profile takes. */
function queries(database: Connections): Parameters<typeof readingOf>[0] {
  return {
    query: async <T>(sql: string, values: unknown[]): Promise<T> => {
      const client = await database.connect();
      try {
        return (await client.query(sql, values)).rows as T;
      } finally {
        await client.end();
      }
    },
  };
}

function print({ receipt, repeated }: IngestResult, json = false): void {
  process.stdout.write(
    json ? `${JSON.stringify({ ...receipt, repeated })}\n` : `${describe(receipt, repeated)}\n`,
  );
  if (receipt.status !== 'loaded') process.exitCode = 1;
}

/** A bar on a terminal, nothing in a log. */
async function progressBar(path: string): Promise<ProgressBar> {
  if (!process.stderr.isTTY) return new ProgressBar(null);
  const { SingleBar } = await import('cli-progress');
  const format = `${path} [{bar}] {percentage}% | {accepted} accepted, {rejected} rejected, {held} held | {eta_formatted} left`;
  return new ProgressBar(new SingleBar({ format, stream: process.stderr, hideCursor: true }));
}

class ProgressBar {
  constructor(private readonly bar: SingleBar | null) {
    bar?.start(1, 0, { accepted: 0, rejected: 0, held: 0 });
  }

  show({ bytesDone, bytesTotal, counts }: LoadProgress): void {
    this.bar?.setTotal(bytesTotal ?? bytesDone);
    this.bar?.update(bytesDone, { accepted: counts.accepted, rejected: counts.rejected, held: counts.held });
  }

  stop(): void {
    this.bar?.stop();
  }
}

/** What is counted as stored; null when nothing is. */
const STORED: Readonly<Record<UploadKind, string | null>> = {
  registry: 'metering points',
  readings: 'days',
  'transformer-readings': 'days',
  weather: null,
  registers: 'register readings',
  events: 'meter events',
  'point-codes': 'codes of metering points',
};

/** The receipt in a few plain lines. */
export function describe(receipt: Receipt, repeated: boolean): string {
  const { counts } = receipt;
  const head = `${receipt.filename}: ${receipt.status} (upload ${receipt.id})`;
  if (receipt.refusal !== null) return `${head}\n  ${receipt.refusal}`;
  if (receipt.question !== null) {
    const { text, about } = receipt.question;
    return `${head}\n  ${text}\n  answer: gridwarden answer ${receipt.id} --${about} …`;
  }
  const lines = [repeated ? `${head}, received before: nothing written` : head];
  lines.push(
    `  ${counts.rows} rows: ${counts.accepted} accepted, ${counts.blank} blank, ${counts.held} held, ${counts.rejected} rejected`,
  );
  const { created, changed, unchanged } = counts.stored;
  const what = STORED[receipt.kind as UploadKind];
  if (what !== null) {
    lines.push(`  ${what}: ${created} new, ${changed} changed, ${unchanged} unchanged`);
  }
  if (counts.passed_over > 0)
    lines.push(`  days' energies passed over, because finer readings are stored: ${counts.passed_over}`);
  if (counts.held > 0) {
    lines.push(
      '  held: the registry does not know these metering points yet; applied as soon as it names them',
    );
  }
  for (const [reason, number] of Object.entries(counts.rejected_by_reason))
    lines.push(`  rejected, ${reason}: ${number}`);
  if (counts.rejected > 0) {
    lines.push(`  the rows, to be mended: GET /api/v1/uploads/${receipt.id}/rejects (gridwarden serve)`);
  }
  for (const [check, found] of Object.entries(counts.checks)) lines.push(`  check ${check}: ${found}`);
  const { equal, different } = counts.duplicates;
  if (equal + different > 0)
    lines.push(`  twice in the file: ${equal} equal, ${different} different (the later stands)`);
  return lines.join('\n');
}
