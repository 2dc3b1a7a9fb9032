import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { assess } from '../../src/detection/domain/assess.js';
import { buildPeerGroup } from '../../src/detection/domain/peer-group.js';
import type { PointWindow } from '../../src/detection/domain/types.js';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { describeWithRealData, sharedData } from '../support/shared-data.js';
import { inputOf, seeded, windowOf } from './load-text.js';

/*
 * Detection alone (no database) on 69 real homes, as if mining were banned where they stand: none may become a case on any of
 * the rolling days, and steady rigs added to them must. The data is other people's and not in this repository: see
 * test/support/shared-data.ts. Rigs have the *shape* of small ASICs' power log, scaled.
 */
const DATA = sharedData() ?? '';
const isHere = DATA !== '';

const WINDOW_DAYS = 90;
const STEP_DAYS = 30;

describeWithRealData('real homes, scored as where mining is banned', () => {
  const homes = isHere ? [...readSgsc(), ...readFontana()] : [];
  const shape = isHere ? rigShape() : [];

  it('are 69, and none is a case on any day of the rolling year, alone or beside the others', () => {
    expect(homes).toHaveLength(69);
    const cases: string[] = [];
    let scored = 0;
    for (const [set, asOf, windows] of rollingDays(homes)) {
      const peers = buildPeerGroup(set, windows);
      for (const window of windows) {
        for (const group of [null, peers]) {
          const score = assess(
            inputOf({ window, temperatureC: unknown() }, { weather: 'unknown', peers: group }),
          );
          scored++;
          if (score.caseWorthy) cases.push(`${set} as of day ${asOf}: ${score.score}`);
        }
      }
    }
    expect(scored).toBeGreaterThan(2000);
    expect(cases).toEqual([]);
  });

  // Share found three weeks after the onset, and of those, share dated within a day. The log's own dips take a fifth of its
  // power off for one hour in ten, so that "1 kW" rests at 0.75 kW: of constant 1 kW rigs 64 of 67 are found.
  // Neither weather nor neighbours are known here: a restless home with such a rig may as well have switched its heating on, and
  // is doubted. Sparing boilers that way costs (from 78, 95 and 98 in 100; most of the smallest stay just below the case's
  // 0.55); beside neighbours (rig trial) it costs none.
  it.each([
    [1, 0.32],
    [2, 0.85],
    [3.4, 0.91],
  ])('with a rig of %p kW added are found three weeks later', (kw, wantedShare) => {
    const random = seeded(`rig ${kw}`);
    let rigs = 0;
    let found = 0;
    let dated = 0;
    for (const home of homes) {
      const days = home.kw.length / 24;
      if (days < 150) continue;
      const onsetHour = Math.floor((60 + random() * (days - 105)) * 24);
      const withRig = home.kw.map((load, hour) =>
        hour < onsetHour ? load : load + kw * shape[hour % shape.length],
      );
      const asOf = home.firstDay + Math.ceil(onsetHour / 24) + 21;
      const window = windowUpTo({ ...home, kw: withRig }, asOf);
      if (fullDays(window) < 80) continue;
      const score = assess(inputOf({ window, temperatureC: unknown() }, { weather: 'unknown' }));
      rigs++;
      if (!score.caseWorthy) continue;
      found++;
      if (Math.abs(score.since! - (home.firstDay + Math.floor(onsetHour / 24))) <= 1) dated++;
    }
    expect(rigs).toBeGreaterThan(50);
    expect(found / rigs).toBeGreaterThanOrEqual(wantedShare);
    expect(dated / found).toBeGreaterThanOrEqual(0.95);
  });
});

interface Home {
  readonly set: 'sgsc' | 'fontana';
  readonly firstDay: number;
  /** By hour, of whole days; NaN = missing. */
  readonly kw: Float32Array;
}

