import type { ClientBase } from 'pg';
import { RefusedError } from '../config/errors.js';
import { inclusionProof } from './audit-hashes.js';
import { newestCheckpoint } from './checkpoints.js';
import { checkpointText } from './domain/checkpoint.js';
import { recordHash } from './domain/entry.js';
import { provesInclusion } from './domain/merkle.js';
import { readEntry } from './read-log.js';

/** That an entry is in a signed tree; scripts/verify-inclusion.mjs checks it with nothing else at hand. */
export interface EntryProof {
  readonly format: 'gridwarden-inclusion-proof/1';
  readonly seq: number;
  /** Canonical JSON, exactly as hashed. */
  readonly entry: string;
  /** From the leaf upwards, base64. */
  readonly hashes: readonly string[];
  /** The signed note whose root the hashes lead to. */
  readonly checkpoint: string;
}

/** @throws RefusedError no such entry, none signed yet, or an entry that is not what was signed. */
export async function proveEntry(client: ClientBase, seq: number): Promise<EntryProof> {
  const found = await readEntry(client, seq);
  if (found === null) throw new RefusedError(`The log has no entry ${seq}.`);
  const checkpoint = await newestCheckpoint(client);
  if (checkpoint === null || checkpoint.size <= seq)
    throw new RefusedError(`No checkpoint covers entry ${seq} yet; gridwarden audit checkpoint signs one.`);
  const hashes = await inclusionProof(client, seq, checkpoint.size);
  if (!provesInclusion({ seq, hash: recordHash(found.text) }, checkpoint, hashes))
    throw new RefusedError(
      `Entry ${seq} is not what was signed; gridwarden audit verify names what is wrong.`,
    );
  return {
    format: 'gridwarden-inclusion-proof/1',
    seq,
    entry: found.text,
    hashes: hashes.map((hash) => hash.toString('base64')),
    checkpoint: checkpointText(checkpoint),
  };
}
