import { monthStart, nextMonthStart, type DayNumber } from '../../grid/domain/calendar.js';
import {
  registerSegments,
  type RegisterFlag,
  type RegisterReading,
  type Segment,
} from './register-segments.js';

const MINUTES_PER_DAY = 1440;
/** Registers show whole kWh, read a little apart from midnight: smaller differences from the intervals say nothing. */
const TOLERATED_KWH = 2;
const TOLERATED_SHARE = 0.02;

/** Interval energies of the same metering point, where there are some; a profile window is one. */
export interface KnownDays {
  readonly firstDay: DayNumber;
  /** kWh of the intervals present, NaN = none, and how many minutes of the day they cover. */
  readonly dailyKwh: ArrayLike<number>;
  readonly minutesPresent: ArrayLike<number>;
}

/** A calendar month of standard-time days, from registers and from the intervals beside them. */
export interface RegisterMonth {
  /** First day of the month. */
  readonly month: DayNumber;
  /** Everything accounted for; at least this was used. */
  readonly kwh: number;
  /** Part of `kwh` that no pair of readings nor interval bounds to this month: shared out evenly over the time between two readings. */
  readonly allocatedKwh: number;
  /** Hours that registers or intervals cover, and hours of the whole month. */
  readonly hoursPresent: number;
  readonly hoursExpected: number;
  readonly source: 'intervals' | 'registers' | 'mixed';
  /** What was doubtful about the readings, sorted. */
  readonly flags: readonly RegisterFlag[];
}

/**
 * Energy by month of one metering point, from its register readings and whatever intervals are known. A whole day of
 * intervals counts as it is. What a register advanced by between two readings, less the intervals within, belongs to the
 * time between that the intervals leave open, evenly. It is measured where that time lies in one month, else allocated.
 * Months that begin in `[from, to)`, the last one perhaps unfinished; none before the first energy.
 *
 * Worked example: 1,000 kWh on 26 January at midnight, 1,310 kWh on 26 February (31 days): 10 kWh a day. January's last
 * 6 days get 60 kWh and February's first 25 get 250, both allocated. With readings on the 1st of each month nothing is.
 */
export function registerUse(
  readings: readonly RegisterReading[],
  { from, to }: { readonly from: DayNumber; readonly to: DayNumber },
  known: KnownDays | null = null,
): RegisterMonth[] {
  const { segments, notes } = registerSegments(readings);
  const days = new DayLedger(from, to, known);
  for (const segment of segments) {
    if (segment.to > from * MINUTES_PER_DAY && segment.from < to * MINUTES_PER_DAY) days.place(segment);
  }
  for (const note of notes) days.flag(note.from, note.to, note.flag);
  return days.months();
}

/** Energies of days, collected from segments. */
class DayLedger {
  private readonly registerKwh: Float64Array;
  private readonly allocatedKwh: Float64Array;
  private readonly registerMinutes: Float64Array;
  private readonly flags = new Map<DayNumber, Set<RegisterFlag>>();

  constructor(
    private readonly from: DayNumber,
    private readonly to: DayNumber,
    private readonly known: KnownDays | null,
  ) {
    this.registerKwh = new Float64Array(to - from);
    this.allocatedKwh = new Float64Array(to - from);
    this.registerMinutes = new Float64Array(to - from);
  }

