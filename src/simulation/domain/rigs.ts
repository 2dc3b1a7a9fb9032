import { monthStart, nextMonthStart } from '../../grid/domain/calendar.js';
import type { Random } from './random.js';
import type { Scene } from './scene.js';

/** The machines of one miner. */
export interface Rigs {
  readonly count: number;
  /** Mean kW of one while it runs. */
  readonly eachKw: number;
  /** Standard deviation of its hourly mean, relative: about 1 % for an ASIC at a fixed clock, more for graphics cards. */
  readonly noise: number;
}

/** What a miner knows when deciding how many rigs run. */
export interface Situation {
  readonly scene: Scene;
  readonly rigs: Rigs;
  /** Hours into the window; negative when mining began before it. */
  readonly onsetHour: number;
  /** What the rest of the household uses, kW by hour. */
  readonly householdKw: Float64Array;
}

/** Number of rigs that run, by hour, may be fractional; called for the hours from the onset on only. */
export type Plan = (situation: Situation, random: Random, running: Float64Array) => void;

/** Day and night. */
export const dayAndNight: Plan = ({ rigs, ...situation }, _random, running) => {
  running.fill(rigs.count, firstHour(situation));
};

/** At the night tariff only, 23 to 7. */
export const atNight: Plan = (situation, _random, running) => {
  atHours(situation, running, (hour) => hour >= 23 || hour < 7);
};

/** Off in the grid's morning and evening peaks, when losses are looked at. */
export const outsidePeaks: Plan = (situation, random, running) => {
  const morningEnd = random.whole(10, 11);
  const eveningStart = random.whole(16, 17);
  atHours(
    situation,
    running,
    (hour) => !((hour >= 7 && hour < morningEnd) || (hour >= eveningStart && hour < 21)),
  );
};

/** Some days on, some days off, as the price goes. */
export const onAndOff: Plan = (situation, random, running) => {
  let hour = firstHour(situation);
  while (hour < running.length) {
    const hoursOn = random.whole(40, 220);
    running.fill(situation.rigs.count, hour, hour + hoursOn);
    hour += hoursOn + random.whole(24, 150);
  }
};

/** One rig at first, another every one to four weeks. */
export const oneMoreEachTime: Plan = (situation, random, running) => {
  let from = situation.onsetHour;
  for (let owned = 1; owned <= situation.rigs.count; owned++) {
    const until = owned === situation.rigs.count ? running.length : from + 24 * random.between(7, 28);
    running.fill(owned, clampHour(from, running), clampHour(until, running));
    from = until;
  }
};

/**
 * The meter is read by the miner too: each day the rigs run just so many hours, from seven in the evening on, that the
 * household's month ends below the quota.
 */
export const belowTheQuota: Plan = (situation, random, running) => {
  const { scene, rigs, householdKw } = situation;
  const monthlyKwh = random.between(5_550, 5_900);
  const start = firstHour(situation);
  let leftKwh = 0;
  for (let day = 0; day < scene.days; day++) {
    const date = scene.firstDay + day;
    const daysLeft = nextMonthStart(date) - date;
    // A month that the window enters late has used its share before.
    if (day === 0 || date === monthStart(date)) {
      leftKwh = (monthlyKwh * daysLeft) / (nextMonthStart(date) - monthStart(date));
    }
    const householdKwh = sum(householdKw, day * 24);
    // 2 % less, for the rigs draw more on a hot day.
    const rigHours = (0.98 * (leftKwh / daysLeft - householdKwh)) / (rigs.count * rigs.eachKw);
    for (let offset = 0; offset < 24; offset++) {
      const hour = day * 24 + ((19 + offset) % 24);
      if (hour >= start) running[hour] = rigs.count * Math.min(1, Math.max(0, rigHours - offset));
    }
    leftKwh -= householdKwh + sum(running, day * 24) * rigs.eachKw;
  }
};

/**
 * Turns running rigs into kW by hour, in place: noise of two kinds (hour by hour, and a drift that persists for about a
 * day), 0.2 % more per kelvin outdoors (fans and warmer chips draw more), short restarts about every three weeks a rig,
 * and a breakdown of one rig for hours to days about every four months a rig.
 */
export function drawPower(scene: Scene, rigs: Rigs, random: Random, running: Float64Array): void {
  let drift = 0;
  let brokenUntil = 0;
  for (let hour = 0; hour < running.length; hour++) {
    drift = 0.96 * drift + 0.28 * random.gaussian();
    let count = running[hour];
    if (count === 0) continue;
    if (random.chance(rigs.count / (24 * 120))) brokenUntil = hour + random.whole(5, 72);
    if (hour < brokenUntil) count = Math.max(0, count - 1);
    if (random.chance(rigs.count / (24 * 21))) count -= Math.min(count, 1) * random.between(0.1, 0.7);
    const ambient = 1 + 0.002 * (scene.outdoorC[hour] - 10);
    const noise = 1 + rigs.noise * (0.6 * random.gaussian() + 0.6 * drift);
    running[hour] = count * rigs.eachKw * ambient * noise;
  }
}

function atHours(situation: Situation, running: Float64Array, isOn: (hourOfDay: number) => boolean): void {
  for (let hour = firstHour(situation); hour < running.length; hour++) {
    if (isOn(hour % 24)) running[hour] = situation.rigs.count;
  }
}

function firstHour({ onsetHour }: Pick<Situation, 'onsetHour'>): number {
  return Math.max(0, onsetHour);
}

function clampHour(hour: number, running: Float64Array): number {
  return Math.min(running.length, Math.max(0, Math.floor(hour)));
}

function sum(values: Float64Array, from: number): number {
  let total = 0;
  for (let hour = from; hour < from + 24; hour++) total += values[hour];
  return total;
}
