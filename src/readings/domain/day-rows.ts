import { MARK_BYTES, MarkWriter } from '../../audit/domain/day-seal.js';
import { encodeDay, MISSING_WH } from './energy-codec.js';

/** Of a day that is stored for the first time. */
export const FIRST_REVISION = 1;
/** Consumption, the only channel until formats bring export and reactive energy. */
export const CHANNEL_CONSUMPTION = 0;

/** Columns that {@link DayRows} writes of a job's rows, in that order; the others have what the table gives every new day. */
export function dayRowColumns({ quality }: Pick<DaysJob, 'quality'>): string {
  const columns = 'total_wh, metering_point_id, day, upload_id, interval_minutes, intervals, scale, energy';
  return quality === null ? columns : `${columns}, quality`;
}

const FIELDS = 8;

/** Where the fields that differ from row to row lie in a row: two bytes for their number, four before each for its length. */
const TOTAL_AT = 6;
const POINT_AT = 18;
const DAY_AT = 26;
const UPLOAD_AT = 34;
const INTERVAL_AT = 42;
const INTERVALS_AT = 48;
const SCALE_AT = 54;
const ENERGY_AT = 60;
const HEAD_BYTES = 56;

/** 2000-01-01, PostgreSQL's epoch, as a day number. */
const PG_EPOCH_DAY = 10_957;
const CHUNK_BYTES = 1 << 20;
const NO_BYTES = new Uint8Array(0);

/** Day rows to be written, in the order of their primary key. Plain arrays, so that a thread can be given them. */
export interface DayRowsJob {
  /** metering_point_id of each row to be written. */
  readonly ids: Int32Array;
  /** Which row of the matrix below each of them is. */
  readonly order: Int32Array;
  readonly days: Int32Array;
  /** Wh, row-major; {@link MISSING_WH} = missing. */
  readonly energyWh: Int32Array;
  /** Quality codes, row-major; null: everything is actual. */
  readonly quality: Uint8Array | null;
  readonly slots: number;
  readonly intervalMinutes: number;
  /** Of each row in the order of writing, where rows of one file may have intervals of different lengths; null: all alike. */
  readonly minutesOfRow: Uint16Array | null;
  readonly uploadId: number;
  /** Null: no marks are wanted. */
  readonly marked: MarkedRows | null;
}

/** The days of the rows that are marked, and how many rows each has. */
export interface MarkedRows {
  readonly firstDay: number;
  readonly rowsOfDay: Uint32Array;
}

/** A job without what only its writing needs. */
export type DaysJob = Omit<DayRowsJob, 'marked'>;

/** The marks of what was written, of each day from the job's first on; undefined where there is none. */
export type DayMarks = (Uint8Array | undefined)[];

/**
 * Rows of PostgreSQL's binary COPY (without the signature and the trailer around them), in chunks that are the caller's, and
 * the marks by which the audit log knows them. Written at fixed places: field by field through a writer of any row it took longer.
 */
export class DayRows {
  readonly marks: DayMarks;
  private readonly filled: Uint32Array;
  private readonly mark: MarkWriter;
  private readonly head = new DataView(new ArrayBuffer(HEAD_BYTES));
  /** Of the energies of the row at hand. */
  private energy: Uint8Array = NO_BYTES;
  private energyView: DataView = new DataView(NO_BYTES.buffer);
  private readonly form: StoredForm;
  private chunk: Uint8Array = NO_BYTES;
  private view: DataView = new DataView(NO_BYTES.buffer);
  private at = 0;

  /** `memory`: so many bytes for a chunk, or for all marks in one, whatever is in them. */
  constructor(
    private readonly job: DayRowsJob,
    private readonly memory: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
  ) {
    this.filled = new Uint32Array(job.marked?.rowsOfDay.length ?? 0);
    this.marks = job.marked === null ? [] : this.roomForMarks(job.marked);
    this.mark = new MarkWriter({
      channel: CHANNEL_CONSUMPTION,
      revision: FIRST_REVISION,
      uploadId: job.uploadId,
    });
    this.form = new StoredForm(job);
    this.writeHead();
  }

  *chunks(): Generator<Uint8Array> {
    const { job } = this;
    // With a quality for each interval at most.
    const most = ENERGY_AT + job.slots * 3 + 4;
    for (let n = 0; n < job.order.length; n++) {
      if (this.at + most > this.chunk.length) {
        if (this.at > 0) yield this.chunk.subarray(0, this.at);
        this.begin();
      }
      this.write(n);
    }
    if (this.at > 0) yield this.chunk.subarray(0, this.at);
  }

  private begin(): void {
    const buffer = this.memory(CHUNK_BYTES);
    this.chunk = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.at = 0;
  }

  /** What all rows have in common, and the lengths of their fields. */
  private writeHead(): void {
    const view = this.head;
    view.setInt16(0, this.job.quality === null ? FIELDS : FIELDS + 1);
    [8, 4, 4, 4, 2, 2, 2].reduce((at, bytes) => {
      view.setInt32(at, bytes);
      return at + 4 + bytes;
    }, 2);
    view.setInt32(UPLOAD_AT, this.job.uploadId);
  }

