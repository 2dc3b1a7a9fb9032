import { writeFile, rename } from 'node:fs/promises';
import { Command } from 'commander';
import { loadConfig } from '../config/config.js';
import { RefusedError, UsageError } from '../config/errors.js';
import { parseKey, parseName, parseSeq, parseUrl, withBar, withDatabase } from './command-tools.js';
import { checkpointText, type Checkpoint } from './domain/checkpoint.js';
import type { VerifierKey } from './domain/signed-note.js';
import { verifyCommand, type RecordCheck } from './verify.command.js';

/** What the audit commands run, loaded when one of them is asked for. */
const load = async () => ({
  ...(await import('./bundle.js')),
  ...(await import('./checkpoints.js')),
  ...(await import('./entry-proof.js')),
  ...(await import('./key-files.js')),
  ...(await import('./log-source.js')),
  ...(await import('./post-checkpoint.js')),
  ...(await import('./read-log.js')),
  ...(await import('./record-export.js')),
  ...(await import('./witness.js')),
});

/** `gridwarden audit …`: the record that nobody can quietly change. */
export function auditCommand(
  recordChecks: readonly RecordCheck[] = [],
  others: readonly Command[] = [],
): Command {
  const audit = new Command('audit')
    .summary('verify, sign and witness the audit log')
    .description(
      'The audit log records what was received, decided and changed, each entry hashed into one Merkle tree. ' +
        'Checkpoints sign the tree; witnesses outside keep them, so that a rewritten log is found.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  gridwarden audit checkpoint --out today.txt\n  gridwarden audit verify --checkpoint today.txt\n' +
        '  gridwarden audit proof 42 > proof.json && node scripts/verify-inclusion.mjs proof.json',
    );
  const subcommands = [
    verifyCommand(recordChecks),
    checkpointCommand(),
    witnessCommand(),
    exportCommand(),
    proofCommand(),
    ...others,
  ];
  for (const command of subcommands) audit.addCommand(command);
  return audit;
}

interface CheckpointCommandOptions {
  readonly origin?: string;
  readonly out?: string;
  readonly post?: string;
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
    .option('--out <file>', 'write it to this file instead')
    .option('--post <url>', 'send it to this address too', parseUrl)
    .action(async ({ origin, out, post }: CheckpointCommandOptions) => {
      const config = loadConfig(process.env);
      const tools = await load();
      const { key, isNew } = await tools.openLogKey(config.dataDir, origin ?? config.auditOrigin);
      if (isNew) process.stderr.write(`new log key; for those who verify: ${key.verifier.text}\n`);
      const checkpoint = await withDatabase(config, (client) => tools.signLatest(client, key, new Date()));
      await hand(checkpoint, out);
      if (post !== undefined) await tools.postCheckpoint(post, checkpoint);
    });
}

interface WitnessCommandOptions {
  readonly state: string;
  readonly name?: string;
  readonly logKey?: VerifierKey;
  readonly url?: string;
  readonly out?: string;
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
    .option('--url <url>', 'ask the service at this address, not the database', parseUrl)
    .option('--out <file>', 'write the cosigned checkpoint to this file instead')
    .action(async ({ state, name, logKey, url, out }: WitnessCommandOptions) => {
      const config = loadConfig(process.env);
      const tools = await load();
      const known = logKey ?? (url === undefined ? await tools.publicLogKey(config.dataDir) : null);
      if (known === null)
        throw new UsageError('Name the log with --log-key: its key is not in the data folder.');
      const request = { stateFile: state, name: name ?? null, logKey: known, now: new Date() };
      const { checkpoint, witness, isNew } =
        url === undefined
          ? await withDatabase(config, (client) =>
              tools.inSnapshot(client, () => tools.witnessLog(tools.databaseSource(client), request)),
            )
          : await tools.witnessLog(tools.serviceSource(url), request);
      process.stderr.write(isNew ? `cosigned as ${witness.text}\n` : 'nothing new since the last look\n');
      if (url !== undefined) await tellService(tools.serviceSource(url), checkpoint);
      await hand(checkpoint, out);
    });
}

/** So that the service can show how old its witnesses' word is; a witness needs no leave to watch. */
async function tellService(
  service: { handIn(one: Checkpoint): Promise<void> },
  checkpoint: Checkpoint,
): Promise<void> {
  try {
    await service.handIn(checkpoint);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    process.stderr.write(`the service does not take the cosignature: ${error.message}\n`);
  }
}

/** To stdout, or to a file that appears when it is whole. */
async function hand(checkpoint: Checkpoint, file: string | undefined): Promise<void> {
  const text = checkpointText(checkpoint);
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  await writeFile(`${file}.partial`, text, { flush: true });
  await rename(`${file}.partial`, file);
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
      const { entries } = await withDatabase(config, async (client) => {
        const by = tools.commandLineActor();
        await tools.recordExportWith(client, { by, what: 'audit', subject: 'audit', details: {} });
        return tools.inSnapshot(client, async () => {
          const { rows } = await client.query<{ size: number }>('select count(*) as size from audit_entry');
          return withBar(file, rows[0].size, (onProgress) => tools.writeBundle(client, file, onProgress));
        });
      });
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
      const proof = await withDatabase(config, (client) =>
        tools.inSnapshot(client, () => tools.proveEntry(client, seq)),
      );
      process.stdout.write(`${JSON.stringify(proof, null, 2)}\n`);
    });
}
