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
  /** Outdoors °C above which a badly aired room makes the firmware slow the chips down; never when not given. */
  readonly deratesAboveC?: number;
}

/** At most a tenth is lost to heat, over 7 K: an S21 lowers its clock from 490 to 440 MHz between 40 and 47 °C of intake. */
const MOST_DERATING = 0.1;
const DERATING_SPAN_K = 7;

/** What a miner knows when deciding how many rigs run. */
export interface Situation {
  readonly scene: Scene;
  readonly rigs: Rigs;
  /** Hours into the window; negative when mining began before it. */
  readonly onsetHour: number;
  /** What the rest of the household uses, kW by hour. */
  readonly householdKw: Float64Array;
  /** Which of the farm's metering points this is: 0 the first, also where there is no other. */
  readonly member: number;
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
 * The firmware's low-power mode by turns with full power, as price and heat go: an S19 of 3.25 kW draws 2.2 to 2.7 kW in
 * it. Two plateaus, days to weeks long.
 */
export const atTwoPowerLevels: Plan = ({ rigs, ...situation }, random, running) => {
  const lowShare = random.between(0.68, 0.83);
  let isLow = random.chance(0.5);
  for (let hour = firstHour(situation); hour < running.length; isLow = !isLow) {
    const until = hour + random.whole(36, 400);
    running.fill(isLow ? rigs.count * lowShare : rigs.count, hour, until);
    hour = until;
  }
};

/** Day and night, switched off three to ten days before the window ends: a visit was announced, or the rigs were sold. */
export const untilLately: Plan = ({ rigs, ...situation }, random, running) => {
  const until = running.length - Math.floor(24 * random.between(3, 10));
  const from = firstHour(situation);
  running.fill(rigs.count, from, Math.max(from + 48, until));
};

/**
 * Day and night at every point of the farm. All stand behind one internet line and one owner's hand, so all stop
 * together: about once in 12 days, for 1 to 30 hours.
 */
export const allAtOnce: Plan = ({ rigs, ...situation }, random, running) => {
  for (let hour = firstHour(situation); hour < running.length;) {
    const until = hour + Math.ceil(random.exponential(24 * 12));
    running.fill(rigs.count, hour, until);
    hour = until + random.whole(1, 30);
  }
};

/**
 * The first point's rigs are carried away on some day in the middle of the window and start two hours to two days later
 * at the second point.
 */
export const movedToTheNext: Plan = ({ rigs, onsetHour, member }, random, running) => {
  const leaves = Math.floor(running.length * random.between(0.3, 0.65));
  const arrives = leaves + random.whole(2, 48);
  if (member > 0) running.fill(rigs.count, arrives);
  else running.fill(rigs.count, Math.max(0, Math.min(onsetHour, Math.floor(0.6 * leaves))), leaves);
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
 * day), 0.2 % more per kelvin outdoors (fans and warmer chips draw more) until a badly aired room makes the firmware
 * derate, short restarts about every three weeks a rig, and a breakdown of one rig for hours to days about every four
 * months a rig.
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
    const ambient = 1 + 0.002 * (scene.outdoorC[hour] - 10) - derating(rigs, scene.outdoorC[hour]);
    const noise = 1 + rigs.noise * (0.6 * random.gaussian() + 0.6 * drift);
    running[hour] = count * rigs.eachKw * ambient * noise;
  }
}

/** Share of the power that the firmware takes off in the heat. */
function derating({ deratesAboveC = Infinity }: Rigs, outdoorC: number): number {
  return MOST_DERATING * Math.min(1, Math.max(0, (outdoorC - deratesAboveC) / DERATING_SPAN_K));
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
