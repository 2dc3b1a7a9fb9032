import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { dayFromIso, type DayNumber } from '../../src/grid/domain/calendar.js';

/** A real home, hour by hour, in the time it was measured. */
export interface RealHome {
  readonly id: string;
  readonly source: 'sgsc' | 'fontana';
  readonly firstDay: DayNumber;
  /** kW, whole days from `firstDay`, NaN = missing. */
  readonly hourlyKw: Float32Array;
}

/** The 69 homes of the shared data, half hours folded to hours; an hour with one half missing is missing. */
export function readRealHomes(folder: string): RealHome[] {
  const homes = new Map<string, { source: RealHome['source']; days: Map<DayNumber, Float32Array> }>();
  const hoursOf = (id: string, source: RealHome['source'], day: DayNumber) => {
    const home = homes.get(id) ?? { source, days: new Map<DayNumber, Float32Array>() };
    homes.set(id, home);
    const hours = home.days.get(day) ?? new Float32Array(24).fill(NaN);
    home.days.set(day, hours);
    return hours;
  };
  for (const [id, date, ...cells] of rows(folder, 'households', 'sgsc-half-hourly.csv.gz')) {
    const hours = hoursOf(id, 'sgsc', dayFromIso(date)!);
    for (let hour = 0; hour < 24; hour++) {
      const halves = [cells[hour * 2], cells[hour * 2 + 1]];
      hours[hour] = halves.includes('') ? NaN : Number(halves[0]) + Number(halves[1]);
    }
  }
  for (const [id, start, kwh] of rows(folder, 'households', 'fontana-hourly-long.csv.gz')) {
    const hours = hoursOf(id, 'fontana', dayFromIso(start.slice(0, 10))!);
    hours[Number(start.slice(11, 13))] = kwh === '' ? NaN : Number(kwh);
  }
  return [...homes].map(([id, { source, days }]) => ({ id, source, ...laidOut(days) }));
}

function laidOut(days: ReadonlyMap<DayNumber, Float32Array>): Pick<RealHome, 'firstDay' | 'hourlyKw'> {
  const numbers = [...days.keys()];
  const firstDay = Math.min(...numbers);
  const hourlyKw = new Float32Array((Math.max(...numbers) - firstDay + 1) * 24).fill(NaN);
  for (const [day, hours] of days) hourlyKw.set(hours, (day - firstDay) * 24);
  return { firstDay, hourlyKw };
}

/** Outdoor temperature that goes with the Fontana homes, °C by hour from 2016-07-31 23:00. */
export function readFontanaWeather(folder: string): { firstHour: number; temperatureC: Float32Array } {
  const temperatures = rows(folder, 'households', 'fontana-weather.csv.gz').map(([celsius]) =>
    Number(celsius),
  );
  return {
    firstHour: dayFromIso('2016-07-31')! * 24 + 23,
    temperatureC: Float32Array.from(temperatures),
  };
}

/** Three real miners' power relative to each one's median, minute by minute: shapes, for scaling to a rig. */
export function readMinerLogs(folder: string): Float64Array[] {
  const watts = new Map<string, number[]>();
  for (const [, name, power] of rows(folder, 'miner', 'bitaxe_power.csv.gz')) {
    const log = watts.get(name) ?? [];
    watts.set(name, log);
    log.push(Number(power));
  }
  return [...watts.values()].map((log) => {
    const median = [...log].sort((a, b) => a - b)[log.length >> 1];
    return Float64Array.from(log, (power) => power / median);
  });
}

/** Cells of every row after the header. */
function rows(folder: string, kind: string, file: string): string[][] {
  const text = gunzipSync(readFileSync(join(folder, kind, file))).toString();
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}