  place(segment: Segment): void {
    const firstDay = Math.floor(segment.from / MINUTES_PER_DAY);
    const endDay = Math.ceil(segment.to / MINUTES_PER_DAY);
    let knownKwh = 0;
    let openMinutes = 0;
    let firstOpen = NaN;
    let lastOpen = NaN;
    for (let day = firstDay; day < endDay; day++) {
      const minutes = minutesOn(segment, day);
      if (this.isKnown(day)) {
        knownKwh += (this.knownKwh(day) * minutes) / MINUTES_PER_DAY;
      } else {
        openMinutes += minutes;
        if (Number.isNaN(firstOpen)) firstOpen = day;
        lastOpen = day;
      }
    }
    const tolerated = TOLERATED_KWH + segment.kwh * TOLERATED_SHARE;
    if (knownKwh > segment.kwh + tolerated || (openMinutes === 0 && knownKwh < segment.kwh - tolerated)) {
      this.flag(segment.from, segment.to, 'intervals_disagree');
    }
    if (segment.isEstimated) this.flag(segment.from, segment.to, 'estimated_reading');
    if (openMinutes === 0) return;
    const openKwh = Math.max(0, segment.kwh - knownKwh);
    const isBound = monthStart(firstOpen) === monthStart(lastOpen) && !segment.isEstimated;
    for (let day = Math.max(firstDay, this.from); day < Math.min(endDay, this.to); day++) {
      if (this.isKnown(day)) continue;
      const minutes = minutesOn(segment, day);
      const kwh = (openKwh * minutes) / openMinutes;
      this.registerKwh[day - this.from] += kwh;
      this.registerMinutes[day - this.from] += minutes;
      if (!isBound) this.allocatedKwh[day - this.from] += kwh;
    }
  }

  flag(from: number, to: number, flag: RegisterFlag): void {
    const last = Math.max(from, to - 1);
    for (
      let month = monthStart(Math.floor(from / MINUTES_PER_DAY));
      month * MINUTES_PER_DAY <= last;
      month = nextMonthStart(month)
    ) {
      const flags = this.flags.get(month) ?? new Set();
      this.flags.set(month, flags.add(flag));
    }
  }

  months(): RegisterMonth[] {
    const months: RegisterMonth[] = [];
    const first = monthStart(this.from) === this.from ? this.from : nextMonthStart(this.from);
    for (let month = first; month < this.to; month = nextMonthStart(month)) {
      const use = this.month(month);
      if (use.hoursPresent > 0 || months.length > 0) months.push(use);
    }
    return months;
  }

  private month(month: DayNumber): RegisterMonth {
    const next = nextMonthStart(month);
    let kwh = 0;
    let allocatedKwh = 0;
    let registerMinutes = 0;
    let intervalMinutes = 0;
    for (let day = month; day < Math.min(next, this.to); day++) {
      const at = day - this.from;
      const present = this.minutesKnown(day);
      // The better of the two on the day: they may not be added, and a day of intervals in part is less than the register's.
      if (present > 0 && present >= this.registerMinutes[at]) {
        kwh += this.knownKwh(day);
        intervalMinutes += present;
      } else {
        kwh += this.registerKwh[at];
        allocatedKwh += this.allocatedKwh[at];
        registerMinutes += this.registerMinutes[at];
      }
    }
    return {
      month,
      kwh: toWholeWh(kwh),
      allocatedKwh: toWholeWh(allocatedKwh),
      hoursPresent: (registerMinutes + intervalMinutes) / 60,
      hoursExpected: (next - month) * 24,
      source: registerMinutes === 0 ? 'intervals' : intervalMinutes === 0 ? 'registers' : 'mixed',
      flags: [...(this.flags.get(month) ?? [])].sort(),
    };
  }

  private isKnown(day: DayNumber): boolean {
    return this.minutesKnown(day) >= MINUTES_PER_DAY;
  }

  private minutesKnown(day: DayNumber): number {
    if (this.known === null) return 0;
    return this.known.minutesPresent[day - this.known.firstDay] ?? 0;
  }

  private knownKwh(day: DayNumber): number {
    return this.known!.dailyKwh[day - this.known!.firstDay];
  }
}

function minutesOn({ from, to }: Segment, day: DayNumber): number {
  return Math.min(to, (day + 1) * MINUTES_PER_DAY) - Math.max(from, day * MINUTES_PER_DAY);
}

function toWholeWh(kwh: number): number {
  return Math.round(kwh * 1000) / 1000;
}