  private write(n: number): void {
    const { job, form, view, at, mark } = this;
    const minutes = form.minutesOf(n);
    const energy = mark.energy(1440 / minutes);
    form.read(n, energy);
    const { day, quality } = form;
    copyBytes(this.head, HEAD_BYTES, view, at);
    view.setInt32(at + TOTAL_AT, Math.floor(day.totalWh / 4_294_967_296));
    view.setUint32(at + TOTAL_AT + 4, day.totalWh);
    view.setInt32(at + POINT_AT, day.meteringPointId);
    view.setInt32(at + DAY_AT, day.day - PG_EPOCH_DAY);
    view.setInt16(at + INTERVAL_AT, minutes);
    view.setInt16(at + INTERVALS_AT, day.intervals);
    view.setInt16(at + SCALE_AT, day.scale);
    view.setInt32(at + HEAD_BYTES, energy.length);
    if (energy !== this.energy) {
      this.energy = energy;
      this.energyView = new DataView(energy.buffer, energy.byteOffset, energy.length);
    }
    copyBytes(this.energyView, energy.length, view, at + ENERGY_AT);
    this.at = at + ENERGY_AT + energy.length;
    if (job.quality !== null) this.writeQuality(quality);
    if (job.marked !== null) this.addMark(job.marked, form);
  }

  private writeQuality(quality: Uint8Array): void {
    this.view.setInt32(this.at, quality.length);
    this.at += 4;
    if (quality.length > 0) this.chunk.set(quality, this.at);
    this.at += quality.length;
  }

  private roomForMarks({ rowsOfDay }: MarkedRows): DayMarks {
    const buffer = this.memory(rowsOfDay.reduce((sum, rows) => sum + rows, 0) * MARK_BYTES);
    let end = 0;
    return Array.from(rowsOfDay, (rows) => {
      const from = end;
      end += rows * MARK_BYTES;
      return rows === 0 ? undefined : new Uint8Array(buffer, from, rows * MARK_BYTES);
    });
  }

  private addMark({ firstDay }: MarkedRows, { day, quality }: StoredForm): void {
    const at = day.day - firstDay;
    const target = this.marks[at];
    // None: the rows are being changed, so that nobody wants these any more.
    if (target !== undefined) this.mark.write(day, quality, target, this.filled[at]++ * MARK_BYTES);
  }
}

/** An even number of bytes. To `set` memory that is shared among threads takes four times as long. */
function copyBytes(from: DataView, bytes: number, to: DataView, at: number): void {
  let i = 0;
  for (; i + 4 <= bytes; i += 4) to.setInt32(at + i, from.getInt32(i));
  if (i < bytes) to.setInt16(at + i, from.getInt16(i));
}

/** The rows of a job as they are stored, one at a time. */
export class StoredForm {
  /** Of the row read last; one object for all of them. */
  readonly day = {
    meteringPointId: 0,
    day: 0,
    intervalMinutes: 0,
    scale: 0,
    totalWh: 0,
    intervals: 0,
  };
  /** Its quality codes, or none when every interval is actual. */
  quality: Uint8Array = NO_BYTES;
  private readonly coarse: Int32Array;

  /** The job's quality codes, four at once where a row's are so many fours. */
  private readonly codes: Uint8Array | Int32Array;
  private readonly codesOfRow: number;

  constructor(private readonly job: DaysJob) {
    const { quality, slots } = job;
    this.coarse = new Int32Array(slots);
    const inFours = quality !== null && slots % 4 === 0 && quality.byteOffset % 4 === 0;
    this.codes = inFours
      ? new Int32Array(quality.buffer, quality.byteOffset, quality.length / 4)
      : (quality ?? NO_BYTES);
    this.codesOfRow = inFours ? slots / 4 : slots;
  }

  /** The length of the row's intervals. */
  minutesOf(n: number): number {
    const { minutesOfRow, intervalMinutes } = this.job;
    return minutesOfRow === null ? intervalMinutes : minutesOfRow[n];
  }

  /** Reads row `n` of the order of writing; its energies go to `energy`, two bytes for each of its intervals. */
  read(n: number, energy: Uint8Array): void {
    const { job, day } = this;
    const row = job.order[n];
    const minutes = this.minutesOf(n);
    const slots = 1440 / minutes;
    if (minutes === job.intervalMinutes) encodeDay(job.energyWh, row * slots, slots, energy, day);
    else encodeDay(this.everySo(row, slots), 0, slots, energy, day);
    this.quality = job.quality === null ? NO_BYTES : this.qualityOf(job.quality, row, slots);
    day.meteringPointId = job.ids[n];
    day.day = job.days[row];
    day.intervalMinutes = minutes;
  }

  /** The row of a meter whose intervals are longer than the file's. */
  private everySo(row: number, slots: number): Int32Array {
    const { energyWh, slots: all } = this.job;
    const stride = all / slots;
    for (let slot = 0; slot < slots; slot++) this.coarse[slot] = energyWh[row * all + slot * stride];
    return this.coarse;
  }

  private qualityOf(marks: Uint8Array, row: number, slots: number): Uint8Array {
    const { energyWh, slots: all } = this.job;
    if (!this.isMarked(row)) return NO_BYTES;
    const stride = all / slots;
    const codes = new Uint8Array(slots);
    let isMarked = false;
    for (let slot = 0; slot < slots; slot++) {
      const from = row * all + slot * stride;
      if (energyWh[from] === MISSING_WH) continue;
      codes[slot] = marks[from];
      if (codes[slot] !== 0) isMarked = true;
    }
    return isMarked ? codes : NO_BYTES;
  }

  private isMarked(row: number): boolean {
    const { codes, codesOfRow } = this;
    let at = row * codesOfRow;
    const end = at + codesOfRow;
    while (at < end && codes[at] === 0) at++;
    return at < end;
  }
}
