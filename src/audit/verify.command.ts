import { Command } from 'commander';
import type { Client } from 'pg';
import { loadConfig, type Config } from '../config/config.js';
import { collectKey, withBar, withDatabase } from './command-tools.js';
import type { Fault, FoundEntry, SeenTree } from './domain/chain-check.js';
import { NOTE_KEY, type VerifierKey } from './domain/signed-note.js';
import type { Verification } from './verify-log.js';

/** Something outside the database that the log speaks of, compared with its newest entry of one kind. */
export interface RecordCheck {
  readonly kind: string;
  /** What is different, as the end of a sentence; null when nothing is. */
  readonly compare: (config: Config, body: Readonly<Record<string, unknown>>) => Promise<string | null>;
}

interface VerifyCommandOptions {
  readonly bundle?: string;
  readonly checkpoint?: string;
  readonly key: readonly VerifierKey[];
  /** Commander's word for --no-readings. */
  readonly readings: boolean;
  readonly json?: boolean;
}

/** What is loaded when the command runs. */
const load = async () => ({
  ...(await import('./bundle.js')),
  ...(await import('./key-files.js')),
  ...(await import('./read-log.js')),
  ...(await import('./verify-log.js')),
  ...(await import('./verify-readings.js')),
  ...(await import('./verify-rows.js')),
  ...(await import('./verify-records.js')),
  ...(await import('./witness.js')),
});
type Tools = Awaited<ReturnType<typeof load>>;

export function verifyCommand(recordChecks: readonly RecordCheck[]): Command {
  return new Command('verify')
    .summary('find the first entry, or reading, that was changed')
    .description(
      'Goes through the whole log, in the database or in an exported file, and names the first altered, missing, ' +
        'inserted or reordered entry; in the database it then compares every stored day of readings, register reading, ' +
        'meter event, registry row, case, decision, proposal, disclosure and account with what the log recorded, and the ' +
        'rulebook file with the rules in force. Exit ' +
        'code 0 when all is whole, 1 when not.',
    )
    .option('--bundle <file>', 'verify this exported log; no database is needed')
    .option(
      '--checkpoint <file>',
      "the log must begin with these trees: a checkpoint, or a witness's state file",
    )
    .option(
      '--key <key>',
      'verifier key of a log or witness that must have signed them; repeatable',
      collectKey,
      [],
    )
    .option('--no-readings', 'the log only, not the stored readings')
    .option('--json', 'print one JSON object')
    .action(async ({ bundle, checkpoint, key, readings, json }: VerifyCommandOptions) => {
      const config = loadConfig(process.env);
      const tools = await load();
      const given = checkpoint === undefined ? [] : await tools.readCheckpoints(checkpoint, key);
      const seen = given.map((one) => tools.seenTree(one, checkpoint!));
      const verification =
        bundle === undefined
          ? await verifyAll(config, tools, { seen, keys: key, readings, recordChecks })
          : await verifyFile(bundle, tools, seen, key);
      process.stdout.write(json ? `${JSON.stringify(asJson(verification))}\n` : report(verification));
      if (verification.fault !== null) process.exitCode = 1;
    });
}

interface Request {
  readonly seen: readonly SeenTree[];
  readonly keys: readonly VerifierKey[];
  readonly readings: boolean;
  readonly recordChecks: readonly RecordCheck[];
}

/** A verification, and how many stored days of readings agree with the log; null: they were not looked at. */
type FullVerification = Verification & { readonly days: number | null };

async function verifyAll(
  config: Config,
  tools: Tools,
  { seen, keys, readings, recordChecks }: Request,
): Promise<FullVerification> {
  const logKey = logKeyOf(keys) ?? (await tools.publicLogKey(config.dataDir));
  const seals = new tools.RecordedSeals();
  const records = new tools.RecordedRecords();
  const newest = new Map<string, FoundEntry>();
  const onEntry = (entry: FoundEntry): void => {
    seals.take(entry);
    records.take(entry);
    const check = recordChecks.find(({ kind }) => entry.text.includes(`,"kind":"${kind}","seq":`));
    if (check !== undefined) newest.set(check.kind, entry);
  };
  return withDatabase(config, (client) =>
    tools.inSnapshot(client, async () => {
      const verification = await withBar('entries', await countEntries(client), (onProgress) =>
        tools.verifyDatabase(client, { seen, logKey, onProgress, onEntry }),
      );
      let { fault } = verification;
      let days: number | null = null;
      fault ??= await tools.verifyRecords(client, records, seals.forgotten);
      if (fault === null && readings) {
        const total = (days = await tools.countSealedRows(client));
        fault = await withBar('days of readings', total, (onProgress) =>
          tools.verifyReadings(client, seals, onProgress),
        );
        const others = await tools.countSealedOtherRows(client);
        fault ??= await withBar('registers, events, registry', others, (onProgress) =>
          tools.verifyRows(client, seals, onProgress),
        );
      }
      fault ??= await checkRecords(config, recordChecks, newest);
      return { ...verification, fault, days };
    }),
  );
}

async function countEntries(client: Client): Promise<number> {
  const { rows } = await client.query<{ size: number }>('select count(*) as size from audit_entry');
  return rows[0].size;
}

async function checkRecords(
  config: Config,
  checks: readonly RecordCheck[],
  newest: ReadonlyMap<string, FoundEntry>,
): Promise<Fault | null> {
  for (const { kind, compare } of checks) {
    const entry = newest.get(kind);
    if (entry === undefined) continue;
    const { body } = JSON.parse(entry.text) as { body: Record<string, unknown> };
    const difference = await compare(config, body);
    if (difference === null) continue;
    const sentence = `Since entry ${entry.seq} (${kind}, ${entry.at}), ${difference}, and no entry says so.`;
    return { kind: 'altered', first: entry.seq, last: entry.seq, sentence };
  }
  return null;
}

async function verifyFile(
  path: string,
  tools: Tools,
  seen: readonly SeenTree[],
  keys: readonly VerifierKey[],
): Promise<FullVerification> {
  const { size } = await tools.openBundle(path);
  const logKey = logKeyOf(keys);
  const verification = await withBar(path, size, (onProgress) =>
    tools.verifyBundle(path, { seen, logKey, onProgress }),
  );
  return { ...verification, days: null };
}

function logKeyOf(keys: readonly VerifierKey[]): VerifierKey | null {
  return keys.find((key) => key.type === NOTE_KEY) ?? null;
}

function asJson({ size, root, compared, days, fault }: FullVerification): object {
  return {
    whole: fault === null,
    size,
    root: root.toString('base64'),
    checkpoints: compared,
    days_of_readings: days,
    fault,
  };
}

function report({ size, root, compared, days, fault }: FullVerification): string {
  if (fault !== null) return `${fault.sentence}\n`;
  const against =
    compared === 0
      ? 'no checkpoint to compare it with: a log rewritten as a whole would look the same'
      : `it continues ${compared} checkpoint${compared === 1 ? '' : 's'}`;
  const readings =
    days === null
      ? ''
      : ` ${days} stored days of readings are those it recorded, and so are register readings, meter events, the registry, and what people recorded.`;
  return `The log is whole: ${size} entries, root ${root.toString('base64')}; ${against}.${readings}\n`;
}
