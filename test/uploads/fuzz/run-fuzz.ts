import { performance } from 'node:perf_hooks';
import { RefusedError } from '../../../src/config/errors.js';
import { parseZone } from '../../../src/grid/domain/time-zone.js';
import { MISSING_WH } from '../../../src/readings/domain/energy-codec.js';
import { ProfileBatch } from '../../../src/readings/domain/profile-batch.js';
import { USUAL_CHECKS } from '../../../src/config/domain/checks.js';
import { noCounts } from '../../../src/uploads/domain/intake-counts.js';
import { PointIndex } from '../../../src/uploads/domain/point-index.js';
import { REJECT_REASONS, type RejectedRow } from '../../../src/uploads/domain/rejected-row.js';
import { EVENTS } from '../../../src/uploads/formats/events-csv.js';
import { lineBlocks } from '../../../src/uploads/formats/line-blocks.js';
import { decodePointRows } from '../../../src/uploads/formats/point-rows.js';
import { ReadingsDecoder } from '../../../src/uploads/formats/readings-decoder.js';
import { parseReadingsHeader } from '../../../src/uploads/formats/readings-header.js';
import { REGISTERS } from '../../../src/uploads/formats/registers-csv.js';
import { decodeRegistry } from '../../../src/uploads/formats/registry-csv.js';
import { decodeWeather } from '../../../src/uploads/formats/weather-csv.js';
import { DayChecks } from '../../../src/uploads/validation/domain/day-checks.js';
import { randomFrom } from '../file-oracle.js';
import { LAYOUTS, mutant, type Layout } from './mutations.js';

const RECEIVED = new Date('2026-06-01T00:00:00Z');
const IDS = ['A', 'B-2', '0007', 'жук', 'S'];
const TERRITORIES = [
  { zone: parseZone('Asia/Irkutsk')!, standardOffsetMinutes: 480 },
  { zone: parseZone('Europe/Berlin')!, standardOffsetMinutes: 60 },
];
/** Readings have the most ways to be read: nine of ten cases are theirs. */
const READINGS_SHARE = 0.9;
/** One file here has a few kilobytes; a second for it would be a hang. */
const MOST_MS = 1000;

const points = new PointIndex(IDS.length);
IDS.forEach((id, at) => points.add(Buffer.from(id), at + 1, id === 'S' ? 1 : 0, at === 0 ? 15 : NaN));
const batches = new Map([1440, 60, 30, 15, 5].map((minutes) => [minutes, new ProfileBatch(minutes, 200)]));

export interface FuzzResult {
  readonly cases: number;
  readonly refused: number;
  readonly rejected: number;
  readonly slowestMs: number;
  /** What was wrong, each with the seed of its case. */
  readonly faults: readonly string[];
}

/** Decodes `cases` mutants; the case `n` of a seed is always the same file. */
export async function runFuzz(
  cases: number,
  seed: number,
  onCase?: (done: number) => void,
): Promise<FuzzResult> {
  const faults: string[] = [];
  let refused = 0;
  let rejected = 0;
  let slowestMs = 0;
  // Most of a refusal's cost is its stack, which nobody looks at.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  for (let n = 0; n < cases && faults.length < 5; n++) {
    const random = randomFrom(seed + n);
    const layout = random() < READINGS_SHARE ? 'readings' : LAYOUTS[Math.floor(random() * LAYOUTS.length)];
    const file = mutant(layout, random);
    const started = performance.now();
    const label = () =>
      `seed ${seed + n}, ${layout} ${JSON.stringify(file.toString('latin1').slice(0, 300))}`;
    try {
      const rows = await decode(layout, file, random);
      rejected += rows.length;
      const fault = faultOf(rows, file);
      if (fault !== null) faults.push(`${label()}: ${fault}`);
    } catch (error) {
      if (error instanceof RefusedError && /[.?!]$/.test(error.message)) refused++;
      else faults.push(`${label()}: ${(error as Error).stack}`);
    }
    const ms = performance.now() - started;
    if (ms > slowestMs) slowestMs = ms;
    if (ms > MOST_MS) faults.push(`${label()}: took ${Math.round(ms)} ms`);
    if (n % 10_000 === 0) onCase?.(n);
  }
  Error.stackTraceLimit = stackTraceLimit;
  return { cases, refused, rejected, slowestMs, faults };
}

/** Rejected rows of the file. @throws RefusedError, or whatever a decoder should not. */
async function decode(layout: Layout, file: Buffer, random: () => number): Promise<RejectedRow[]> {
  const options = {
    points,
    territories: TERRITORIES,
    clock: { zone: null, standardZones: new Set<never>() },
    receivedAt: RECEIVED,
  };
  switch (layout) {
    case 'readings':
      return decodeReadings(file, random);
    case 'registers':
      return rowsOf(decodePointRows(pieces(file, random), REGISTERS, { ...options, holdUnknown: true }));
    case 'events':
      return rowsOf(decodePointRows(pieces(file, random), EVENTS, { ...options, holdUnknown: true }));
    case 'registry':
      return rowsOf(decodeRegistry(pieces(file, random)));
    case 'weather':
      return rowsOf(decodeWeather(pieces(file, random), null));
  }
}

