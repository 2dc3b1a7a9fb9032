import type { DayNumber } from '../../grid/domain/calendar.js';
import { StoredForm, type DaysJob } from './day-rows.js';
import { sharedInts } from './profile-batch.js';

/** A day as it is stored. */
export interface StoredDay {
  readonly meteringPointId: number;
  readonly day: DayNumber;
  readonly intervalMinutes: number;
  readonly scale: number;
  readonly energy: Uint8Array;
  readonly quality: Uint8Array;
}

/**
 * Which rows of a job are stored as they are, byte for byte. Stored days are met in any order; those in the order of the
 * job, as a month that came in one file lies on disk, are found without a search.
 */
export class DaysKnown {
  /** Rows that are stored as they are. */
  count = 0;
  private readonly isKnown: Uint8Array;
  private readonly form: StoredForm;
  private readonly energy: Uint8Array;
  private next = 0;

  constructor(private readonly job: DaysJob) {
    this.isKnown = new Uint8Array(job.order.length);
    this.form = new StoredForm(job);
    this.energy = new Uint8Array(job.slots * 2);
  }

  meet(stored: StoredDay): void {
    const n = this.find(stored.meteringPointId, stored.day);
    if (n < 0) return;
    this.next = n + 1;
    const { form, energy } = this;
    if (form.minutesOf(n) !== stored.intervalMinutes) return;
    form.read(n, energy);
    const isSame =
      form.day.scale === stored.scale &&
      begins(energy, stored.energy) &&
      form.quality.length === stored.quality.length &&
      begins(form.quality, stored.quality);
    if (!isSame) return;
    this.isKnown[n] = 1;
    this.count++;
  }

  /** The job of the other rows, in the same order. */
  rest(): DaysJob {
    const { job, isKnown } = this;
    const length = job.order.length - this.count;
    const ids = sharedInts(length);
    const order = sharedInts(length);
    const minutesOfRow = job.minutesOfRow === null ? null : new Uint16Array(length);
    for (let n = 0, kept = 0; n < job.order.length; n++) {
      if (isKnown[n] === 1) continue;
      ids[kept] = job.ids[n];
      order[kept] = job.order[n];
      if (minutesOfRow !== null) minutesOfRow[kept] = job.minutesOfRow![n];
      kept++;
    }
    return { ...job, ids, order, minutesOfRow };
  }

  /** Position in the order of writing, or −1. */
  private find(id: number, day: DayNumber): number {
    if (this.compare(this.next, id, day) === 0) return this.next;
    let low = 0;
    for (let high = this.job.order.length; low < high;) {
      const middle = (low + high) >>> 1;
      if (this.compare(middle, id, day) < 0) low = middle + 1;
      else high = middle;
    }
    return this.compare(low, id, day) === 0 ? low : -1;
  }

  /** Of row `n`'s key with this one; beyond the last row: greater. */
  private compare(n: number, id: number, day: DayNumber): number {
    const { ids, order, days } = this.job;
    if (n >= order.length) return 1;
    return ids[n] - id || days[order[n]] - day;
  }
}

/** Whether the first bytes of `bytes` are these. */
function begins(bytes: Uint8Array, these: Uint8Array): boolean {
  for (let i = 0; i < these.length; i++) if (bytes[i] !== these[i]) return false;
  return true;
}
