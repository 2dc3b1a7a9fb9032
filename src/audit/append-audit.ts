import type { ClientBase } from 'pg';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import { copyIn } from '../database/copy-binary.js';
import {
  actorNamed,
  bodyText,
  recordHash,
  recordText,
  systemActor,
  type Actor,
  type AuditEntry,
} from './domain/entry.js';
import { GrowingTree, peaksOf, type Subtree, type TreeHead } from './domain/merkle.js';
import { readHashes } from './audit-hashes.js';

export { actorNamed, systemActor, type Actor, type AuditEntry };

const COPY_ENTRIES = `copy audit_entry (seq, at, actor_kind, actor_id, organisation, kind, subject, body, leaf_hash)
  from stdin (format binary)`;
const COPY_SUBTREES = 'copy audit_subtree (level, index, hash) from stdin (format binary)';
/** Entries encoded before what they fill is handed on. */
const ENTRIES_PER_CALL = 1_000;

/**
 * Records entries in the caller's transaction: with what they record, or not at all. Appending transactions take turns
 * from here until they commit, so this is called last, and no other lock is waited for afterwards.
 *
 * @throws TypeError a body that JSON has no word for. Error outside a transaction.
 */
export async function appendAudit(client: ClientBase, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  if (client.getTransactionStatus() !== 'T')
    throw new Error('audit entries are appended inside a transaction');
  const bodies = entries.map(bodyText);
  await takeTurn(client);
  await append(client, entries, bodies);
}

/** Records the entry unless the last one of its kind says the same. As {@link appendAudit}. */
export async function appendIfNew(client: ClientBase, entry: AuditEntry): Promise<void> {
  const body = bodyText(entry);
  await takeTurn(client);
  const { rows } = await client.query<{ subject: string; body: string }>(
    'select subject, body from audit_entry where kind = $1 order by seq desc limit 1',
    [entry.kind],
  );
  const [last] = rows;
  if (last?.subject !== entry.subject || last.body !== body) await appendAudit(client, [entry]);
}

/** A statement of its own: the next one sees what was committed meanwhile. */
async function takeTurn(client: ClientBase): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(${ADVISORY_LOCKS.auditLog})`);
}

async function append(
  client: ClientBase,
  entries: readonly AuditEntry[],
  bodies: readonly string[],
): Promise<void> {
  const { size, at } = await readEnd(client);
  const tree = await treeOf(client, size);
  const time = at.toISOString();
  const kept: (Subtree & { readonly hash: Buffer })[] = [];
  let next = 0;
  await copyIn(client, COPY_ENTRIES, (encoder) => {
    const end = Math.min(next + ENTRIES_PER_CALL, entries.length);
    for (; next < end; next++) {
      const { actor, kind, subject } = entries[next];
      const [seq, body] = [size + next, bodies[next]];
      const leaf = recordHash(recordText({ seq, at: time, actor, kind, subject, body }));
      tree.add(leaf, (subtree, hash) => kept.push({ ...subtree, hash }));
      encoder.row(9);
      encoder.int8(seq);
      encoder.timestamptz(at.getTime());
      encoder.text(actor.kind);
      encoder.text(actor.id);
      if (actor.organisation === null) encoder.null();
      else encoder.text(actor.organisation);
      encoder.text(kind);
      encoder.text(subject);
      encoder.text(body);
      encoder.bytes(leaf);
    }
    return next < entries.length;
  });
  if (kept.length > 0) await keepSubtrees(client, kept);
}

async function keepSubtrees(
  client: ClientBase,
  kept: readonly (Subtree & { readonly hash: Buffer })[],
): Promise<void> {
  let next = 0;
  await copyIn(client, COPY_SUBTREES, (encoder) => {
    const { level, index, hash } = kept[next++];
    encoder.row(3);
    encoder.int2(level);
    encoder.int8(index);
    encoder.bytes(hash);
    return next < kept.length;
  });
}

/** How many entries there are, and the time for the next: the server's, and never before the last entry's. */
async function readEnd(client: ClientBase): Promise<{ size: number; at: Date }> {
  const { rows } = await client.query<{ size: number; at: Date }>(
    `select coalesce(max(seq) + 1, 0) as size,
       greatest(date_trunc('milliseconds', clock_timestamp()),
                (select at from audit_entry order by seq desc limit 1)) as at
     from audit_entry`,
  );
  return rows[0];
}

async function treeOf(client: ClientBase, size: number): Promise<GrowingTree> {
  return new GrowingTree(size, await readHashes(client, peaksOf(size)));
}

/** The tree over all entries that this connection sees. */
export async function latestTree(client: ClientBase): Promise<TreeHead> {
  const { size } = await readEnd(client);
  return { size, root: (await treeOf(client, size)).root() };
}
