import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import type { Client } from 'pg';
import { loadConfig, type Config } from '../config/config.js';
import { UsageError } from '../config/errors.js';
import { lineOfText } from '../config/input-values.js';
import { checkpointText } from './domain/checkpoint.js';
import { NOTE_KEY, parseVerifierKey, type VerifierKey } from './domain/signed-note.js';
import type { Verification } from './verify-log.js';

/** What the audit commands run, loaded when one of them is asked for. */
const load = async () => ({
  ...(await import('../database/open-database.js')),
  ...(await import('./bundle.js')),
  ...(await import('./checkpoints.js')),
  ...(await import('./entry-proof.js')),
  ...(await import('./key-files.js')),
  ...(await import('./read-log.js')),
  ...(await import('./verify-log.js')),
  ...(await import('./witness.js')),
});
type Tools = Awaited<ReturnType<typeof load>>;

/** `gridwarden audit …`: the record that nobody can quietly change. */
export function auditCommand(): Command {
  const audit = new Command('audit')
    .summary('verify, sign and witness the audit log')
    .description(
      'The audit log records what was received, decided and changed, each entry hashed into one Merkle tree. ' +
        'Checkpoints sign the tree; witnesses outside keep them, so that a rewritten log is found.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  gridwarden audit checkpoint > today.txt\n  gridwarden audit verify --checkpoint today.txt\n' +
        '  gridwarden audit proof 42 > proof.json && node scripts/verify-inclusion.mjs proof.json',
    );
  const subcommands = [
    verifyCommand(),
    checkpointCommand(),
    witnessCommand(),
    exportCommand(),
    proofCommand(),
  ];
  for (const command of subcommands) audit.addCommand(command);
  return audit;
}

interface VerifyCommandOptions {
  readonly bundle?: string;
  readonly checkpoint?: string;
  readonly key: readonly VerifierKey[];
  readonly json?: boolean;
}

