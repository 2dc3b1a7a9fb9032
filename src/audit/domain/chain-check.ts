import { recordHash, renumbered } from './entry.js';
import { GrowingTree, type Subtree, type TreeHead } from './merkle.js';
import type { SealedKind } from './row-seal.js';

/** An entry as it was found. */
export interface FoundEntry {
  readonly seq: number;
  readonly at: string;
  /** Canonical JSON of the whole entry. */
  readonly text: string;
  /** The hash that is stored beside it. */
  readonly leafHash: Buffer;
}

/** A tree that somebody saw: the log must still begin with it. */
export interface SeenTree extends TreeHead {
  /** Who keeps it: `witness.txt`, «the database». */
  readonly source: string;
}

export type FaultKind =
  'altered' | 'missing' | 'inserted' | 'reordered' | 'back-dated' | 'rewritten' | 'forged';

/** The first thing that is wrong with a log. */
export interface Fault {
  readonly kind: FaultKind;
  /** The entries in question, `first` to `last`; the same unless their own hashes were rewritten too. */
  readonly first: number;
  readonly last: number;
  readonly sentence: string;
  /** Stored readings, where they and not the log are wrong; a null point: the digests of the whole day. */
  readonly reading?: {
    readonly uploadId: number;
    /** YYYY-MM-DD */
    readonly day: string;
    readonly meteringPointId: number | null;
  };
  /** The same of a register reading, meter event or registry row; a null upload: an edit, or nothing on record. */
  readonly row?: {
    readonly of: SealedKind;
    readonly uploadId: number | null;
    readonly meteringPointId: number | null;
  };
  /** The same of what people recorded: a case, a decision, a proposal … and which. */
  readonly record?: { readonly of: string; readonly key: string };
}

/** How many entries are read beyond the first wrong one: two tell a gap from an exchange. */
const LOOK_AHEAD = 2;
/** How far from its place an entry is recognised, in numbers. */
const FARTHEST_MOVE = 10_000;

/**
 * Goes through a log entry by entry: every entry must give its stored hash, stand under the number it was written as, and
 * not be dated before its predecessor; the tree over them must give every kept subtree and every tree that was seen.
 */
export class ChainCheck {
  private readonly tree = new GrowingTree();
  private readonly seen: readonly SeenTree[];
  private nextSeen = 0;
  /** Up to here a tree that was seen has been confirmed. */
  private confirmed = 0;
  private lastAt = '';
  /** The first wrong entry and those behind it. */
  private readonly suspects: FoundEntry[] = [];
  private fault: Fault | null = null;
  private keptHash: ((subtree: Subtree) => Buffer | undefined) | null = null;

  constructor(seen: readonly SeenTree[]) {
    this.seen = [...seen].sort((a, b) => a.size - b.size);
    this.compareSeen();
  }

  get size(): number {
    return this.tree.size;
  }

  root(): Buffer {
    return this.tree.root();
  }

  /** From now on every kept subtree that is completed must be what `hashOf` says; undefined = it is not stored. */
  expectKept(hashOf: (subtree: Subtree) => Buffer | undefined): void {
    this.keptHash = hashOf;
  }

  /** Takes the next entry; false when the first fault is known and nothing more need be read. */
  add(entry: FoundEntry): boolean {
    if (this.fault !== null) return false;
    if (this.suspects.length > 0 || !this.isInOrder(entry)) {
      this.suspects.push(entry);
      return this.suspects.length <= LOOK_AHEAD;
    }
    if (entry.at < this.lastAt) this.fault = backDated(entry, this.lastAt);
    this.lastAt = entry.at;
    this.tree.add(entry.leafHash, (subtree, hash) => this.compareKept(subtree, hash));
    this.compareSeen();
    return this.fault === null;
  }

  /** The first fault, after the last entry; null when there is none. */
  end(): Fault | null {
    this.fault ??= this.suspects.length > 0 ? explain(this.tree.size, this.suspects) : this.cutOff();
    return this.fault;
  }

  private isInOrder({ seq, text, leafHash }: FoundEntry): boolean {
    return seq === this.tree.size && recordHash(text).equals(leafHash);
  }