function* rollingDays(
  homes: readonly Home[],
): Generator<[set: string, asOf: number, windows: PointWindow[]]> {
  for (const set of ['sgsc', 'fontana'] as const) {
    const members = homes.filter((home) => home.set === set);
    const first = Math.min(...members.map((home) => home.firstDay)) + STEP_DAYS;
    const last = Math.max(...members.map((home) => home.firstDay + home.kw.length / 24));
    for (let asOf = first; asOf <= last; asOf += STEP_DAYS) {
      const windows = members
        .map((home) => windowUpTo(home, asOf))
        .filter((window) => fullDays(window) >= 14);
      if (windows.length > 0) yield [set, asOf, windows];
    }
  }
}

function windowUpTo({ firstDay, kw }: Home, asOf: number): PointWindow {
  const hourly = new Float32Array(WINDOW_DAYS * 24).fill(NaN);
  const offset = (asOf - WINDOW_DAYS - firstDay) * 24;
  for (let hour = 0; hour < hourly.length; hour++) hourly[hour] = kw[hour + offset] ?? NaN;
  return windowOf(asOf - WINDOW_DAYS, hourly);
}

function fullDays({ hoursPresent }: PointWindow): number {
  return hoursPresent.filter((hours) => hours >= 20).length;
}

function unknown(): Float32Array {
  return new Float32Array(WINDOW_DAYS).fill(NaN);
}

function readSgsc(): Home[] {
  const rows = lines('households/sgsc-half-hourly.csv.gz').map((line) => line.split(','));
  return homesOf(
    'sgsc',
    rows,
    ([id, date]) => [id, date],
    ([, , ...halfHours], put) => {
      for (let hour = 0; hour < 24; hour++)
        put(hour, kwh(halfHours[2 * hour]) + kwh(halfHours[2 * hour + 1]));
    },
  );
}

function readFontana(): Home[] {
  const rows = lines('households/fontana-hourly-long.csv.gz').map((line) => line.split(','));
  return homesOf(
    'fontana',
    rows,
    ([id, start]) => [id, start.slice(0, 10)],
    ([, start, use], put) => {
      put(Number(start.slice(11, 13)), kwh(use));
    },
  );
}

function homesOf(
  set: Home['set'],
  rows: readonly string[][],
  keyOf: (row: string[]) => [id: string, date: string],
  read: (row: string[], put: (hour: number, kw: number) => void) => void,
): Home[] {
  const byHome = groupBy(rows, (row) => keyOf(row)[0]);
  return [...byHome.values()].map((own) => {
    const days = own.map((row) => dayFromIso(keyOf(row)[1])!);
    const firstDay = days.reduce((a, b) => Math.min(a, b));
    const kw = new Float32Array((days.reduce((a, b) => Math.max(a, b)) - firstDay + 1) * 24).fill(NaN);
    own.forEach((row, i) => read(row, (hour, value) => (kw[(days[i] - firstDay) * 24 + hour] = value)));
    return { set, firstDay, kw };
  });
}

/** Hourly power of three real ASICs, each over its median. */
function rigShape(): number[] {
  const rows = lines('miner/bitaxe_power.csv.gz').map((line) => line.split(','));
  return [...groupBy(rows, (row) => row[1]).values()].flatMap((own) => {
    const watts = own.map((row) => Number(row[2]));
    const usual = watts.toSorted((a, b) => a - b)[Math.floor(watts.length / 2)];
    return Array.from({ length: Math.floor(watts.length / 60) }, (_, hour) => {
      return watts.slice(hour * 60, hour * 60 + 60).reduce((sum, w) => sum + w, 0) / 60 / usual;
    });
  });
}

function groupBy(rows: readonly string[][], keyOf: (row: string[]) => string): Map<string, string[][]> {
  const groups = new Map<string, string[][]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

function kwh(text: string | undefined): number {
  return text ? Number(text) : NaN;
}

function lines(file: string): string[] {
  return gunzipSync(readFileSync(path.join(DATA, file)))
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(1);
}
