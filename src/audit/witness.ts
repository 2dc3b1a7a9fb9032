import { open, readFile } from 'node:fs/promises';
import { RefusedError, UsageError } from '../config/errors.js';
import {
  bearsSignature,
  checkpointText,
  cosign,
  parseCheckpoints,
  type Checkpoint,
} from './domain/checkpoint.js';
import { provesConsistency } from './domain/merkle.js';
import { isSignedBy, type SignerKey, type VerifierKey } from './domain/signed-note.js';
import { openWitnessKey } from './key-files.js';
import type { LogSource } from './log-source.js';

export interface WitnessRequest {
  /** Every checkpoint the witness has cosigned, newest last; its key lies beside it under `.key`. */
  readonly stateFile: string;
  /** Name of a new witness; null: a random one. */
  readonly name: string | null;
  /** Must have signed the log's checkpoints; needed the first time, afterwards the log's name and key may not change. */
  readonly logKey: VerifierKey;
  readonly now: Date;
}

export interface Witnessed {
  readonly checkpoint: Checkpoint;
  readonly witness: VerifierKey;
  /** The log has grown since the last look, or this was the first. */
  readonly isNew: boolean;
}

/**
 * Looks at the newest checkpoint, and cosigns it when the log has only grown since the last one this witness saw.
 * @throws RefusedError nothing to see, a wrong signature, or a log that has been cut or rewritten.
 */
export async function witnessLog(log: LogSource, request: WitnessRequest): Promise<Witnessed> {
  const { key } = await openWitnessKey(`${request.stateFile}.key`, request.name);
  const seen = await readState(request.stateFile, key);
  const checkpoint = await log.newest();
  if (checkpoint === null)
    throw new RefusedError('The log has no checkpoint yet; gridwarden audit checkpoint signs one.');
  if (checkpoint.origin !== request.logKey.name || !isSignedBy(checkpoint.note, request.logKey))
    throw new RefusedError(`The newest checkpoint is not signed by ${request.logKey.name}.`);
  if (seen !== null) {
    await refuseUnlessContinued(log, seen, checkpoint);
    if (seen.size === checkpoint.size) return { checkpoint: seen, witness: key.verifier, isNew: false };
  }
  const cosigned = cosign(checkpoint, key, request.now);
  await remember(request.stateFile, cosigned);
  return { checkpoint: cosigned, witness: key.verifier, isNew: true };
}

async function refuseUnlessContinued(log: LogSource, seen: Checkpoint, now: Checkpoint): Promise<void> {
  if (seen.origin !== now.origin)
    throw new RefusedError(`This witness watches ${seen.origin}; the log is called ${now.origin}.`);
  if (now.size < seen.size)
    throw new RefusedError(
      `The log was cut: it had ${seen.size} entries and its checkpoint has ${now.size}.`,
    );
  const proof = now.size === seen.size ? [] : await log.consistency(seen.size, now.size);
  if (!provesConsistency(seen, now, proof))
    throw new RefusedError(
      `The log was rewritten: it does not continue what this witness saw at ${seen.size} entries. ` +
        'gridwarden audit verify --checkpoint with the state file names what is wrong.',
    );
}

/** The last checkpoint the witness cosigned; null before its first. */
async function readState(file: string, key: SignerKey): Promise<Checkpoint | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const last = parseCheckpoints(text)?.at(-1);
  if (last === undefined || !bearsSignature(last, key.verifier))
    throw new RefusedError(`${file} does not end with a checkpoint that this witness has cosigned.`);
  return last;
}

async function remember(file: string, checkpoint: Checkpoint): Promise<void> {
  const handle = await open(file, 'a');
  try {
    await handle.appendFile(checkpointText(checkpoint));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Checkpoints in a file: one, or a witness's whole state.
 * @throws UsageError no such file. RefusedError something else in it, or one that a key of `keys` has not signed.
 */
export async function readCheckpoints(file: string, keys: readonly VerifierKey[]): Promise<Checkpoint[]> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) throw new UsageError(`There is no file ${file}.`);
  const checkpoints = parseCheckpoints(text);
  if (checkpoints === null || checkpoints.length === 0)
    throw new RefusedError(`${file} holds no checkpoint.`);
  for (const key of keys) {
    const unsigned = checkpoints.find((one) => !bearsSignature(one, key));
    if (unsigned !== undefined)
      throw new RefusedError(
        `${key.name} has not signed the checkpoint of ${unsigned.size} entries in ${file}.`,
      );
  }
  return checkpoints;
}
