import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import type { Fault, FaultKind, FoundEntry } from './domain/chain-check.js';
import { MARK_BYTES, READINGS_STORED, sealRoot, writeMark } from './domain/day-seal.js';
import { Forgotten } from './domain/forgotten.js';
import { MarkTable } from './domain/mark-table.js';
import { ROWS_STORED, type RowSeal, type SealedKind } from './domain/row-seal.js';

/** Row versions compared at a time: some 200 MB. */
const ROWS_AT_ONCE = 3_000_000;
const DAY_MS = 86_400_000;

/** What an entry of the log says of a batch's day. */
interface RecordedSeal {
  readonly seq: number;
  readonly uploadId: number;
  readonly rows: number;
  readonly root: string;
}

/** What an entry of the log says of other rows that were stored together. */
export interface RecordedRowSeal {
  readonly seq: number;
  /** Null: an edit stored them. */
  readonly uploadId: number | null;
  readonly of: SealedKind;
  readonly root: string;
}

/** Gathers what the log says of stored readings, while it is gone through. */
export class RecordedSeals {
  private readonly seals = new Map<string, RecordedSeal>();
  /** By their number, in the order of the log. */
  readonly rowSeals = new Map<number, RecordedRowSeal>();
  /** What is gone by retention or erasure, on record. */
  readonly forgotten = new Forgotten();

  /** An entry that has been checked. */
  take({ seq, text }: FoundEntry): void {
    this.forgotten.take(text);
    if (text.includes(`"kind":"${ROWS_STORED}","seq":`)) this.takeRows(seq, text);
    // Most entries are of another kind; only those that look right are parsed.
    if (!text.includes(`"kind":"${READINGS_STORED}","seq":`)) return;
    const { kind, subject, body } = JSON.parse(text) as StoredDaysText;
    if (kind !== READINGS_STORED) return;
    const uploadId = Number(subject.slice('upload:'.length));
    for (const [day, channel, rows, root] of body.days)
      this.seals.set(keyOf({ uploadId, batch: body.batch, day, channel }), { seq, uploadId, rows, root });
  }

  private takeRows(seq: number, text: string): void {
    const { kind, subject, body } = JSON.parse(text) as StoredRowsText;
    if (kind !== ROWS_STORED) return;
    const [, upload] = /^upload:(\d+)$/.exec(subject) ?? [];
    const uploadId = upload === undefined ? null : Number(upload);
    this.rowSeals.set(body.seal, { seq, uploadId, of: body.of, root: body.root });
  }

  get(key: SealKey): RecordedSeal | undefined {
    return this.seals.get(keyOf(key));
  }

  *all(): Generator<SealKey & RecordedSeal> {
    for (const [key, seal] of this.seals) {
      const [uploadId, batch, day, channel] = key.split(' ');
      yield { ...seal, uploadId: Number(uploadId), batch: Number(batch), day, channel: Number(channel) };
    }
  }
}

interface StoredRowsText {
  readonly kind: string;
  readonly subject: string;
  readonly body: RowSeal;
}

interface StoredDaysText {
  readonly kind: string;
  readonly subject: string;
  readonly body: { readonly batch: number; readonly days: [string, number, number, string][] };
}

interface SealKey {
  readonly uploadId: number;
  readonly batch: number;
  readonly day: string;
  readonly channel: number;
}

function keyOf({ uploadId, batch, day, channel }: SealKey): string {
  return `${uploadId} ${batch} ${day} ${channel}`;
}

/**
 * Compares every stored day of readings, in force or superseded, with what the log says was stored; names the first that
 * was altered, removed or put in, in the order of the log. The log itself must have been found whole.
 */
export async function verifyReadings(
  client: ClientBase,
  recorded: RecordedSeals,
  onProgress?: (rowsDone: number) => void,
): Promise<Fault | null> {
  const { fault, months } = await compareSeals(client, recorded);
  if (fault !== null) return fault;
  let first: ReadingFault | null = null;
  let done = 0;
  for (const month of [...new Set([...months.keys(), ...(await storedMonths(client))])].sort()) {
    const found = await compareMonth(client, recorded, { month, rows: months.get(month) ?? 0 }, () => {
      if (++done % 65_536 === 0) onProgress?.(done);
    });
    first = earlier(first, found);
  }
  onProgress?.(done);
  return first === null ? null : describe(client, first);
}

/** How many row versions there are to compare, from what the table itself says: for a progress bar. */
export async function countSealedRows(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'select coalesce(sum(rows), 0)::bigint as count from load_profile_seal',
  );
  return rows[0].count;
}

