import type { ClientBase } from 'pg';
import { DatabaseError } from 'pg';
import type { DaySeal } from '../audit/domain/day-seal.js';
import { copyInRows, copyOut } from '../database/copy-binary.js';
import { isoFromDay, monthStart, nextMonthStart, type DayNumber } from '../grid/domain/calendar.js';
import { nextBatch, storeSeals } from './day-seals.js';
import {
  CHANNEL_CONSUMPTION,
  dayRowColumns,
  FIRST_REVISION,
  type DaysJob,
  type MarkedRows,
} from './domain/day-rows.js';
import { DaysKnown } from './domain/days-known.js';
import { DAILY_MINUTES } from './domain/interval.js';
import type { ProfileBatch } from './domain/profile-batch.js';
import { IN_THIS_THREAD, type EncodedRows, type RowEncoder } from './encoding-thread.js';
import { areWithoutKey, monthTable, WRITER_LOCK, type BatchOfPoints } from './profile-months.js';
import { markPoints } from './scoring-mark.repository.js';

export { CHANNEL_CONSUMPTION };

const COLUMNS =
  'total_wh, metering_point_id, day, upload_id, revision, channel, interval_minutes, intervals, scale, energy, quality';

/** How many rows of a batch are looked up to decide whether it can be copied straight in. */
const PROBES = 64;

/** Stored days that are read for each one compared, at the most; beyond it each is looked up by its key. */
const MOST_READ_FOR_ONE = 8;

export interface StoredDays {
  /** Days stored for the first time. */
  created: number;
  /** Days that say something else than before: a new revision each. */
  changed: number;
  /** Days already stored with the same intervals: nothing written. */
  unchanged: number;
  /** Days' energies passed over, because finer readings of the day are stored. */
  passedOver: number;
  /** Changed days that were stored in intervals of another length. */
  otherLength: number;
}

const NOTHING_STORED: StoredDays = { created: 0, changed: 0, unchanged: 0, passedOver: 0, otherLength: 0 };

/** What was written, for the audit log: `storedDaysEntry`. */
export interface SealedDays extends StoredDays {
  /** Number of the batch among its upload's. */
  readonly batch: number;
  /** None when nothing was written. */
  readonly seals: readonly DaySeal[];
}

interface RowsOfUpload extends BatchOfPoints {
  readonly uploadId: number;
}

export interface ProfileSource extends RowsOfUpload {
  readonly now: Date;
  /** Another than this thread, for large files. */
  readonly encoder?: RowEncoder;
  /** None of the days is stored: the answer of `OpenMonths.makeReady`, in which nobody need be asked. */
  readonly isNew?: boolean;
  /** The same batch's rows, unless it was changed since. */
  readonly ahead?: RowsAhead;
}

/** A batch's rows as they are to be written. */
interface OrderedRows {
  readonly order: Int32Array;
  readonly days: { readonly first: DayNumber; readonly last: DayNumber };
  readonly job: DaysJob;
  readonly marked: MarkedRows;
}

/** Rows that are being encoded before their batch's turn to be stored. */
export interface RowsAhead extends OrderedRows {
  readonly encoded: EncodedRows;
}

/** Begins to encode a batch that is likely to go into the table as it is; to be given to {@link storeProfiles}, or released. */
export function encodeAhead(source: RowsOfUpload, encoder: RowEncoder): RowsAhead {
  const rows = inKeyOrder(source);
  return { ...rows, encoded: encoder.encode({ ...rows.job, marked: rows.marked }) };
}

/**
 * Writes a batch of day rows inside the caller's transaction, and marks what changed for the next scoring.
 * New days are copied straight into the table; where days are stored already, they are compared, what differs goes to
 * staging and only that is written (an identical batch: no row version and no WAL). A day of
 * which the batch has some intervals is laid over the stored day. What a later upload brought stands against an older
 * one, whatever the order of loading. Of a day's energy in one piece and intervals within that day the intervals stand,
 * whichever came first: laying one over the other would count energy twice, or invent a shape.
 * What was encoded is released once it is sent, and not where that fails: some may still be on its way.
 *
 * Every row written is sealed; the caller records the seals in the audit log, last in the same transaction.
 */
