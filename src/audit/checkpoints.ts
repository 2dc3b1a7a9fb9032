import type { ClientBase } from 'pg';
import { RefusedError } from '../config/errors.js';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import { inTransaction } from '../database/transaction.js';
import { latestTree } from './append-audit.js';
import { consistencyProof } from './audit-hashes.js';
import { checkpointText, parseCheckpoint, signCheckpoint, type Checkpoint } from './domain/checkpoint.js';
import { provesConsistency } from './domain/merkle.js';
import { isSignedBy, type SignerKey } from './domain/signed-note.js';

/**
 * Signs the tree as it is now and keeps the checkpoint; the same tree is signed once. A log signs nothing that does not
 * continue what it has signed before: c2sp.org/tlog-checkpoint.
 * @throws RefusedError the log is not what an earlier checkpoint says.
 */
export async function signLatest(client: ClientBase, signer: SignerKey, now: Date): Promise<Checkpoint> {
  return inTransaction(client, async () => {
    await client.query(`select pg_advisory_xact_lock(${ADVISORY_LOCKS.auditLog})`);
    const head = await latestTree(client);
    const before = await newestCheckpoint(client);
    if (before !== null) {
      if (!isSignedBy(before.note, signer.verifier))
        throw new RefusedError(`The checkpoint of ${before.size} entries was signed by another key.`);
      const proof = before.size < head.size ? await consistencyProof(client, before.size, head.size) : [];
      if (!provesConsistency(before, head, proof))
        throw new RefusedError(
          `The log does not continue its checkpoint of ${before.size} entries; gridwarden audit verify names what is wrong.`,
        );
      if (before.size === head.size) return before;
    }
    const checkpoint = signCheckpoint(head, signer);
    await client.query('insert into audit_checkpoint (size, at, note) values ($1, $2, $3)', [
      head.size,
      now,
      checkpointText(checkpoint),
    ]);
    return checkpoint;
  });
}

/** The largest checkpoint; null when none was signed. Throws a RefusedError when it is none. */
export async function newestCheckpoint(client: ClientBase): Promise<Checkpoint | null> {
  const { rows } = await client.query<{ note: string }>(
    'select note from audit_checkpoint order by size desc limit 1',
  );
  if (rows.length === 0) return null;
  const checkpoint = parseCheckpoint(rows[0].note);
  if (checkpoint === null)
    throw new RefusedError('The newest checkpoint in the database is none; it was altered.');
  return checkpoint;
}