  private compareKept(subtree: Subtree, hash: Buffer): void {
    if (this.keptHash === null || this.fault !== null) return;
    if (this.keptHash(subtree)?.equals(hash)) return;
    const leaves = 2 ** subtree.level;
    const first = Math.max(subtree.index * leaves, this.confirmed);
    this.fault = rewritten(first, (subtree.index + 1) * leaves - 1, 'the hash stored over them');
  }

  private compareSeen(): void {
    const root = this.seen[this.nextSeen]?.size === this.tree.size ? this.tree.root() : null;
    for (; root !== null && this.seen[this.nextSeen]?.size === this.tree.size; this.nextSeen++) {
      const { size, source, ...seen } = this.seen[this.nextSeen];
      if (seen.root.equals(root)) continue;
      const last = Math.max(size - 1, 0);
      this.fault ??= rewritten(
        Math.min(this.confirmed, last),
        last,
        `the root that ${source} keeps for ${size} entries`,
      );
    }
    if (root !== null) this.confirmed = this.tree.size;
  }

  /** A tree that was seen is larger than what is here. */
  private cutOff(): Fault | null {
    const larger = this.seen.at(-1);
    if (larger === undefined || larger.size <= this.tree.size) return null;
    const first = this.tree.size;
    const last = larger.size - 1;
    const sentence = `${entries(first, last)} missing at the end: ${larger.source} keeps the root of ${larger.size} entries.`;
    return { kind: 'missing', first, last, sentence };
  }
}

function entries(first: number, last: number): string {
  return first === last ? `Entry ${first} is` : `Entries ${first} to ${last} are`;
}

/** Time runs on in a log: of two entries out of order one was back-dated, or the other dated ahead. */
function backDated({ seq, at }: FoundEntry, before: string): Fault {
  const sentence =
    `Entry ${seq} is dated ${at}, before entry ${seq - 1} (${before}): ` +
    'one of the two was given another date and the hashes rewritten.';
  return { kind: 'back-dated', first: seq - 1, last: seq, sentence };
}

/** @param rightful what the entries should give. */
function rewritten(first: number, last: number, rightful: string): Fault {
  const sentence =
    first === last
      ? `Entry ${first} was rewritten together with its hash: it does not give ${rightful}.`
      : `Of the entries ${first} to ${last} at least one was altered, removed or inserted and the hashes rewritten: ` +
        `they do not give ${rightful}.`;
  return { kind: 'rewritten', first, last, sentence };
}

/** What happened at `expected`, from the entries found there. */
function explain(expected: number, [suspect, next]: readonly FoundEntry[]): Fault {
  const fault = (kind: FaultKind, first: number, sentence: string, last = first): Fault => ({
    kind,
    first,
    last,
    sentence,
  });
  if (suspect.seq > expected) {
    const last = suspect.seq - 1;
    if (next?.seq === expected)
      return fault(
        'reordered',
        expected,
        `Entry ${expected} stands behind entry ${suspect.seq}: they were reordered.`,
      );
    return fault('missing', expected, `${entries(expected, last)} missing.`, last);
  }
  if (suspect.seq < expected)
    return fault(
      'inserted',
      suspect.seq,
      `Entry ${suspect.seq} stands there a second time: it was inserted.`,
    );
  const move = moveOf(suspect);
  if (move === null)
    return fault('altered', expected, `Entry ${expected} was altered: its content does not give its hash.`);
  const written = expected + move;
  const followed = next === undefined || moveOf(next) === move;
  if (followed && move > 0)
    return fault(
      'missing',
      expected,
      `${entries(expected, written - 1)} missing: what stands there was written as entry ${written}.`,
      written - 1,
    );
  if (followed && move < 0)
    return fault(
      'inserted',
      written,
      `${entries(written, expected - 1)} inserted: entry ${expected} was written as entry ${written}.`,
      expected - 1,
    );
  return fault(
    'reordered',
    expected,
    `Entry ${expected} was written as entry ${written}: they were reordered.`,
  );
}

/** How many numbers an entry was moved down (positive) or up (negative) with its stored hash; null: not recognised. */
function moveOf({ seq, text, leafHash }: FoundEntry): number | null {
  for (let distance = 0; distance <= FARTHEST_MOVE; distance++) {
    for (const move of distance === 0 ? [0] : [distance, -distance]) {
      if (seq + move < 0) continue;
      const original = renumbered(text, seq, seq + move);
      if (original === null) return null;
      if (recordHash(original).equals(leafHash)) return move;
    }
  }
  return null;
}