export async function storeProfiles(client: ClientBase, source: ProfileSource): Promise<SealedDays> {
  const { batch, uploadId, ahead, encoder = IN_THIS_THREAD } = source;
  if (batch.rows === 0) return { ...NOTHING_STORED, batch: 0, seals: [] };
  const { order, days, job, marked } = ahead ?? inKeyOrder(source);
  await client.query(`select ${WRITER_LOCK}`);
  const number = await nextBatch(client, uploadId);
  // Whoever stores gives a month its key first, and all under this lock: what was new when it was asked still is.
  const isNew = source.isNew === true && (await areWithoutKey(client, batch));
  if (isNew || !(await anyStored(client, source, order))) {
    const encoded = ahead?.encoded ?? encoder.encode({ ...job, marked });
    const sql = copySql(tableFor(days), job);
    if (isNew) await copyInRows(client, sql, encoded.chunks);
    if (isNew || (await copyUnlessStored(client, sql, encoded))) {
      await markAll(client, source, order);
      const of = { channel: CHANNEL_CONSUMPTION, uploadId, batch: number };
      const seals = await storeSeals(client, { ...marked, marks: encoded.marks() }, of);
      encoded.release();
      return { ...NOTHING_STORED, created: order.length, batch: number, seals };
    }
  } else ahead?.encoded.release();
  const known = await daysKnown(client, job, days);
  if (known.count === order.length)
    return { ...NOTHING_STORED, unchanged: order.length, batch: number, seals: [] };
  const rest = known.rest();
  await client.query('truncate load_profile_staging');
  // What is written of these rows only the merge knows: it marks them itself.
  const staging = copySql('load_profile_staging', rest);
  const encoded = encoder.encode({ ...rest, marked: null });
  await copyInRows(client, staging, encoded.chunks);
  encoded.release();
  const stored = await mergeStaging(client, days, order.length, { ...source, number });
  if (batch.intervalMinutes < DAILY_MINUTES) return stored;
  const passedOver = await countPassedOver(client, days);
  return { ...stored, unchanged: stored.unchanged - passedOver, passedOver };
}

/**
 * Finds the batch's days that are stored as they are, by reading the stored ones side by side: 1 µs a row, where staging it and
 * joining it take 7. Only where the batch is most of what lies in its range of keys: a day of a month is looked up.
 */
async function daysKnown(
  client: ClientBase,
  job: DaysJob,
  days: { first: DayNumber; last: DayNumber },
): Promise<DaysKnown> {
  const known = new DaysKnown(job);
  const { ids } = job;
  const [first, last] = [ids[0], ids[ids.length - 1]];
  const daysOfMonths = nextMonthStart(days.last) - monthStart(days.first);
  if ((last - first + 1) * daysOfMonths > ids.length * MOST_READ_FOR_ONE) return known;
  const sql = `copy (
      select metering_point_id, day, interval_minutes, scale, energy, quality from load_profile
      where metering_point_id between ${first} and ${last}
        and day between '${isoFromDay(days.first)}' and '${isoFromDay(days.last)}' and channel = ${CHANNEL_CONSUMPTION}
    ) to stdout (format binary)`;
  await copyOut(client, sql, 6, (row) =>
    known.meet({
      meteringPointId: row.int4(0),
      day: row.date(1),
      intervalMinutes: row.int2(2),
      scale: row.int2(3),
      energy: row.bytes(4),
      quality: row.bytes(5),
    }),
  );
  return known;
}

