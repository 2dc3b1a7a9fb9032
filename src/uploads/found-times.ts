import type { Zone } from '../grid/domain/time-zone.js';
import { DAILY_MINUTES } from '../readings/domain/interval.js';
import type { PointIndex } from './domain/point-index.js';
import type { FoundTime } from './formats/format.js';
import { IN_FUTURE, NO_MIDNIGHT, PointClock, type Territory } from './formats/point-clock.js';
import type { Fault } from './found-energies.js';

/** A moment at a metering point. */
export interface Moment {
  readonly utcMs: number;
  /** Minutes since 1970 of the point's standard-time calendar. */
  readonly standardMinutes: number;
}

export interface FoundTimesOptions {
  readonly upload: { readonly receivedAt: Date };
  /** Of times that name none; null: the territory's of each point. */
  readonly zone: Zone | null;
  readonly points: PointIndex;
  readonly territories: readonly Territory[];
}

/** Places the times of decoded items in the standard-time calendar of their metering points. */
export class FoundTimes {
  private readonly clocks = new Map<Zone | null, PointClock>();

  constructor(private readonly options: FoundTimesOptions) {}

  /** The clock that such times are read by. */
  clockFor(time: FoundTime): PointClock {
    const zone = 'utcMs' in time ? null : time.zone;
    let clock = this.clocks.get(zone);
    if (clock === undefined) {
      const { points, territories, upload } = this.options;
      const own = { zone: zone ?? this.options.zone, standardZones: new Set<Zone>() };
      clock = new PointClock({ points, territories, clock: own, receivedAt: upload.receivedAt });
      this.clocks.set(zone, clock);
    }
    return clock;
  }

  momentOf(point: number, at: FoundTime): Moment | Fault {
    const clock = this.clockFor(at);
    const isInstant = 'utcMs' in at;
    // Whole minutes through the calendar; seconds are carried over it.
    const from = isInstant ? at.utcMs / 60_000 : at.localMinutes;
    const whole = Math.floor(from);
    const minutes = isInstant
      ? clock.standardMinutes(point, whole, 0)
      : at.pass === 'second'
        ? clock.secondStandardMinutes(point, whole)
        : clock.firstStandardMinutes(point, whole);
    const fault = badTime(clock, point, minutes, 1);
    if (fault !== null) return fault;
    const standardMinutes = minutes + from - whole;
    const { points, territories } = this.options;
    const { standardOffsetMinutes } = territories[points.territories[point]];
    return { standardMinutes, utcMs: Math.round((standardMinutes - standardOffsetMinutes) * 60_000) };
  }
}

/** Minutes since 1970 of the point's standard-time calendar, or one of the clock's codes below zero. */
export function minutesOf(
  clock: PointClock,
  point: number,
  start: FoundTime,
  at: number,
  interval: number,
): number {
  const isInstant = 'utcMs' in start;
  const from = isInstant ? start.utcMs / 60_000 : start.localMinutes;
  if (interval === DAILY_MINUTES) {
    // A day's energy belongs to its date: from an instant, the day that begins about then.
    const day = isInstant
      ? clock.standardDay(point, from + at * DAILY_MINUTES, 0)
      : clock.dayOfDate(point, Math.floor(from / DAILY_MINUTES) + at);
    return day < 0 ? day : day * DAILY_MINUTES;
  }
  if (isInstant) return clock.standardMinutes(point, from + at * interval, 0);
  const local = from + at * interval;
  return start.pass === 'second'
    ? clock.secondStandardMinutes(point, local)
    : clock.firstStandardMinutes(point, local);
}

/** What is wrong with what {@link minutesOf} answered; null: nothing. */
export function badTime(clock: PointClock, point: number, minutes: number, interval: number): Fault | null {
  if (minutes >= 0) {
    if (minutes % interval === 0) return null;
    return {
      reason: 'off_interval',
      detail: `The reading does not begin on a ${interval}-minute interval of its day.`,
    };
  }
  if (minutes === IN_FUTURE) {
    const detail = 'The reading is more than a day later than the moment the file was received.';
    return { reason: 'in_future', detail };
  }
  const { name } = clock.zoneOf(point);
  if (minutes === NO_MIDNIGHT) {
    const detail = `A day's energy begins at midnight of the metering point's place (${name}); this begins at another time.`;
    return { reason: 'off_interval', detail };
  }
  const detail = `The time never came in ${name}: the clock was put forward over it. Is the file in standard time?`;
  return { reason: 'no_such_local_time', detail };
}
