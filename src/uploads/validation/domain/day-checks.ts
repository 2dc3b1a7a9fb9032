import type { CheckName, CheckSettings } from '../../../config/domain/checks.js';
import { MISSING_WH } from '../../../readings/domain/energy-codec.js';
import type { ProfileBatch } from '../../../readings/domain/profile-batch.js';
import { isEstimate, QUALITY } from '../../../readings/domain/quality.js';
import { addCount, type CheckCounts, type Finding } from './finding.js';

/** What is registered of the metering points of an upload, by the caller's point index. */
export interface PointLimits {
  /** NaN = not known. */
  readonly contractedKw: Float32Array;
}

/** Below this a value that stays the same says nothing: a meter of coarse steps, and an empty house. */
const LEAST_STUCK_KW = 0.2;
/** Where no contracted power is known: no home's appliances reach it together. */
const SPIKE_FLOOR_KW = 15;
/** More intervals than this near the highest are a load, and no spike. */
const MOST_SPIKE_INTERVALS = 2;
const DAYS_PER_YEAR = 365.25;
/** A sender's mistake is shown by so many; all are counted. */
const MOST_FINDINGS_OF_BATCH = 2000;

/** A day whose highest interval stands out of the day, of a point whose history the file does not tell. */
export interface SpikeCandidate {
  readonly row: number;
  readonly slot: number;
  readonly intervalMinutes: number;
  readonly kw: number;
}

/** What the days of a batch showed. */
export interface CheckedBatch {
  readonly findings: Finding[];
  readonly spikes: SpikeCandidate[];
}

/**
 * Checks day rows as they come from any format, before they are stored: one walk over a row's energies, a few nanoseconds a
 * reading. What reaches over days (a run of zeros, a stuck meter) is remembered by point from row to row, and therefore
 * seen where a file tells a point's days in their order.
 */
export class DayChecks {
  readonly counts: CheckCounts = {};
  private readonly lastDay: Int32Array;
  /** Of each point's last day: the value it ended with, and for how many minutes it had stood. */
  private readonly runWh: Int32Array;
  private readonly runMinutes: Int32Array;
  private readonly estimatedMinutes: Int32Array;
  /** Highest power seen, W; 0 = none. */
  private readonly peakW: Int32Array;
  /** Intervals present of the last day, for a day that a batch's end cut in two. */
  private readonly lastPresent: Uint16Array;
  /** Whether the batch came with marks: those that checks make are no estimates. */
  private hasQuality = false;
  private found: CheckedBatch = { findings: [], spikes: [] };
  /** The row at hand; one object for all, because rows come by the million. */
  private readonly at: DayAtHand = {
    follows: false,
    minutes: 0,
    present: 0,
    max: 0,
    kw: 0,
    contracted: NaN,
    value: 0,
    run: 0,
    runMinutes: 0,
  };

  constructor(
    private readonly settings: CheckSettings,
    private readonly points: PointLimits,
    private readonly receivedDay: number,
  ) {
    const { length } = points.contractedKw;
    this.lastDay = new Int32Array(length).fill(-1);
    this.runWh = new Int32Array(length).fill(MISSING_WH);
    this.runMinutes = new Int32Array(length);
    this.estimatedMinutes = new Int32Array(length);
    this.peakW = new Int32Array(length);
    this.lastPresent = new Uint16Array(length);
  }

  /** Rejects (as missing) and marks values of the batch in place. */
  check(batch: ProfileBatch): CheckedBatch {
    this.found = { findings: [], spikes: [] };
    this.hasQuality = batch.quality !== null;
    const { ancient } = this.settings;
    const oldestDay =
      ancient.severity === 'off' ? -Infinity : this.receivedDay - ancient.limit * DAYS_PER_YEAR;
    for (let row = 0; row < batch.rows; row++) {
      if (batch.days[row] < oldestDay) this.ancient(batch, row);
      this.checkRow(batch, row);
    }
    this.duplicates(batch);
    return this.found;
  }

  /** Takes a spike that the stored history confirmed. */
  spike(batch: ProfileBatch, { row, slot, intervalMinutes, kw }: SpikeCandidate, peakKw: number): void {
    const detail = `${round(kw)} kW, where the point's own history reaches ${round(peakKw)} kW.`;
    this.apply('spike', batch, row, { slot, slots: 1, intervalMinutes, detail });
  }

  private checkRow(batch: ProfileBatch, row: number): void {
    const { at } = this;
    if (!this.read(batch, row)) return;
    const { meter_maximum: meter, contracted_power: power } = this.settings;
    if (at.kw > at.contracted * power.limit || (at.kw > meter.limit && at.contracted <= meter.limit))
      this.tooMuch(batch, row);
    this.standsStill(batch, row);
    const point = batch.points[row];
    if (this.hasQuality || this.estimatedMinutes[point] !== 0) this.estimated(batch, row);
    this.countMissing(batch, row);
    this.standsOut(batch, row);
    this.lastDay[point] = batch.days[row];
    this.runWh[point] = at.value;
    this.runMinutes[point] = at.runMinutes;
  }

