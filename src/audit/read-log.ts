import type { ClientBase } from 'pg';
import { copyOut, type CopyRow } from '../database/copy-binary.js';
import type { FoundEntry } from './domain/chain-check.js';
import { parseCheckpoint, type Checkpoint } from './domain/checkpoint.js';
import { instantText, recordText, type Actor } from './domain/entry.js';
import { KEPT_LEVELS, type Subtree } from './domain/merkle.js';
import { keyOf } from './audit-hashes.js';

/** Entries read at a time: some 10 MB. */
export const PAGE_ENTRIES = 16_384;
/** 2000-01-01, from which PostgreSQL counts. */
const PG_EPOCH_MICROSECONDS = 946_684_800_000_000;
/** Higher than any tree grows. */
const TOP_LEVEL = 48;

/**
 * Calls `onEntry` for up to a page of entries after the number `after` (null: from the first), in order; returns the last
 * number, null when there was none.
 */
export async function readPage(
  client: ClientBase,
  after: number | null,
  onEntry: (entry: FoundEntry) => void,
): Promise<number | null> {
  const where = after === null ? '' : `where seq > ${after}`;
  return readEntries(client, `${where} order by seq limit ${PAGE_ENTRIES}`, onEntry);
}

export async function readEntry(client: ClientBase, seq: number): Promise<FoundEntry | null> {
  const found: FoundEntry[] = [];
  await readEntries(client, `where seq = ${seq}`, (entry) => found.push(entry));
  return found[0] ?? null;
}

async function readEntries(
  client: ClientBase,
  which: string,
  onEntry: (entry: FoundEntry) => void,
): Promise<number | null> {
  let last: number | null = null;
  await copyOut(
    client,
    `copy (select seq, at, actor_kind, actor_id, organisation, kind, subject, body, leaf_hash
           from audit_entry ${which}) to stdout (format binary)`,
    9,
    (row) => {
      last = row.int8(0);
      onEntry(entryOf(row));
    },
  );
  return last;
}

function entryOf(row: CopyRow): FoundEntry {
  const seq = row.int8(0);
  const at = instantText(row.int8(1) + PG_EPOCH_MICROSECONDS);
  const organisation = row.isNull(4) ? null : row.text(4);
  const actor = { kind: row.text(2) as Actor['kind'], id: row.text(3), organisation };
  const text = recordText({ seq, at, actor, kind: row.text(5), subject: row.text(6), body: row.text(7) });
  return { seq, at, text, leafHash: Buffer.from(row.bytes(8)) };
}

/** Hashes of the kept subtrees that end among the leaves `[from, from + PAGE_ENTRIES)`. */
export async function readKept(
  client: ClientBase,
  from: number,
): Promise<(subtree: Subtree) => Buffer | undefined> {
  const levels = Array.from({ length: TOP_LEVEL / KEPT_LEVELS }, (_, step) => (step + 1) * KEPT_LEVELS);
  const { rows } = await client.query<Subtree & { hash: Buffer }>(
    `select s.level, s.index, s.hash
     from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as r (level, first, past)
     join audit_subtree s on s.level = r.level and s.index >= r.first and s.index < r.past`,
    [
      levels,
      levels.map((level) => Math.floor(from / 2 ** level)),
      levels.map((level) => Math.floor((from + PAGE_ENTRIES) / 2 ** level)),
    ],
  );
  const hashes = new Map(rows.map((row) => [keyOf(row), row.hash]));
  return (subtree) => hashes.get(keyOf(subtree));
}

/** How many entries the stored subtrees cover at least. */
export async function coveredByKept(client: ClientBase): Promise<number> {
  const { rows } = await client.query<Subtree>(
    'select level, max(index) as index from audit_subtree group by level',
  );
  return Math.max(0, ...rows.map(({ level, index }) => (index + 1) * 2 ** level));
}

export interface StoredCheckpoint {
  readonly size: number;
  readonly note: string;
  /** Null when the note is none, or is of another size. */
  readonly checkpoint: Checkpoint | null;
}

/** Every checkpoint, the smallest first. */
export async function storedCheckpoints(client: ClientBase): Promise<StoredCheckpoint[]> {
  const { rows } = await client.query<{ size: number; note: string }>(
    'select size, note from audit_checkpoint order by size',
  );
  return rows.map(({ size, note }) => {
    const checkpoint = parseCheckpoint(note);
    return { size, note, checkpoint: checkpoint?.size === size ? checkpoint : null };
  });
}

/** Runs `work` on one unmoving view of the log. */
export async function inSnapshot<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('begin isolation level repeatable read read only');
  try {
    return await work();
  } finally {
    await client.query('rollback').catch(() => undefined);
  }
}
