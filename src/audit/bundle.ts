import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { RefusedError } from '../config/errors.js';
import type { FoundEntry } from './domain/chain-check.js';
import { parseCheckpoint } from './domain/checkpoint.js';
import { readPage, storedCheckpoints, type StoredCheckpoint } from './read-log.js';

/**
 * A log in a text file, for whoever has no database: a first line with the number of entries, a line per checkpoint
 * (`checkpoint`, its size, its note as a JSON string), a line per entry (its stored hash in base64, its canonical JSON:
 * SHA-256 over a zero byte and that JSON is the hash).
 */
const FORMAT = 'gridwarden-audit-bundle/1';
const NEWLINE = 10;
const HASH_CHARACTERS = 44;
/** No entry is that long; a file of one endless line is no bundle. */
const LONGEST_LINE_BYTES = 16 << 20;

/** Writes the log that the client's transaction sees; the file appears when it is whole. */
export async function writeBundle(
  client: ClientBase,
  path: string,
  onProgress?: (entriesDone: number) => void,
): Promise<{ readonly entries: number }> {
  const partial = `${path}.partial`;
  const { rows } = await client.query<{ size: number }>('select count(*) as size from audit_entry');
  const { size } = rows[0];
  try {
    await pipeline(Readable.from(bundleText(client, size, onProgress)), createWriteStream(partial));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return { entries: size };
}

async function* bundleText(
  client: ClientBase,
  size: number,
  onProgress: ((entriesDone: number) => void) | undefined,
): AsyncGenerator<string> {
  yield `${FORMAT} ${size}\n`;
  for (const checkpoint of await storedCheckpoints(client))
    yield `checkpoint ${checkpoint.size} ${JSON.stringify(checkpoint.note)}\n`;
  let done = 0;
  for (let after: number | null = null; ;) {
    const lines: string[] = [];
    after = await readPage(client, after, ({ leafHash, text }) => {
      lines.push(`${leafHash.toString('base64')} ${text}\n`);
    });
    if (after === null) return;
    yield lines.join('');
    onProgress?.((done += lines.length));
  }
}

export interface Bundle {
  /** Entries it says it holds. */
  readonly size: number;
  readonly checkpoints: readonly StoredCheckpoint[];
  /** To be read once. */
  readonly entries: AsyncIterable<FoundEntry>;
}

/** @throws RefusedError a file that cannot be read or is no bundle, also while its entries are being read. */
export async function openBundle(path: string): Promise<Bundle> {
  const lines = linesOf(path);
  const head = await lines.next();
  const match = head.done ? null : /^gridwarden-audit-bundle\/1 (\d{1,15})$/.exec(head.value);
  if (match === null) throw new RefusedError(`${path} is no exported audit log.`);
  const checkpoints: StoredCheckpoint[] = [];
  let line = await lines.next();
  for (; !line.done && line.value.startsWith('checkpoint '); line = await lines.next())
    checkpoints.push(storedCheckpoint(line.value, path));
  return {
    size: Number(match[1]),
    checkpoints,
    entries: entriesOf(line.done ? null : line.value, lines, path),
  };
}

function storedCheckpoint(line: string, path: string): StoredCheckpoint {
  const match = /^checkpoint (\d{1,15}) (".*")$/.exec(line);
  const note = match === null ? null : parseJson(match[2]);
  if (match === null || typeof note !== 'string')
    throw new RefusedError(`${path} has a checkpoint that cannot be read.`);
  const size = Number(match[1]);
  const checkpoint = parseCheckpoint(note);
  return { size, note, checkpoint: checkpoint?.size === size ? checkpoint : null };
}

async function* entriesOf(
  first: string | null,
  rest: AsyncGenerator<string>,
  path: string,
): AsyncGenerator<FoundEntry> {
  if (first === null) return;
  yield entryOf(first, path);
  for await (const line of rest) yield entryOf(line, path);
}

function entryOf(line: string, path: string): FoundEntry {
  const text = line.slice(HASH_CHARACTERS + 1);
  const json = parseJson(text);
  const { seq, at } = (typeof json === 'object' && json !== null ? json : {}) as Partial<FoundEntry>;
  if (typeof seq !== 'number' || typeof at !== 'string' || line[HASH_CHARACTERS] !== ' ')
    throw new RefusedError(`${path} has a line that is no entry: ${JSON.stringify(line.slice(0, 80))}.`);
  return { seq, at, text, leafHash: Buffer.from(line.slice(0, HASH_CHARACTERS), 'base64') };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Lines end at a newline and nowhere else: readline would also split at U+2028, which JSON lets stand. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      const buffer = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      let start = 0;
      for (let end = buffer.indexOf(NEWLINE); end >= 0; end = buffer.indexOf(NEWLINE, start)) {
        yield buffer.toString('utf8', start, end);
        start = end + 1;
      }
      rest = buffer.subarray(start);
      if (rest.length > LONGEST_LINE_BYTES) throw new RefusedError(`${path} is no exported audit log.`);
    }
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    throw new RefusedError(`${path} cannot be read: ${(error as Error).message}.`);
  }
  if (rest.length > 0) yield rest.toString();
}