/** Row numbers in primary-key order, so that the index grows at its right edge; almost always the order they came in. */
function rowsInKeyOrder({ batch, pointIds }: BatchOfPoints): Int32Array {
  const order = batch.order.subarray(0, batch.rows);
  let sorted = true;
  for (let row = 0; row < batch.rows; row++) {
    order[row] = row;
    if (row > 0 && compareKeys(row - 1, row) > 0) sorted = false;
  }
  return sorted ? order : order.sort(compareKeys);

  function compareKeys(a: number, b: number): number {
    return pointIds[batch.points[a]] - pointIds[batch.points[b]] || batch.days[a] - batch.days[b];
  }
}

function dayRange(batch: ProfileBatch): { first: DayNumber; last: DayNumber } {
  let first = Infinity;
  let last = -Infinity;
  for (let row = 0; row < batch.rows; row++) {
    if (batch.days[row] < first) first = batch.days[row];
    if (batch.days[row] > last) last = batch.days[row];
  }
  return { first, last };
}

function rowsOfDay(batch: ProfileBatch, { first, last }: { first: DayNumber; last: DayNumber }): Uint32Array {
  const rows = new Uint32Array(last - first + 1);
  for (let row = 0; row < batch.rows; row++) rows[batch.days[row] - first]++;
  return rows;
}

async function anyStored(client: ClientBase, source: ProfileSource, order: Int32Array): Promise<boolean> {
  const step = Math.max(1, Math.floor(order.length / PROBES));
  const points: number[] = [];
  const days: string[] = [];
  for (let at = 0; at < order.length; at += step) {
    points.push(source.pointIds[source.batch.points[order[at]]]);
    days.push(isoFromDay(source.batch.days[order[at]]));
  }
  const found = await client.query<{ any_stored: boolean }>(
    `select exists (
       select from unnest($1::int[], $2::date[]) as probe (point, day)
       join load_profile p on p.metering_point_id = probe.point and p.day = probe.day
        and p.channel = ${CHANNEL_CONSUMPTION}
     ) as any_stored`,
    [points, days],
  );
  return found.rows[0].any_stored;
}

/** Copies into the table itself; false, with nothing written, when a day was stored after all. */
async function copyUnlessStored(client: ClientBase, sql: string, { chunks }: EncodedRows): Promise<boolean> {
  await client.query('savepoint straight');
  try {
    await copyInRows(client, sql, chunks);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== '23505') throw error;
    await client.query('rollback to savepoint straight');
    return false;
  }
  await client.query('release savepoint straight');
  return true;
}

function copySql(table: string, job: DaysJob): string {
  return `copy ${table} (${dayRowColumns(job)}) from stdin (format binary)`;
}

/** The month's own table where all days lie in one: no row need be sent on to it. */
function tableFor({ first, last }: OrderedRows['days']): string {
  const month = monthStart(first);
  return month === monthStart(last) ? monthTable(month) : 'load_profile';
}

function inKeyOrder(source: RowsOfUpload): OrderedRows {
  const { batch } = source;
  const order = rowsInKeyOrder(source);
  const days = dayRange(batch);
  const marked = { firstDay: days.first, rowsOfDay: rowsOfDay(batch, days) };
  return { order, days, marked, job: jobOf(source, order) };
}

function jobOf({ batch, pointIds, uploadId }: RowsOfUpload, order: Int32Array): DaysJob {
  const { days, energyWh, quality, slots, intervalMinutes } = batch;
  const ids = batch.orderedIds.subarray(0, order.length);
  const minutesOfRow = intervalMinutes < 60 ? new Uint16Array(order.length) : null;
  for (let at = 0; at < order.length; at++) {
    ids[at] = pointIds[batch.points[order[at]]];
    if (minutesOfRow !== null) minutesOfRow[at] = batch.rowIntervalMinutes(order[at]);
  }
  return { ids, order, days, energyWh, quality, slots, intervalMinutes, minutesOfRow, uploadId };
}