  /** Makes a row the one {@link at} hand; false where it says nothing. */
  private read(batch: ProfileBatch, row: number): boolean {
    const { at } = this;
    const { energyWh, slots } = batch;
    const from = row * slots;
    const point = batch.points[row];
    let max = MISSING_WH;
    let absent = 0;
    for (let slot = from; slot < from + slots; slot++) {
      const wh = energyWh[slot];
      if (wh > max) max = wh;
      if (wh === MISSING_WH) absent++;
    }
    at.max = max;
    at.present = slots - absent;
    if (at.present === 0) return false;
    at.minutes =
      absent > 0 && batch.intervalMinutes < 60 ? batch.rowIntervalMinutes(row) : batch.intervalMinutes;
    at.kw = max * kwPerWh(at.minutes);
    at.contracted = this.points.contractedKw[point];
    at.follows = batch.days[row] === this.lastDay[point] + 1;
    this.readLastRun(energyWh, from, slots);
    const goesOn = at.follows && at.run === at.present && at.value === this.runWh[point];
    at.runMinutes = at.run * at.minutes + (goesOn ? this.runMinutes[point] : 0);
    return true;
  }

  /** The value that a row ends with, and how many of its last intervals have it; missing ones are passed over. */
  private readLastRun(energyWh: Int32Array, from: number, slots: number): void {
    let slot = from + slots - 1;
    while (energyWh[slot] === MISSING_WH) slot--;
    const value = energyWh[slot];
    let run = 0;
    for (; slot >= from && (energyWh[slot] === value || energyWh[slot] === MISSING_WH); slot--)
      if (energyWh[slot] === value) run++;
    this.at.value = value;
    this.at.run = run;
  }

  private ancient(batch: ProfileBatch, row: number): void {
    const years = this.settings.ancient.limit;
    const detail = `The day lies more than ${years} years before the file was received: is the meter's clock right?`;
    this.apply('ancient', batch, row, {
      slot: 0,
      slots: batch.slots,
      intervalMinutes: batch.intervalMinutes,
      detail,
    });
  }

  private tooMuch(batch: ProfileBatch, row: number): void {
    const { minutes, contracted } = this.at;
    const { meter_maximum: meter, contracted_power: power } = this.settings;
    for (let slot = 0; slot < batch.slots; slot++) {
      const kw = batch.energyWh[row * batch.slots + slot] * kwPerWh(minutes);
      const beyondMeter = meter.severity !== 'off' && kw > meter.limit && contracted <= meter.limit;
      if (beyondMeter) {
        const detail = `${round(kw)} kW is more than a direct-connected meter carries (${meter.limit} kW): is the unit Wh?`;
        this.apply('meter_maximum', batch, row, { slot, slots: 1, intervalMinutes: minutes, detail });
      } else if (power.severity !== 'off' && kw > contracted * power.limit) {
        const detail = `${round(kw)} kW where ${round(contracted)} kW are contracted.`;
        this.apply('contracted_power', batch, row, { slot, slots: 1, intervalMinutes: minutes, detail });
      }
    }
  }

  private standsStill(batch: ProfileBatch, row: number): void {
    const { value, run, runMinutes, minutes } = this.at;
    const check = value === 0 ? 'zero_run' : 'stuck';
    const { severity, limit } = this.settings[check];
    if (runMinutes < limit * 1440 || severity === 'off') return;
    // In this order: exactly so many Wh a day are exactly so many kW.
    if (value > 0 && (value * 60) / minutes / 1000 < LEAST_STUCK_KW) return;
    // The run's intervals are the last ones of the row that are present.
    let slot = batch.slots;
    for (let left = run; left > 0 && slot > 0;)
      if (batch.energyWh[row * batch.slots + --slot] !== MISSING_WH) left--;
    const days = Math.floor(runMinutes / 1440);
    const detail =
      value === 0
        ? `Nothing but zeros for ${days} days.`
        : `${value / 1000} kWh in each interval for ${days} days: does the meter stand still?`;
    this.apply(check, batch, row, { slot, slots: batch.slots - slot, intervalMinutes: minutes, detail });
  }

  private estimated(batch: ProfileBatch, row: number): void {
    const { follows, minutes, present } = this.at;
    const { quality, slots } = batch;
    const point = batch.points[row];
    let guessed = 0;
    for (let at = row * slots; quality !== null && at < (row + 1) * slots; at++) {
      if (batch.energyWh[at] !== MISSING_WH && isEstimate(quality[at])) guessed++;
    }
    const before = follows ? this.estimatedMinutes[point] : 0;
    this.estimatedMinutes[point] = guessed === present ? before + guessed * minutes : 0;
    const { severity, limit } = this.settings.prolonged_estimation;
    const days = Math.floor(this.estimatedMinutes[point] / 1440);
    if (severity === 'off' || days < limit) return;
    addCount(this.counts, 'prolonged_estimation');
    if (Math.floor(before / 1440) >= limit) return;
    this.note(
      'prolonged_estimation',
      batch,
      row,
      { slot: 0, slots: 0, intervalMinutes: minutes },
      `No measured interval for ${days} days.`,
    );
  }