/** Each seal's marks against the log; rows to be expected by month (`2026-01`). */
async function compareSeals(
  client: ClientBase,
  recorded: RecordedSeals,
): Promise<{ fault: Fault | null; months: Map<string, number> }> {
  const months = new Map<string, number>();
  const met = new Set<string>();
  let first: SealFault | null = null;
  await copyOut(
    client,
    `copy (select upload_id, batch, day, channel, marks from load_profile_seal order by id) to stdout (format binary)`,
    5,
    (row) => {
      const day = isoDay(row.date(2));
      const key = { uploadId: row.int4(0), batch: row.int4(1), day, channel: row.int2(3) };
      const marks = row.bytes(4);
      const said = recorded.get(key);
      if (said === undefined) first ??= { kind: 'inserted', seq: null, key };
      else if (said.root !== sealRoot(marks))
        first = earlierSeal(first, { kind: 'altered', seq: said.seq, key });
      met.add(keyOf(key));
      const month = day.slice(0, 7);
      months.set(month, (months.get(month) ?? 0) + marks.length / MARK_BYTES);
    },
  );
  for (const seal of recorded.all()) {
    if (!met.has(keyOf(seal))) first = earlierSeal(first, { kind: 'missing', seq: seal.seq, key: seal });
  }
  return { fault: first === null ? null : sealFault(first), months };
}

interface SealFault {
  readonly kind: FaultKind;
  /** Null: the log says nothing of it. */
  readonly seq: number | null;
  readonly key: SealKey;
}

function earlierSeal(a: SealFault | null, b: SealFault): SealFault {
  return a !== null && (a.seq ?? Infinity) <= (b.seq ?? Infinity) ? a : b;
}

function sealFault({ kind, seq, key: { uploadId, day, batch } }: SealFault): Fault {
  const reading = { uploadId, day, meteringPointId: null };
  const what = `the digests of ${day} in batch ${batch} of upload ${uploadId}`;
  const sentence =
    seq === null
      ? `Readings of ${day}: ${what} are not in the log; they were inserted.`
      : `Readings of ${day}: ${what} ${kind === 'missing' ? 'are missing' : 'are not those'} that entry ${seq} recorded.`;
  return { kind, first: seq ?? 0, last: seq ?? 0, sentence, reading };
}

async function storedMonths(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ month: string }>(
    `select replace(right(inhrelid::regclass::text, 7), '_', '-') as month from pg_inherits
     where inhparent = 'load_profile'::regclass`,
  );
  return rows.map(({ month }) => month);
}

interface ReadingFault {
  readonly kind: FaultKind;
  readonly seq: number | null;
  readonly uploadId: number;
  readonly day: string;
  readonly meteringPointId: number;
}

/** The first in the order of the log, then of days and metering points. */
function earlier(a: ReadingFault | null, b: ReadingFault | null): ReadingFault | null {
  if (a === null || b === null) return a ?? b;
  const order =
    (a.seq ?? Number.MAX_SAFE_INTEGER) - (b.seq ?? Number.MAX_SAFE_INTEGER) ||
    a.day.localeCompare(b.day) ||
    a.meteringPointId - b.meteringPointId;
  return order <= 0 ? a : b;
}

async function compareMonth(
  client: ClientBase,
  recorded: RecordedSeals,
  { month, rows }: { readonly month: string; readonly rows: number },
  onRow: () => void,
): Promise<ReadingFault | null> {
  let first: ReadingFault | null = null;
  for (const points of await pointRanges(client, month, Math.ceil(rows / ROWS_AT_ONCE)))
    first = earlier(first, await compareRange(client, recorded, { month, rows, points }, onRow));
  return first;
}

interface PointRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** `parts` ranges of metering points that between them are all. */
async function pointRanges(client: ClientBase, month: string, parts: number): Promise<PointRange[]> {
  const all = { from: 0, to: 2 ** 31 };
  if (parts <= 1) return [all];
  const { rows } = await client.query<{ low: number | null; high: number | null }>(
    `select min(metering_point_id) as low, max(metering_point_id) as high from load_profile where ${inMonth(month)}`,
  );
  const { low, high } = { low: rows[0].low ?? 0, high: rows[0].high ?? 1 };
  const bounds = Array.from({ length: parts - 1 }, (_, at) =>
    Math.floor(low + ((high - low) * (at + 1)) / parts),
  );
  const edges = [...new Set([all.from, ...bounds, all.to])];
  return edges.slice(1).map((to, at) => ({ from: edges[at], to }));
}

