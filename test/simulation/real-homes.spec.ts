import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, it } from '@jest/globals';
import { dayFromCivil, dayFromIso } from '../../src/grid/domain/calendar.js';
import { HOUSEHOLDS } from '../../src/simulation/domain/archetypes.js';
import { PLACES } from '../../src/simulation/domain/places.js';
import { emptyLoad, simulatePoint } from '../../src/simulation/domain/point-load.js';
import { sceneOf, weekday } from '../../src/simulation/domain/scene.js';
import { describeWithRealData, sharedData } from '../support/shared-data.js';

/*
 * The simulated flats and houses against 52 real homes of the Smart-Grid Smart-City trial and 17 of Fontana. The data is
 * other people's and does not lie in this repository: see test/support/shared-data.ts.
 */
const DATA = sharedData() ?? '';
const SGSC = path.join(DATA, 'households/sgsc-half-hourly.csv.gz');
const FONTANA = path.join(DATA, 'households/fontana-hourly-long.csv.gz');

describeWithRealData('ordinary simulated homes and real ones', () => {
  let sgsc: Portrait;
  let fontana: Portrait;
  let simulated: Portrait;

  beforeAll(() => {
    sgsc = portrait(readSgsc());
    fontana = portrait(readFontana());
    simulated = portrait(ordinaryHomes(100));
  });

  it('reads the real homes: their floors are those that the data’s description states', () => {
    // Stated of half-hours: 53 W median, 95 % below 208 W; our hourly means smooth the lowest half-hours away.
    expect(Math.abs(percentile(sgsc.floors, 0.5) - 0.06)).toBeLessThan(0.01);
    expect(percentile(sgsc.floors, 0.95)).toBeLessThan(0.25);
    expect(percentile(fontana.floors, 0.5)).toBeCloseTo(0.249, 2);
    expect(share(fontana.floors, (kw) => kw > 1)).toBeCloseTo(0.009, 3);
  });

  it('have a floor between those of the two: median, spread, and hardly ever above 1 kW', () => {
    expect(percentile(simulated.floors, 0.5)).toBeGreaterThan(percentile(sgsc.floors, 0.5));
    expect(percentile(simulated.floors, 0.5)).toBeLessThan(percentile(fontana.floors, 0.5));
    expect(percentile(simulated.floors, 0.5)).toBeLessThan(0.11);
    expect(percentile(simulated.floors, 0.95)).toBeLessThan(0.25);
    expect(percentile(simulated.floors, 0.95) / percentile(simulated.floors, 0.05)).toBeGreaterThan(3);
    expect(share(simulated.floors, (kw) => kw > 1)).toBeLessThanOrEqual(0.0008);
  });

  // Median over homes; the simulated one must lie within the stated factor of the SGSC homes'.
  it.each([
    ['kWh a day', 'dailyKwh', 1.25],
    ['load factor of a day', 'loadFactor', 1.2],
    ['floor over mean', 'floorShare', 1.5],
    ['95th percentile over mean', 'p95', 1.15],
    ['99th percentile over mean', 'p99', 1.25],
    ['median over mean', 'median', 1.3],
    ['variation of the daily sum', 'dailyVariation', 1.3],
    ['weekend over working day', 'weekend', 1.1],
    ['variation of an hour of the day', 'hourVariation', 1.25],
    ['correlation of an hour with the next', 'nextHour', 1.4],
  ] as const)('%s', (_name, statistic, factor) => {
    const real = percentile(sgsc[statistic], 0.5);
    const ours = percentile(simulated[statistic], 0.5);
    expect(ours).toBeGreaterThan(real / factor);
    expect(ours).toBeLessThan(real * factor);
  });

  it('have the daily shape of the real ones: the same nights and peaks', () => {
    expect(correlation(simulated.shape, sgsc.shape)).toBeGreaterThan(0.93);
    for (let hour = 0; hour < 24; hour++)
      expect(Math.abs(simulated.shape[hour] - sgsc.shape[hour])).toBeLessThan(0.25);
  });
});

/** What is compared: one number per home (per 14-day window for floors), and the median home's daily shape. */
interface Portrait {
  /** 5th percentile of each 14-day window that is at least half there, kW. */
  readonly floors: number[];
  readonly dailyKwh: number[];
  readonly loadFactor: number[];
  readonly floorShare: number[];
  readonly p95: number[];
  readonly p99: number[];
  readonly median: number[];
  readonly dailyVariation: number[];
  readonly weekend: number[];
  readonly hourVariation: number[];
  readonly nextHour: number[];
  /** Mean of each hour of the day over the mean of all, 24. */
  readonly shape: number[];
}

interface Home {
  /** kW by hour from the first day's midnight on, NaN where missing. */
  readonly hours: Float64Array;
  readonly firstDay: number;
}

function portrait(homes: readonly Home[]): Portrait {
  const each = homes.map(portraitOfOne);
  const all = (number: Exclude<keyof HomePortrait, 'floors' | 'shape'>) => each.map((home) => home[number]);
  return {
    floors: each.flatMap(({ floors }) => floors),
    dailyKwh: all('dailyKwh'),
    loadFactor: all('loadFactor'),
    floorShare: all('floorShare'),
    p95: all('p95'),
    p99: all('p99'),
    median: all('median'),
    dailyVariation: all('dailyVariation'),
    weekend: all('weekend'),
    hourVariation: all('hourVariation'),
    nextHour: all('nextHour'),
    shape: Array.from({ length: 24 }, (_, hour) =>
      percentile(
        each.map(({ shape }) => shape[hour]),
        0.5,
      ),
    ),
  };
}

type HomePortrait = ReturnType<typeof portraitOfOne>;

