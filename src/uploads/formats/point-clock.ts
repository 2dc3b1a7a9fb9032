import { offsetMinutesAtLocal, type Zone } from '../../grid/domain/time-zone.js';
import type { PointIndex } from '../domain/point-index.js';
import { NO_OFFSET } from './scan-time.js';

export interface Territory {
  readonly zone: Zone;
  /** The fixed offset that bounds the territory's stored days. */
  readonly standardOffsetMinutes: number;
}

/** How times without an offset are read. */
export interface LocalClock {
  /** The upload's own zone, or null: each point's territory decides. */
  readonly zone: Zone | null;
  /** Zones in which the sender never moves the clock: their winter offset holds all year. */
  readonly standardZones: ReadonlySet<Zone>;
}

export interface PointClockOptions {
  readonly points: PointIndex;
  readonly territories: readonly Territory[];
  readonly clock: LocalClock;
  readonly receivedAt: Date;
}

/** Results of {@link PointClock.standardMinutes} below zero. */
export const NEVER_CAME = -1;
export const IN_FUTURE = -2;
/** Of {@link PointClock.standardDay}: the time is no midnight of the point's place. */
export const NO_MIDNIGHT = -3;

/** Local midnight lies so far from the standard-time day's in summer. */
const SUMMER_MINUTES = 60;

/** Turns the times of a file into minutes of each metering point's standard-time calendar. */
export class PointClock {
  private readonly latestUtcMinutes: number;
  /** Of each point, the local times of an hour that comes twice which were seen once, as summer time. */
  private readonly seenInSummer = new Map<number, Set<number>>();
  private lastZone: Zone | null = null;
  private lastDay = NaN;
  /** Offset of the whole last local day, or NaN when the clock changes on it. */
  private lastOffset = NaN;

  constructor(private readonly options: PointClockOptions) {
    this.latestUtcMinutes = options.receivedAt.getTime() / 60_000 + 1440;
  }

  zoneOf(point: number): Zone {
    return this.options.clock.zone ?? this.territoryOf(point).zone;
  }

  /**
   * Minutes since 1970 of the point's standard-time calendar; {@link NEVER_CAME} for a local time the clock skipped,
   * {@link IN_FUTURE} for a time more than a day after the file was received. Of two equal local times the first is
   * summer time, the second winter time.
   */
  standardMinutes(point: number, localMinutes: number, offsetMinutes: number): number {
    return this.fromOffset(
      point,
      localMinutes,
      offsetMinutes === NO_OFFSET ? this.localOffset(point, localMinutes, true) : offsetMinutes,
    );
  }

  /** The same for a layout that has each local time once a day: an hour that comes twice is its summer time. */
  firstStandardMinutes(point: number, localMinutes: number): number {
    return this.fromOffset(point, localMinutes, this.localOffset(point, localMinutes, false));
  }

  /** And for one that says which pass it means: an hour that comes twice is its winter time. */
  secondStandardMinutes(point: number, localMinutes: number): number {
    const local = offsetMinutesAtLocal(this.zoneOf(point), localMinutes * 60_000);
    return local.kind === 'ambiguous'
      ? this.fromOffset(point, localMinutes, local.winterOffset)
      : this.firstStandardMinutes(point, localMinutes);
  }

  /**
   * The standard-time day that a day's energy belongs to, told by when it begins: within summer time's hour of the day's
   * midnight, so that a local day stays whole on the day of its date. {@link IN_FUTURE}, or {@link NO_MIDNIGHT} for a day
   * that begins at another time (a clock of another place).
   */
  standardDay(point: number, localMinutes: number, offsetMinutes: number): number {
    let offset = offsetMinutes === NO_OFFSET ? this.localOffset(point, localMinutes, false) : offsetMinutes;
    // A midnight that the clock skipped still begins its day.
    if (Number.isNaN(offset)) offset = this.zoneOf(point).standardOffsetMinutes;
    const minutes = this.fromOffset(point, localMinutes, offset);
    if (minutes < 0) return minutes;
    const day = Math.round(minutes / 1440);
    return Math.abs(minutes - day * 1440) <= SUMMER_MINUTES ? day : NO_MIDNIGHT;
  }

  /** The same for a date without a time: the place's own day, whatever zone the upload states for its times. */
  dayOfDate(point: number, day: number): number {
    const { standardOffsetMinutes } = this.territoryOf(point);
    return day * 1440 - standardOffsetMinutes > this.latestUtcMinutes ? IN_FUTURE : day;
  }

  private fromOffset(point: number, localMinutes: number, offset: number): number {
    if (Number.isNaN(offset)) return NEVER_CAME;
    const utcMinutes = localMinutes - offset;
    if (utcMinutes > this.latestUtcMinutes) return IN_FUTURE;
    return utcMinutes + this.territoryOf(point).standardOffsetMinutes;
  }

  /** Standard minutes less local minutes over a whole local day; NaN when each of its times must be looked at. */
  shiftOfDay(point: number, localDay: number, offsetMinutes: number): number {
    const offset =
      offsetMinutes === NO_OFFSET ? this.offsetOfDay(this.zoneOf(point), localDay) : offsetMinutes;
    const isPast = (localDay + 1) * 1440 - offset <= this.latestUtcMinutes;
    return isPast ? this.territoryOf(point).standardOffsetMinutes - offset : NaN;
  }

  private territoryOf(point: number): Territory {
    return this.options.territories[this.options.points.territories[point]];
  }

  /** NaN when the local time never came. */
  private localOffset(point: number, localMinutes: number, comesTwice: boolean): number {
    const zone = this.zoneOf(point);
    const ofDay = this.offsetOfDay(zone, Math.floor(localMinutes / 1440));
    if (!Number.isNaN(ofDay)) return ofDay;
    const local = offsetMinutesAtLocal(zone, localMinutes * 60_000);
    if (local.kind === 'one') {
      // The hour is over: the same times further down are the same readings again.
      this.seenInSummer.delete(point);
      return local.offset;
    }
    if (local.kind === 'none') return NaN;
    const seen = this.seenInSummer.get(point) ?? new Set();
    this.seenInSummer.set(point, seen);
    if (comesTwice && seen.has(localMinutes)) return local.winterOffset;
    seen.add(localMinutes);
    return local.summerOffset;
  }

  /** Offset of a whole local day, NaN when the clock changes on it; remembers the last day. */
  private offsetOfDay(zone: Zone, day: number): number {
    if (zone.isFixed || this.options.clock.standardZones.has(zone)) return zone.standardOffsetMinutes;
    if (day !== this.lastDay || zone !== this.lastZone) {
      this.lastDay = day;
      this.lastZone = zone;
      this.lastOffset = wholeDayOffset(zone, day);
    }
    return this.lastOffset;
  }
}

function wholeDayOffset(zone: Zone, day: number): number {
  const atStart = offsetMinutesAtLocal(zone, day * 86_400_000);
  const atEnd = offsetMinutesAtLocal(zone, (day + 1) * 86_400_000 - 60_000);
  const changes = atStart.kind !== 'one' || atEnd.kind !== 'one' || atStart.offset !== atEnd.offset;
  return changes ? NaN : atStart.offset;
}
