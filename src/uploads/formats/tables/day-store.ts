const RECORDS_SHIFT = 9;
const PAGE_RECORDS = 1 << RECORDS_SHIFT;
/** Whole Wh up to this are exact in four bytes, which is 16 MWh in an interval; larger ones are kept beside them. */
const MOST_EXACT = 1 << 24;
/** The bit above the codes of quality marks an interval as stated, also where it is stated to be missing. */
const STATED = 0x80;
export const NO_RECORD = -1;

/** What comes again for an interval that was there. */
export interface Again {
  readonly wh: number;
  readonly quality: number;
}

interface Page {
  readonly wh: Float32Array;
  readonly quality: Uint8Array;
}

/**
 * Days of values, a record each, in pages of typed arrays: five bytes a value, so that a million metering points' half
 * hours of a day take 240 MB. Records are used again.
 */
export class DayStore {
  /** Records in use. */
  count = 0;
  /** How many records there are, in use or free. */
  length = 0;
  private readonly pages: Page[] = [];
  private readonly free: number[] = [];
  private readonly large = new Map<number, number>();
  private readonly again = new Map<number, Map<number, Again>>();

  constructor(readonly slots: number) {}

  /** A record in which nothing is stated. */
  take(): number {
    this.count++;
    const known = this.free.pop();
    const record = known ?? this.length++;
    if (record >> RECORDS_SHIFT === this.pages.length)
      this.pages.push({
        wh: new Float32Array(PAGE_RECORDS * this.slots),
        quality: new Uint8Array(PAGE_RECORDS * this.slots),
      });
    const from = this.at(record, 0);
    this.pageOf(record).quality.fill(0, from, from + this.slots);
    return record;
  }

  give(record: number): void {
    this.count--;
    this.free.push(record);
    this.again.delete(record);
    if (this.large.size > 0)
      for (let slot = 0; slot < this.slots; slot++) this.large.delete(record * this.slots + slot);
  }

  put(record: number, slot: number, wh: number, quality: number): void {
    const page = this.pages[record >> RECORDS_SHIFT];
    const at = this.at(record, slot);
    if ((page.quality[at] & STATED) !== 0) return this.putAgain(record, slot, { wh, quality });
    page.wh[at] = wh;
    page.quality[at] = quality | STATED;
    if (wh > MOST_EXACT) this.large.set(record * this.slots + slot, wh);
  }

  /** NaN where nothing is stated. */
  whOf(record: number, slot: number): number {
    const page = this.pageOf(record);
    const at = this.at(record, slot);
    if ((page.quality[at] & STATED) === 0) return NaN;
    const wh = page.wh[at];
    return wh >= MOST_EXACT ? (this.large.get(record * this.slots + slot) ?? wh) : wh;
  }

  qualityOf(record: number, slot: number): number {
    return this.pageOf(record).quality[this.at(record, slot)] & ~STATED;
  }

  againOf(record: number): Map<number, Again> {
    return this.again.get(record) ?? new Map<number, Again>();
  }

  private putAgain(record: number, slot: number, value: Again): void {
    const known = this.again.get(record);
    if (known === undefined) this.again.set(record, new Map([[slot, value]]));
    else known.set(slot, value);
  }

  private pageOf(record: number): Page {
    return this.pages[record >> RECORDS_SHIFT];
  }

  private at(record: number, slot: number): number {
    return (record & (PAGE_RECORDS - 1)) * this.slots + slot;
  }
}

/** Whole numbers by record, in an array that grows. */
export class Column {
  private values = new Int32Array(PAGE_RECORDS);

  get(record: number): number {
    return this.values[record];
  }

  set(record: number, value: number): void {
    if (record >= this.values.length) this.grow(record);
    this.values[record] = value;
  }

  private grow(record: number): void {
    const grown = new Int32Array(Math.max(this.values.length * 2, record + 1));
    grown.set(this.values);
    this.values = grown;
  }
}
