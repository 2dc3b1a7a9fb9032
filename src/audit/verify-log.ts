import type { ClientBase } from 'pg';
import { ChainCheck, type Fault, type FoundEntry, type SeenTree } from './domain/chain-check.js';
import type { Checkpoint } from './domain/checkpoint.js';
import { isSignedBy, type VerifierKey } from './domain/signed-note.js';
import { openBundle } from './bundle.js';
import {
  coveredByKept,
  PAGE_ENTRIES,
  readKept,
  readPage,
  storedCheckpoints,
  type StoredCheckpoint,
} from './read-log.js';

export interface Verification {
  readonly size: number;
  readonly root: Buffer;
  /** Trees the log was compared with: checkpoints stored with it and handed in. */
  readonly compared: number;
  /** The first thing that is wrong; null when the log is whole. */
  readonly fault: Fault | null;
}

export interface VerifyOptions {
  /** Checkpoints from outside: what a witness kept. */
  readonly seen: readonly SeenTree[];
  /** The log's key, where it is known: every checkpoint kept with the log must be signed by it. */
  readonly logKey: VerifierKey | null;
  /** Told every entry, in order, until the first fault. */
  readonly onEntry?: (entry: FoundEntry) => void;
  readonly onProgress?: (entriesDone: number) => void;
}

export function seenTree({ size, root }: Checkpoint, source: string): SeenTree {
  return { size, root, source };
}

/** Verifies the log in the database, on the view of it that the client's transaction has. */
export async function verifyDatabase(client: ClientBase, options: VerifyOptions): Promise<Verification> {
  const stored = await storedCheckpoints(client);
  const { check, compared } = begin(stored, 'the database', options);
  let going = true;
  for (let after: number | null = null; going;) {
    check.expectKept(await readKept(client, check.size));
    const last: number | null = await readPage(client, after, (entry) => {
      going &&= check.add(entry);
      if (going) options.onEntry?.(entry);
    });
    options.onProgress?.(check.size);
    if (last === null) break;
    after = last;
  }
  const fault = check.end() ?? cutOff(check.size, await coveredByKept(client)) ?? forged(stored, options);
  return { size: check.size, root: check.root(), compared, fault };
}

/** Verifies an exported log, without a database. Throws a RefusedError for a file that is none. */
export async function verifyBundle(path: string, options: VerifyOptions): Promise<Verification> {
  const bundle = await openBundle(path);
  const { check, compared } = begin(bundle.checkpoints, path, options);
  for await (const entry of bundle.entries) {
    if (!check.add(entry)) break;
    options.onEntry?.(entry);
    if (check.size % PAGE_ENTRIES === 0) options.onProgress?.(check.size);
  }
  const fault = check.end() ?? cutOff(check.size, bundle.size) ?? forged(bundle.checkpoints, options);
  return { size: check.size, root: check.root(), compared, fault };
}

function begin(
  stored: readonly StoredCheckpoint[],
  source: string,
  { seen, logKey }: VerifyOptions,
): { check: ChainCheck; compared: number } {
  // A forged one would only accuse the entries; it is named when nothing is wrong with them.
  const genuine = stored.filter((one) => isGenuine(one, logKey));
  const trees = [...genuine.map(({ checkpoint }) => seenTree(checkpoint!, source)), ...seen];
  return { check: new ChainCheck(trees), compared: trees.length };
}

function isGenuine({ checkpoint }: StoredCheckpoint, logKey: VerifierKey | null): boolean {
  return checkpoint !== null && (logKey === null || isSignedBy(checkpoint.note, logKey));
}

function forged(stored: readonly StoredCheckpoint[], { logKey }: VerifyOptions): Fault | null {
  const wrong = stored.find((one) => !isGenuine(one, logKey));
  if (wrong === undefined) return null;
  const { size } = wrong;
  const sentence = `The checkpoint of ${size} entries is not one that this log's key has signed.`;
  return { kind: 'forged', first: 0, last: Math.max(size - 1, 0), sentence };
}

function cutOff(size: number, covered: number): Fault | null {
  if (covered <= size) return null;
  const sentence = `Entries from ${size} on are missing at the end: there were at least ${covered}.`;
  return { kind: 'missing', first: size, last: covered - 1, sentence };
}