/** Of the staged days' energies, those of days that are stored in intervals. */
async function countPassedOver(
  client: ClientBase,
  days: { first: DayNumber; last: DayNumber },
): Promise<number> {
  const found = await client.query<{ count: number }>(
    `select count(*)::int as count from load_profile_staging s
     join load_profile o
       on o.metering_point_id = s.metering_point_id and o.day = s.day and o.channel = s.channel
      and o.day between '${isoFromDay(days.first)}' and '${isoFromDay(days.last)}'
     where o.interval_minutes < s.interval_minutes`,
  );
  return found.rows[0].count;
}

/**
 * Compares staging with the store and writes what differs. The day range stands as literals so that the planner reads
 * only the partitions and index ranges concerned (1.2 s against 10.6 s for a day's file against a month of 1 M points).
 */
async function mergeStaging(
  client: ClientBase,
  days: { first: DayNumber; last: DayNumber },
  staged: number,
  { uploadId, now, number }: Pick<ProfileSource, 'uploadId' | 'now'> & { readonly number: number },
): Promise<SealedDays> {
  const from = `'${isoFromDay(days.first)}'::date`;
  const to = `'${isoFromDay(days.last)}'::date`;
  // `older`: this upload was received before the one that the stored day is from, so the stored intervals stand.
  // `finer`: intervals where a day's energy in one piece is stored; they replace it whatever their upload's age.
  const result = await client.query<{
    created: number;
    changed: number;
    otherLength: number;
    seals: DaySeal[];
  }>(
    `with compared as (
       select s.*, o.metering_point_id is not null as stored, o.energy as o_energy, o.scale as o_scale,
              o.quality as o_quality, o.upload_id as o_upload_id, o.revision as o_revision, o.total_wh as o_total_wh,
              o.intervals as o_intervals, o.interval_minutes as o_interval_minutes,
              o.upload_id > s.upload_id and not (o.interval_minutes = ${DAILY_MINUTES} and s.interval_minutes < ${DAILY_MINUTES}) as older,
              o.interval_minutes = ${DAILY_MINUTES} and s.interval_minutes < ${DAILY_MINUTES} as finer
       from load_profile_staging s
       left join load_profile o
         on o.metering_point_id = s.metering_point_id and o.day = s.day and o.channel = s.channel
        and o.day between ${from} and ${to}
       where o.metering_point_id is null
          or ((o.energy, o.scale, o.quality, o.interval_minutes)
              is distinct from (s.energy, s.scale, s.quality, s.interval_minutes)
              and not (s.interval_minutes = ${DAILY_MINUTES} and o.interval_minutes < ${DAILY_MINUTES})
              and (not (o.upload_id > s.upload_id and o.intervals = 1440 / o.interval_minutes and o.quality = '')
                   or o.interval_minutes = ${DAILY_MINUTES} and s.interval_minutes < ${DAILY_MINUTES}))
       offset 0
     ), overlaid as materialized (
       select c.*, case
         when c.older
           then load_profile_overlay(c.energy, c.scale, c.quality, c.o_energy, c.o_scale, c.o_quality)
         -- Marked intervals too: an estimate does not replace what was measured.
         when c.stored and not c.finer and (c.intervals < 1440 / c.interval_minutes or c.quality <> '')
           then load_profile_overlay(c.o_energy, c.o_scale, c.o_quality, c.energy, c.scale, c.quality)
         else row (c.energy, c.scale, c.quality, c.total_wh, c.intervals, c.interval_minutes)::load_profile_day
         end as laid
       from compared c
     ), merged as (
       select c.metering_point_id, c.day, c.channel, c.stored,
              c.o_energy, c.o_scale, c.o_quality, c.o_upload_id, c.o_revision, c.o_total_wh, c.o_intervals,
              c.o_interval_minutes,
              case when c.finer then c.upload_id else greatest(c.upload_id, c.o_upload_id) end as upload_id,
              c.upload_id as staged_upload_id, c.interval_minutes as staged_minutes,
              (c.laid).energy, (c.laid).scale, (c.laid).quality, (c.laid).total_wh, (c.laid).intervals,
              (c.laid).interval_minutes
       from overlaid c
     ), differing as materialized (
       select * from merged m
       where not m.stored
          or (m.energy, m.scale, m.quality, m.interval_minutes)
             is distinct from (m.o_energy, m.o_scale, m.o_quality, m.o_interval_minutes)
     ), kept as (
       -- A day that the same upload is still filling in is not a correction of itself.
       insert into load_profile_history (${COLUMNS}, superseded_at, superseded_by_upload_id)
       select o_total_wh, metering_point_id, day, o_upload_id, o_revision, channel, o_interval_minutes, o_intervals,
              o_scale, o_energy, o_quality, $1, staged_upload_id
       from differing where stored and o_upload_id <> staged_upload_id
     ), created as (
       insert into load_profile (${COLUMNS})
       select total_wh, metering_point_id, day, upload_id, 1, channel, interval_minutes, intervals, scale, energy, quality
       from differing where not stored
     ), changed as (
       update load_profile p
       set total_wh = d.total_wh, upload_id = d.upload_id, interval_minutes = d.interval_minutes,
           intervals = d.intervals, scale = d.scale, energy = d.energy, quality = d.quality,
           revision = d.o_revision + case when d.o_upload_id <> d.staged_upload_id then 1 else 0 end
       from differing d
       where d.stored and p.metering_point_id = d.metering_point_id and p.day = d.day and p.channel = d.channel
         and p.day between ${from} and ${to}
     ), sealed as (
       insert into load_profile_seal (upload_id, batch, day, channel, rows, marks)
       select $2, $3, day, channel, count(*), string_agg(
         load_profile_mark(metering_point_id, day, channel,
           (case when not stored then ${FIRST_REVISION} when o_upload_id <> staged_upload_id then o_revision + 1
             else o_revision end)::smallint,
           upload_id, interval_minutes, intervals, scale, total_wh, energy, quality),
         ''::bytea order by metering_point_id)
       from differing group by day, channel
       returning day, channel, rows, marks
     ), marked as (
       insert into scoring_mark as mark (metering_point_id, first_day, last_day, marked_at, corrected_by)
       select metering_point_id, min(day), max(day), $1,
              max(staged_upload_id) filter (where stored and o_upload_id <> staged_upload_id)
       from differing group by metering_point_id
       order by metering_point_id
       on conflict (metering_point_id) do update
       set first_day = least(mark.first_day, excluded.first_day), last_day = greatest(mark.last_day, excluded.last_day),
           marked_at = excluded.marked_at, corrected_by = coalesce(excluded.corrected_by, mark.corrected_by)
     )
     select count(*) filter (where not stored)::int as created, count(*) filter (where stored)::int as changed,
       count(*) filter (where stored and o_interval_minutes <> staged_minutes)::int as "otherLength",
       (select coalesce(jsonb_agg(jsonb_build_object('day', day, 'channel', channel, 'rows', rows,
          'root', encode(sha256(marks), 'base64')) order by day, channel), '[]') from sealed) as seals
     from differing`,
    [now, uploadId, number],
  );
  const { created, changed, otherLength, seals } = result.rows[0];
  const unchanged = staged - created - changed;
  return { created, changed, unchanged, passedOver: 0, otherLength, batch: number, seals };
}

/** Marks every point of a batch that was copied straight in. */
async function markAll(
  client: ClientBase,
  { batch, pointIds, now }: ProfileSource,
  order: Int32Array,
): Promise<void> {
  const ids: number[] = [];
  const firstDays: number[] = [];
  const lastDays: number[] = [];
  for (let at = 0; at < order.length;) {
    const point = batch.points[order[at]];
    ids.push(pointIds[point]);
    firstDays.push(batch.days[order[at]]);
    // In key order: a point's days follow one another.
    while (at < order.length && batch.points[order[at]] === point) at++;
    lastDays.push(batch.days[order[at - 1]]);
  }
  await markPoints(client, { ids, firstDays, lastDays }, now);
}