function portraitOfOne(home: Home) {
  const values = present(home.hours);
  const sorted = Float64Array.from(values).sort();
  const overMean = (wanted: number) => sorted[Math.floor(wanted * sorted.length)] / mean(values);
  const ownFloors = floors(home);
  const days = wholeDays(home.hours);
  const byHour = byHourOfDay(home.hours);
  return {
    floors: ownFloors,
    dailyKwh: 24 * mean(values),
    loadFactor: percentile(
      days.map((day) => mean(day) / Math.max(...day)),
      0.5,
    ),
    floorShare: percentile(ownFloors, 0.5) / mean(values),
    p95: overMean(0.95),
    p99: overMean(0.99),
    median: overMean(0.5),
    dailyVariation: variation(days.map(mean)),
    weekend: weekendOverWorkingDay(home),
    hourVariation: percentile(byHour.map(variation), 0.5),
    nextHour: correlation(values.subarray(1), values.subarray(0, -1)),
    shape: byHour.map((hour) => mean(hour) / mean(values)),
  };
}

function ordinaryHomes(count: number): Home[] {
  const days = 365;
  const firstDay = dayFromCivil(2025, 11, 1);
  const irkutsk = PLACES.find(({ code }) => code === '25701000')!;
  const scene = sceneOf(1, irkutsk, firstDay, days);
  const kinds = HOUSEHOLDS.filter(({ name }) => name === 'flat' || name === 'house');
  const load = emptyLoad(scene.hours);
  return Array.from({ length: count }, (_, index) => {
    const archetype = kinds[index % kinds.length];
    const who = {
      id: '',
      household: '',
      isUnlawful: false,
      isUnregistered: false,
      isUnread: false,
      miner: null,
      farm: null,
    };
    simulatePoint(1, scene, { ...who, index, archetype }, load);
    return { hours: Float64Array.from(load.meteredKw), firstDay };
  });
}

/** `meter_id,date,00:00 … 23:30`; an hour is there when both of its halves are. */
function readSgsc(): Home[] {
  const homes = new RealHomes();
  for (const line of lines(SGSC)) {
    const [id, date, ...halves] = line.split(',');
    const kwh = (half: number) => (halves[half] ? Number(halves[half]) : NaN);
    for (let hour = 0; hour < 24; hour++) homes.add(id, date, hour, kwh(2 * hour) + kwh(2 * hour + 1));
  }
  return homes.all();
}

/** `meter_id,start,kwh`, local time. */
function readFontana(): Home[] {
  const homes = new RealHomes();
  for (const line of lines(FONTANA)) {
    const [id, start, kwh] = line.split(',');
    homes.add(id, start.slice(0, 10), Number(start.slice(11, 13)), kwh ? Number(kwh) : NaN);
  }
  return homes.all();
}

function lines(file: string): string[] {
  return gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n').slice(1);
}

/** Gathers readings by home and day; days that never come stay missing. */
class RealHomes {
  private readonly days = new Map<string, Map<string, Float64Array>>();

  add(id: string, date: string, hour: number, kwh: number): void {
    let days = this.days.get(id);
    if (!days) this.days.set(id, (days = new Map<string, Float64Array>()));
    let hours = days.get(date);
    if (!hours) days.set(date, (hours = new Float64Array(24).fill(NaN)));
    hours[hour] = kwh;
  }

  all(): Home[] {
    return [...this.days.values()].map((days) => {
      const dates = [...days.keys()].sort();
      const firstDay = dayFromIso(dates[0])!;
      const hours = new Float64Array((dayFromIso(dates.at(-1)!)! - firstDay + 1) * 24).fill(NaN);
      for (const [date, day] of days) hours.set(day, (dayFromIso(date)! - firstDay) * 24);
      return { hours, firstDay };
    });
  }
}

function floors({ hours }: Home): number[] {
  const window = 14 * 24;
  const found: number[] = [];
  for (let from = 0; from + window <= hours.length; from += window) {
    const values = present(hours.subarray(from, from + window));
    if (values.length >= window / 2) found.push(percentile(values, 0.05));
  }
  return found;
}

function weekendOverWorkingDay({ hours, firstDay }: Home): number {
  const kinds: [number[], number[]] = [[], []];
  for (let day = 0; day * 24 < hours.length; day++) {
    const values = present(hours.subarray(day * 24, day * 24 + 24));
    if (values.length === 24) kinds[weekday(firstDay + day) % 6 === 0 ? 1 : 0].push(mean(values));
  }
  return mean(kinds[1]) / mean(kinds[0]);
}

function wholeDays(hours: Float64Array): Float64Array[] {
  return Array.from({ length: hours.length / 24 }, (_, day) =>
    present(hours.subarray(day * 24, day * 24 + 24)),
  ).filter((values) => values.length === 24 && mean(values) > 0);
}

function byHourOfDay(hours: Float64Array): Float64Array[] {
  return Array.from({ length: 24 }, (_, hourOfDay) =>
    present(hours.filter((_, hour) => hour % 24 === hourOfDay)),
  );
}

function present(hours: Float64Array): Float64Array {
  return hours.filter((kw) => !Number.isNaN(kw));
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function variation(values: ArrayLike<number>): number {
  return Math.sqrt(covariance(values, values)) / mean(values);
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return covariance(a, b) / Math.sqrt(covariance(a, a) * covariance(b, b));
}

function covariance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
  return sum / a.length;
}

function percentile(values: Iterable<number>, wanted: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(wanted * sorted.length)];
}

function share(values: readonly number[], counts: (value: number) => boolean): number {
  return values.filter(counts).length / values.length;
}