  private countMissing(batch: ProfileBatch, row: number): void {
    const { present, minutes } = this.at;
    const expected = 1440 / minutes;
    const point = batch.points[row];
    const goesOn = batch.days[row] === this.lastDay[point];
    const together = Math.min(expected, present + (goesOn ? this.lastPresent[point] : 0));
    this.lastPresent[point] = together;
    const { severity, limit } = this.settings.missing;
    if (severity === 'off') return;
    // A day that goes on has been counted for what its first part lacked.
    if (goesOn) this.counts.missing = Math.max(0, (this.counts.missing ?? 0) - present);
    const missing = expected - together;
    if (goesOn || missing < limit) return;
    addCount(this.counts, 'missing', missing);
    const detail = `${missing} of ${expected} intervals are missing.`;
    this.note('missing', batch, row, { slot: 0, slots: 0, intervalMinutes: minutes }, detail);
  }

  private standsOut(batch: ProfileBatch, row: number): void {
    const { kw, minutes, max, present, contracted } = this.at;
    const { spike } = this.settings;
    const point = batch.points[row];
    const peakKw = this.peakW[point] / 1000;
    const floor = contracted > 0 ? contracted : SPIKE_FLOOR_KW;
    const highest = Math.round(kw * 1000);
    if (spike.severity === 'off' || minutes >= 1440 || kw <= floor || present < 12) {
      if (highest > this.peakW[point]) this.peakW[point] = highest;
      return;
    }
    let near = 0;
    for (let at = row * batch.slots; at < (row + 1) * batch.slots; at++)
      if (batch.energyWh[at] * 2 > max) near++;
    const slot = batch.energyWh.indexOf(max, row * batch.slots) - row * batch.slots;
    const candidate = { row, slot, intervalMinutes: minutes, kw };
    const stands = near <= MOST_SPIKE_INTERVALS;
    if (stands && peakKw === 0) this.found.spikes.push(candidate);
    else if (stands && kw > peakKw * spike.limit) this.spike(batch, candidate, peakKw);
    else if (highest > this.peakW[point]) this.peakW[point] = highest;
  }

  private duplicates(batch: ProfileBatch): void {
    const { severity } = this.settings.duplicate;
    if (severity === 'off' || batch.duplicates.different === 0) return;
    addCount(this.counts, 'duplicate', batch.duplicates.different);
    for (const { row, slot, before, later, kept } of batch.conflicts) {
      const detail = `${before / 1000} kWh and then ${later / 1000} kWh in one file: ${kept / 1000} kWh stands.`;
      this.note('duplicate', batch, row, { slot, slots: 1, intervalMinutes: batch.intervalMinutes }, detail);
    }
  }

  /** Counts and notes what a check found in intervals, and rejects or marks them. */
  private apply(
    check: CheckName,
    batch: ProfileBatch,
    row: number,
    { detail, ...where }: Where & { readonly detail: string },
  ): void {
    const { severity } = this.settings[check];
    if (severity === 'off') return;
    let values = 0;
    for (let slot = where.slot; slot < where.slot + where.slots; slot++) {
      const at = row * batch.slots + slot;
      if (batch.energyWh[at] === MISSING_WH) continue;
      values++;
      if (severity === 'reject') batch.reject(row, slot);
      else batch.mark(row, slot, QUALITY.questionable);
    }
    addCount(this.counts, check, values);
    this.note(check, batch, row, where, detail);
  }

  private note(check: CheckName, batch: ProfileBatch, row: number, where: Where, detail: string): void {
    const { findings } = this.found;
    if (findings.length >= MOST_FINDINGS_OF_BATCH) return;
    const { severity } = this.settings[check];
    findings.push({
      check,
      severity: severity === 'off' ? 'mark' : severity,
      point: batch.points[row],
      day: batch.days[row],
      line: batch.firstLines[row] || null,
      ...where,
      // In slots of the length that is stored.
      slot: where.slot / (where.intervalMinutes / batch.intervalMinutes),
      slots: Math.ceil(where.slots / (where.intervalMinutes / batch.intervalMinutes)),
      detail,
    });
  }
}

/** What the checks ask of a row. */
interface DayAtHand {
  /** It is the day after the point's last one. */
  follows: boolean;
  /** Length of its intervals. */
  minutes: number;
  /** Intervals that are there. */
  present: number;
  /** The highest of them, Wh, and as power. */
  max: number;
  kw: number;
  /** kW; NaN = not known. */
  contracted: number;
  /** Wh that its last intervals have, how many they are, and for how long the point has had it by their end. */
  value: number;
  run: number;
  runMinutes: number;
}

interface Where {
  readonly slot: number;
  readonly slots: number;
  readonly intervalMinutes: number;
}

/** Of intervals of so many minutes. */
function kwPerWh(minutes: number): number {
  return 60 / minutes / 1000;
}

function round(kw: number): string {
  return String(Number(kw.toPrecision(3)));
}