async function compareRange(
  client: ClientBase,
  recorded: RecordedSeals,
  { month, rows, points }: { readonly month: string; readonly rows: number; readonly points: PointRange },
  onRow: () => void,
): Promise<ReadingFault | null> {
  const seals: (SealKey & RecordedSeal)[] = [];
  const table = new MarkTable(rows);
  await copyOut(
    client,
    `copy (select upload_id, batch, day, channel, marks from load_profile_seal where ${inMonth(month)} order by id)
     to stdout (format binary)`,
    5,
    (row) => {
      const day = isoDay(row.date(2));
      const key = { uploadId: row.int4(0), batch: row.int4(1), day, channel: row.int2(3) };
      const { seq, rows: count, root } = recorded.get(key)!;
      seals.push({ ...key, seq, rows: count, root });
      const marks = row.bytes(4);
      const dayOfMonth = Number(day.slice(8));
      for (let at = 0; at < marks.length; at += MARK_BYTES) {
        const meteringPointId = marks.readInt32BE(at);
        if (meteringPointId < points.from || meteringPointId >= points.to) continue;
        const revision = marks.readInt16BE(at + 4);
        const { channel } = key;
        table.set({ meteringPointId, dayOfMonth, channel, revision }, seals.length - 1, marks, at);
      }
    },
  );
  let first: ReadingFault | null = null;
  const blame = (kind: FaultKind, meteringPointId: number, seal: number): void => {
    const { seq, uploadId, day } = seals[seal];
    first = earlier(first, { kind, seq, uploadId, day, meteringPointId });
  };
  const mark = Buffer.alloc(MARK_BYTES);
  await copyOut(client, rowsSql(month, points), 11, (row) => {
    onRow();
    const [meteringPointId, day, uploadId] = [row.int4(0), row.date(1), row.int4(4)];
    const [channel, revision] = [row.int2(2), row.int2(3)];
    const facts = {
      intervalMinutes: row.int2(5),
      intervals: row.int2(6),
      scale: row.int2(7),
      totalWh: row.int8(8),
    };
    const key = { meteringPointId, day, channel, revision, uploadId };
    writeMark({ ...key, ...facts }, row.bytes(9), row.bytes(10), mark, 0);
    const date = isoDay(day);
    const dayOfMonth = Number(date.slice(8));
    const met = table.meet({ meteringPointId, dayOfMonth, channel, revision }, mark);
    if (met === null)
      first = earlier(first, { kind: 'inserted', seq: null, uploadId, day: date, meteringPointId });
    else if (!met.same) blame('altered', meteringPointId, met.seal);
  });
  for (const { meteringPointId, seal } of table.unmet())
    if (!recorded.forgotten.has(month, meteringPointId)) blame('missing', meteringPointId, seal);
  return first;
}

/** Days in force and superseded ones. */
function rowsSql(month: string, { from, to }: PointRange): string {
  const columns =
    'metering_point_id, day, channel, revision, upload_id, interval_minutes, intervals, scale, total_wh, energy, quality';
  const where = `where ${inMonth(month)} and metering_point_id >= ${from} and metering_point_id < ${to}::bigint`;
  return `copy (select ${columns} from load_profile ${where}
    union all select ${columns} from load_profile_history ${where}) to stdout (format binary)`;
}

function inMonth(month: string): string {
  return `day >= '${month}-01'::date and day < ('${month}-01'::date + interval '1 month')::date`;
}

async function describe(
  client: ClientBase,
  { kind, seq, uploadId, day, meteringPointId }: ReadingFault,
): Promise<Fault> {
  const { rows } = await client.query<{ name: string }>(
    'select external_id as name from metering_point where id = $1',
    [meteringPointId],
  );
  const point = rows.length === 0 ? String(meteringPointId) : `${rows[0].name} (${meteringPointId})`;
  const sentence = `Readings of ${day} of metering point ${point}, ${SENTENCE_ENDS[kind]({ uploadId, seq })}`;
  const reading = { uploadId, day, meteringPointId };
  return { kind, first: seq ?? 0, last: seq ?? 0, sentence, reading };
}

type SentenceEnd = (of: { readonly uploadId: number; readonly seq: number | null }) => string;

const stored = ({ uploadId, seq }: Parameters<SentenceEnd>[0]) =>
  `stored by upload ${uploadId} and recorded in entry ${seq}`;

const SENTENCE_ENDS: Readonly<Record<string, SentenceEnd>> = {
  altered: (of) => `${stored(of)}, were altered.`,
  missing: (of) => `${stored(of)}, are missing.`,
  inserted: ({ uploadId }) =>
    `which claim to be of upload ${uploadId}, were inserted: no entry recorded them.`,
};

function isoDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
