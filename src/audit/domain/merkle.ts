import { createHash, hash as digest } from 'node:crypto';

/**
 * The Merkle tree of RFC 6962 §2.1: a leaf is SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖ right), and a tree of n
 * leaves splits after the largest power of two below n. Leaves are counted from 0; sizes up to 2^48.
 */

/** Leaves `[start, end)`. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The full subtree over the leaves `[index × 2^level, (index + 1) × 2^level)`; level 0 is a leaf. */
export interface Subtree {
  readonly level: number;
  readonly index: number;
}

/** A tree's size and root: all that a proof is checked against. */
export interface TreeHead {
  readonly size: number;
  readonly root: Buffer;
}

/** Root of the tree without leaves: the hash of nothing. */
export const EMPTY_ROOT: Buffer = createHash('sha256').digest();

/**
 * Full subtrees are kept at every fourth level, one per 16 children: 1/15 more rows than leaves, and any hash of the tree
 * is made of at most 15 kept ones for each four levels.
 */
export const KEPT_LEVELS = 4;

/** Of what is hashed next: nothing is allocated for entries that fit. */
const scratch = Buffer.alloc(1 << 16);
const node = Buffer.alloc(65);

export function leafHash(entry: Uint8Array | string): Buffer {
  const length = typeof entry === 'string' ? Buffer.byteLength(entry) : entry.length;
  const leaf = length < scratch.length ? scratch : Buffer.allocUnsafe(length + 1);
  leaf[0] = 0;
  if (typeof entry === 'string') leaf.write(entry, 1);
  else leaf.set(entry, 1);
  return sha256(leaf.subarray(0, length + 1));
}

export function nodeHash(left: Buffer, right: Buffer): Buffer {
  node[0] = 1;
  node.set(left, 1);
  node.set(right, 33);
  return sha256(node);
}

/** By way of text: a digest handed over as a buffer has memory of its own outside the heap, and costs twice as much. */
function sha256(bytes: Buffer): Buffer {
  return Buffer.from(digest('sha256', bytes, 'binary'), 'latin1');
}

/** A tree that leaves are added to; it remembers the roots of its full subtrees only (at most 48 hashes). */
export class GrowingTree {
  private readonly peaks: (Buffer | undefined)[] = [];

  /** @param hashOf gives the hashes of `peaksOf(size)`; not needed for a tree that begins empty. */
  constructor(
    private leaves = 0,
    hashOf?: (subtree: Subtree) => Buffer,
  ) {
    for (const range of peaksOf(leaves))
      this.peaks[Math.log2(range.end - range.start)] = rangeHash(range, hashOf!);
  }

  get size(): number {
    return this.leaves;
  }

  /** `onKept` is told every kept subtree that the leaf completes, the smallest first. */
  add(leaf: Buffer, onKept?: (subtree: Subtree, hash: Buffer) => void): void {
    let hash = leaf;
    let level = 0;
    for (let index = this.leaves; index % 2 === 1;) {
      hash = nodeHash(this.peaks[level]!, hash);
      this.peaks[level] = undefined;
      level++;
      index = (index - 1) / 2;
      if (level % KEPT_LEVELS === 0) onKept?.({ level, index }, hash);
    }
    this.peaks[level] = hash;
    this.leaves++;
  }

  root(): Buffer {
    let root: Buffer | null = null;
    for (const peak of this.peaks) {
      if (peak !== undefined) root = root === null ? peak : nodeHash(peak, root);
    }
    return root ?? EMPTY_ROOT;
  }
}

/** The leaves of each full subtree that hangs from the right edge of a tree of `size` leaves, the largest first. */
export function peaksOf(size: number): LeafRange[] {
  const peaks: LeafRange[] = [];
  for (let start = 0; start < size;) {
    const end = start + 2 ** Math.floor(Math.log2(size - start));
    peaks.push({ start, end });
    start = end;
  }
  return peaks;
}

/** The kept subtrees, and leaves, that a range which occurs in the tree is made of. */
export function keptSubtreesOf({ start, end }: LeafRange): Subtree[] {
  const level = keptLevel(end - start);
  if (level !== null) return [{ level, index: start / 2 ** level }];
  const middle = split(start, end);
  return [...keptSubtreesOf({ start, end: middle }), ...keptSubtreesOf({ start: middle, end })];
}

/** Hash over a range that occurs in the tree, from the hashes of {@link keptSubtreesOf}. */
export function rangeHash({ start, end }: LeafRange, hashOf: (subtree: Subtree) => Buffer): Buffer {
  const level = keptLevel(end - start);
  if (level !== null) return hashOf({ level, index: start / 2 ** level });
  const middle = split(start, end);
  return nodeHash(rangeHash({ start, end: middle }, hashOf), rangeHash({ start: middle, end }, hashOf));
}

function keptLevel(leaves: number): number | null {
  const level = Math.log2(leaves);
  return level % KEPT_LEVELS === 0 ? level : null;
}

/** Where a tree over the range splits in two. */
function split(start: number, end: number): number {
  return start + 2 ** (Math.ceil(Math.log2(end - start)) - 1);
}

/** RFC 6962 §2.1.1, PATH: the ranges whose hashes prove leaf `seq` in a tree of `size` leaves, from the leaf upwards. */
export function inclusionPath(seq: number, size: number): LeafRange[] {
  const path: LeafRange[] = [];
  let start = 0;
  for (let end = size; end - start > 1;) {
    const middle = split(start, end);
    if (seq < middle) {
      path.push({ start: middle, end });
      end = middle;
    } else {
      path.push({ start, end: middle });
      start = middle;
    }
  }
  return path.reverse();
}

/** RFC 6962 §2.1.2, PROOF: the ranges whose hashes prove that a tree of `size` leaves begins with that of `older` leaves. */
export function consistencyPath(older: number, size: number): LeafRange[] {
  if (older === 0) return [];
  const path: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end !== older) {
    const middle = split(start, end);
    if (older <= middle) {
      path.push({ start: middle, end });
      end = middle;
    } else {
      path.push({ start, end: middle });
      start = middle;
    }
  }
  if (start > 0) path.push({ start, end });
  return path.reverse();
}

/** Whether `path` leads from a leaf's hash to the root (RFC 9162 §2.1.3.2). */
export function provesInclusion(
  leaf: { readonly seq: number; readonly hash: Buffer },
  head: TreeHead,
  path: readonly Buffer[],
): boolean {
  if (leaf.seq < 0 || leaf.seq >= head.size) return false;
  let position = leaf.seq;
  let last = head.size - 1;
  let hash = leaf.hash;
  for (const sibling of path) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else hash = nodeHash(hash, sibling);
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && hash.equals(head.root);
}

/** Whether `path` proves that the newer tree begins with the older one (RFC 9162 §2.1.4.2). */
export function provesConsistency(older: TreeHead, newer: TreeHead, path: readonly Buffer[]): boolean {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return path.length === 0 && older.root.equals(newer.root);
  if (older.size === 0) return path.length === 0 && older.root.equals(EMPTY_ROOT);
  const [first, ...rest] = Number.isInteger(Math.log2(older.size)) ? [older.root, ...path] : path;
  if (first === undefined) return false;
  let position = older.size - 1;
  let last = newer.size - 1;
  while (position % 2 === 1) [position, last] = [half(position), half(last)];
  let [olderHash, newerHash] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      olderHash = nodeHash(sibling, olderHash);
      newerHash = nodeHash(sibling, newerHash);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else newerHash = nodeHash(newerHash, sibling);
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && olderHash.equals(older.root) && newerHash.equals(newer.root);
}

function half(number: number): number {
  return Math.floor(number / 2);
}