async function rowsOf(batches: AsyncIterable<{ readonly rejected: RejectedRow[] }>): Promise<RejectedRow[]> {
  const rows: RejectedRow[] = [];
  for await (const { rejected } of batches) rows.push(...rejected);
  return rows;
}

async function decodeReadings(file: Buffer, random: () => number): Promise<RejectedRow[]> {
  const end = file.indexOf(0x0a);
  const header = file
    .subarray(0, end < 0 ? file.length : end)
    .toString('utf8')
    .replace(/\r$/, '');
  const layout = parseReadingsHeader(header);
  const intervalMinutes =
    layout.layout === 'long'
      ? layout.daily
        ? 1440
        : [60, 30, 5][Math.floor(random() * 3)]
      : layout.intervalMinutes;
  const counts = noCounts();
  counts.lastLine = 1;
  const decoder = new ReadingsDecoder({
    layout,
    intervalMinutes,
    points,
    counts,
    territories: TERRITORIES,
    clock: { zone: null, standardZones: new Set() },
    receivedAt: RECEIVED,
    rejectedRowsKept: 10_000,
    holdUnknown: true,
    whPerValue: random() < 0.8 ? 1000 : 0.5,
    endLabelled: random() < 0.2,
  });
  const batch = batches.get(intervalMinutes)!;
  batch.clear();
  const checks = new DayChecks(USUAL_CHECKS, points, Math.floor(RECEIVED.getTime() / 86_400_000));
  const finish = () => {
    expectStorable(batch);
    checks.check(batch);
    batch.dropEmptyRows();
    expectStorable(batch);
    batch.clear();
  };
  for await (const block of lineBlocks(
    pieces(file.subarray(end < 0 ? file.length : end + 1), random),
    end + 1,
  )) {
    if (block.kind === 'long-line') {
      decoder.rejectLongLine(block.head);
      continue;
    }
    for (let at = 0; at < block.bytes.length;) {
      const next = decoder.process(block, at, batch);
      if (next < block.bytes.length) {
        if (next === at && batch.rows === 0) throw new Error('does not go on');
        finish();
      }
      at = next;
    }
  }
  finish();
  const { rejected } = decoder.takeWaiting();
  if (counts.rejected < rejected.length)
    throw new Error(`${rejected.length} rejected rows kept and ${counts.rejected} counted`);
  const most = counts.rows * layout.columns.length;
  if (counts.accepted + counts.blank + counts.rejected + counts.held > most + counts.rows)
    throw new Error('more values than the file has');
  return rejected;
}

function expectStorable(batch: ProfileBatch): void {
  for (let row = 0; row < batch.rows; row++) {
    if (!(batch.points[row] >= 0 && batch.points[row] < IDS.length))
      throw new Error('a point that does not exist');
    if (!(batch.days[row] >= 10_955 && batch.days[row] <= 84_000)) throw new Error(`day ${batch.days[row]}`);
    for (let at = row * batch.slots; at < (row + 1) * batch.slots; at++) {
      const wh = batch.energyWh[at];
      if (wh !== MISSING_WH && !(wh >= 0 && wh <= 240_000_000)) throw new Error(`${wh} Wh in an interval`);
    }
  }
}

/** Each refusal of a row names a line of the file, its field, a known reason, and one sentence. */
function faultOf(rows: readonly RejectedRow[], file: Buffer): string | null {
  let lines = 2;
  for (const byte of file) if (byte === 0x0a) lines++;
  for (const { line, field, reason, detail, raw } of rows) {
    if (!(line >= 2 && line <= lines)) return `line ${line} of ${lines}`;
    if (!REJECT_REASONS.includes(reason)) return `reason ${reason}`;
    if (typeof field !== 'string' || field.includes('\n')) return `field ${JSON.stringify(field)}`;
    if (!/[.?!]$/.test(detail) || detail.length > 1000) return `detail ${JSON.stringify(detail)}`;
    if (raw.length > 4000 || raw.includes('\0')) return 'raw text';
  }
  return null;
}

/** The file in pieces cut anywhere, as a stream has them. */
async function* pieces(file: Buffer, random: () => number): AsyncGenerator<Buffer> {
  const cut = random() < 0.5 ? file.length : Math.floor(random() * file.length);
  if (cut > 0) yield file.subarray(0, cut);
  if (cut < file.length) yield file.subarray(cut);
}
