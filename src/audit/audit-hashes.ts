import type { ClientBase } from 'pg';
import { RefusedError } from '../config/errors.js';
import {
  consistencyPath,
  inclusionPath,
  keptSubtreesOf,
  rangeHash,
  type LeafRange,
  type Subtree,
} from './domain/merkle.js';

/** Reads, in one query, what the hashes over the ranges are made of. */
export async function readHashes(
  client: ClientBase,
  ranges: readonly LeafRange[],
): Promise<(subtree: Subtree) => Buffer> {
  const wanted = ranges.flatMap(keptSubtreesOf);
  const leaves = wanted.filter(({ level }) => level === 0).map(({ index }) => index);
  const subtrees = wanted.filter(({ level }) => level > 0);
  const found = new Map<string, Buffer>();
  if (wanted.length > 0) {
    const { rows } = await client.query<Subtree & { hash: Buffer }>(
      `select 0 as level, seq as index, leaf_hash as hash from audit_entry where seq = any ($1::bigint[])
       union all
       select s.level, s.index, s.hash from audit_subtree s
       join unnest($2::smallint[], $3::bigint[]) as w (level, index) on w.level = s.level and w.index = s.index`,
      [leaves, subtrees.map(({ level }) => level), subtrees.map(({ index }) => index)],
    );
    for (const row of rows) found.set(keyOf(row), row.hash);
  }
  return (subtree) => found.get(keyOf(subtree)) ?? refuseMissing(subtree);
}

export function keyOf({ level, index }: Subtree): string {
  return `${level} ${index}`;
}

function refuseMissing({ level, index }: Subtree): never {
  const first = index * 2 ** level;
  throw new RefusedError(
    `The audit log lacks the hash of its entries ${first} to ${first + 2 ** level - 1}; gridwarden audit verify names what is wrong.`,
  );
}

/** Hashes that lead from entry `seq` to the root of the tree of `size` entries. */
export async function inclusionProof(client: ClientBase, seq: number, size: number): Promise<Buffer[]> {
  return hashesOver(client, inclusionPath(seq, size));
}

/** Hashes that lead from the tree of `older` entries to that of `size`. */
export async function consistencyProof(client: ClientBase, older: number, size: number): Promise<Buffer[]> {
  return hashesOver(client, consistencyPath(older, size));
}

async function hashesOver(client: ClientBase, ranges: readonly LeafRange[]): Promise<Buffer[]> {
  const hashOf = await readHashes(client, ranges);
  return ranges.map((range) => rangeHash(range, hashOf));
}
