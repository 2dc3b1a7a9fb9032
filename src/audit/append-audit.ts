import type { ClientBase } from 'pg';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import {
  bodyText,
  recordHash,
  recordText,
  systemActor,
  type Actor,
  type AuditEntry,
} from './domain/entry.js';
import { GrowingTree, peaksOf, type Subtree, type TreeHead } from './domain/merkle.js';
import { readHashes } from './audit-hashes.js';

export { systemActor, type Actor, type AuditEntry };

/** Entries written by one statement. */
const ENTRIES_PER_STATEMENT = 5_000;

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
  for (let from = 0; from < entries.length; from += ENTRIES_PER_STATEMENT) {
    const part = entries.slice(from, from + ENTRIES_PER_STATEMENT);
    const seqs = part.map((_, index) => size + from + index);
    const kept: (Subtree & { readonly hash: Buffer })[] = [];
    const leaves = part.map(({ actor, kind, subject }, index) => {
      const body = bodies[from + index];
      const text = recordText({ seq: seqs[index], at: at.toISOString(), actor, kind, subject, body });
      const leaf = recordHash(text);
      tree.add(leaf, (subtree, hash) => kept.push({ ...subtree, hash }));
      return leaf;
    });
    await client.query(
      `insert into audit_entry (seq, at, actor_kind, actor_id, organisation, kind, subject, body, leaf_hash)
       select seq, $2, actor_kind, actor_id, organisation, kind, subject, body, leaf_hash
       from unnest($1::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[])
         as e (seq, actor_kind, actor_id, organisation, kind, subject, body, leaf_hash)`,
      [
        seqs,
        at,
        part.map(({ actor }) => actor.kind),
        part.map(({ actor }) => actor.id),
        part.map(({ actor }) => actor.organisation),
        part.map(({ kind }) => kind),
        part.map(({ subject }) => subject),
        bodies.slice(from, from + ENTRIES_PER_STATEMENT),
        leaves,
      ],
    );
    if (kept.length === 0) continue;
    await client.query(
      `insert into audit_subtree (level, index, hash)
       select level, index, hash from unnest($1::smallint[], $2::bigint[], $3::bytea[]) as s (level, index, hash)`,
      [kept.map(({ level }) => level), kept.map(({ index }) => index), kept.map(({ hash }) => hash)],
    );
  }
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