function verifyCommand(): Command {
  return new Command('verify')
    .summary('find the first entry that was changed')
    .description(
      'Goes through the whole log, in the database or in an exported file, and names the first altered, missing, ' +
        'inserted or reordered entry. Exit code 0 when the log is whole, 1 when not.',
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
    .option('--json', 'print one JSON object')
    .action(async ({ bundle, checkpoint, key, json }: VerifyCommandOptions) => {
      const config = loadConfig(process.env);
      const tools = await load();
      const given = checkpoint === undefined ? [] : await tools.readCheckpoints(checkpoint, key);
      const seen = given.map((one) => tools.seenTree(one, checkpoint!));
      const verification =
        bundle === undefined
          ? await verifyDatabase(config, tools, seen)
          : await verifyFile(bundle, tools, seen, key);
      process.stdout.write(json ? `${JSON.stringify(asJson(verification))}\n` : report(verification));
      if (verification.fault !== null) process.exitCode = 1;
    });
}

async function verifyDatabase(
  config: Config,
  tools: Tools,
  seen: Parameters<Tools['verifyDatabase']>[1]['seen'],
): Promise<Verification> {
  const logKey = await tools.publicLogKey(config.dataDir);
  return withDatabase(config, tools, (client) =>
    tools.inSnapshot(client, async () => {
      const { rows } = await client.query<{ size: number }>('select count(*) as size from audit_entry');
      return withBar('entries', rows[0].size, (onProgress) =>
        tools.verifyDatabase(client, { seen, logKey, onProgress }),
      );
    }),
  );
}

async function verifyFile(
  path: string,
  tools: Tools,
  seen: Parameters<Tools['verifyBundle']>[1]['seen'],
  keys: readonly VerifierKey[],
): Promise<Verification> {
  const { size } = await tools.openBundle(path);
  const logKey = keys.find((key) => key.type === NOTE_KEY) ?? null;
  return withBar(path, size, (onProgress) => tools.verifyBundle(path, { seen, logKey, onProgress }));
}

function asJson({ size, root, compared, fault }: Verification): object {
  return { whole: fault === null, size, root: root.toString('base64'), checkpoints: compared, fault };
}

function report({ size, root, compared, fault }: Verification): string {
  if (fault !== null) return `${fault.sentence}\n`;
  const against =
    compared === 0
      ? 'no checkpoint to compare it with: a log rewritten as a whole would look the same'
      : `it continues ${compared} checkpoint${compared === 1 ? '' : 's'}`;
  return `The log is whole: ${size} entries, root ${root.toString('base64')}; ${against}.\n`;
}

function checkpointCommand(): Command {
  return new Command('checkpoint')
    .summary('sign the log as it is now')
    .description(
      "Signs the log's tree with the key in the data folder, made at the first use, and prints the checkpoint. Give it " +
        'to somebody outside: what it covers can no longer be rewritten without being found.',
    )
    .option(
      '--origin <name>',
      "the log's name, such as energo.example/log; only when its key is made",
      parseName,
    )
    .action(async ({ origin }: { origin?: string }) => {
      const config = loadConfig(process.env);
      const tools = await load();
      const { key, isNew } = await tools.openLogKey(config.dataDir, origin ?? null);
      if (isNew) process.stderr.write(`new log key; for those who verify: ${key.verifier.text}\n`);
      const checkpoint = await withDatabase(config, tools, (client) =>
        tools.signLatest(client, key, new Date()),
      );
      process.stdout.write(checkpointText(checkpoint));
    });
}

interface WitnessCommandOptions {
  readonly state: string;
  readonly name?: string;
  readonly logKey?: VerifierKey;
}

function witnessCommand(): Command {
  return new Command('witness')
    .summary('cosign the newest checkpoint, if the log has only grown')
    .description(
      'For an institution outside: compares the newest checkpoint with the last one seen, kept in the state file, ' +
        'cosigns it with a key of its own beside that file, and prints it. Exit code 1 when the log was cut or rewritten.',
    )
    .requiredOption('--state <file>', 'what this witness has seen; made at the first use')
    .option('--name <name>', 'name of a new witness, such as tax.example/witness', parseName)
    .option('--log-key <key>', "the log's verifier key; default: the one in the data folder", parseKey)
    .action(async ({ state, name, logKey }: WitnessCommandOptions) => {
      const config = loadConfig(process.env);
      const tools = await load();
      const known = logKey ?? (await tools.publicLogKey(config.dataDir));
      if (known === null)
        throw new UsageError('Name the log with --log-key: its key is not in the data folder.');
      const { checkpoint, witness, isNew } = await withDatabase(config, tools, (client) =>
        tools.inSnapshot(client, () =>
          tools.witnessLog(client, { stateFile: state, name: name ?? null, logKey: known, now: new Date() }),
        ),
      );
      process.stderr.write(isNew ? `cosigned as ${witness.text}\n` : 'nothing new since the last look\n');
      process.stdout.write(checkpointText(checkpoint));
    });
}

function exportCommand(): Command {
  return new Command('export')
    .summary('write the log to a file that can be verified without a database')
    .description(
      'Writes all entries and checkpoints to a text file; gridwarden audit verify --bundle checks it anywhere. The file ' +
        'says who did what: hand it to those who may know.',
    )
    .argument('<file>', 'file to write')
    .action(async (file: string) => {
      const config = loadConfig(process.env);
      const tools = await load();
      const { entries } = await withDatabase(config, tools, (client) =>
        tools.inSnapshot(client, async () => {
          const { rows } = await client.query<{ size: number }>('select count(*) as size from audit_entry');
          return withBar(file, rows[0].size, (onProgress) => tools.writeBundle(client, file, onProgress));
        }),
      );
      process.stderr.write(`${entries} entries written to ${file}\n`);
    });
}

function proofCommand(): Command {
  return new Command('proof')
    .summary('prove that an entry is in the signed log')
    .description(
      'Prints an entry with the hashes that lead from it to the newest checkpoint, as JSON; node ' +
        'scripts/verify-inclusion.mjs checks it with nothing else at hand.',
    )
    .argument('<seq>', 'number of the entry, from 0', parseSeq)
    .action(async (seq: number) => {
      const config = loadConfig(process.env);
      const tools = await load();
      const proof = await withDatabase(config, tools, (client) =>
        tools.inSnapshot(client, () => tools.proveEntry(client, seq)),
      );
      process.stdout.write(`${JSON.stringify(proof, null, 2)}\n`);
    });
}

async function withDatabase<T>(
  config: Config,
  tools: Tools,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const database = await tools.openDatabase(config);
  try {
    const client = await database.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  } finally {
    await database.close();
  }
}

/** A bar on a terminal, nothing in a log. */
async function withBar<T>(
  what: string,
  total: number,
  work: (onProgress: (done: number) => void) => Promise<T>,
): Promise<T> {
  const format = `${what} [{bar}] {percentage}% | {value}/{total} | {eta_formatted} left`;
  const bar = process.stderr.isTTY
    ? new SingleBar({ format, stream: process.stderr, hideCursor: true })
    : null;
  bar?.start(total, 0);
  try {
    return await work((done) => bar?.update(done));
  } finally {
    bar?.stop();
  }
}

function parseKey(text: string): VerifierKey {
  const key = parseVerifierKey(text.trim());
  if (key === null) throw new InvalidArgumentError('a verifier key is name+id+base64, for Ed25519.');
  return key;
}

function collectKey(text: string, before: readonly VerifierKey[]): VerifierKey[] {
  return [...before, parseKey(text)];
}

function parseName(text: string): string {
  if (!lineOfText(200).min(1).safeParse(text).success || /[\s+]/u.test(text))
    throw new InvalidArgumentError('a name without spaces and plus signs, such as energo.example/log.');
  return text;
}

function parseSeq(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('the number of an entry, 0 or more.');
  return Number(text);
}
