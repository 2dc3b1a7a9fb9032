import { describe, expect, it } from '@jest/globals';
import { dayFromCivil, nextMonthStart } from '../../grid/domain/calendar.js';
import { PLACES } from './places.js';
import { Random } from './random.js';
import {
  allAtOnce,
  atNight,
  atTwoPowerLevels,
  belowTheQuota,
  dayAndNight,
  drawPower,
  movedToTheNext,
  onAndOff,
  oneMoreEachTime,
  outsidePeaks,
  type Plan,
  untilLately,
} from './rigs.js';
import { sceneOf } from './scene.js';

const FIRST_DAY = dayFromCivil(2026, 8, 1);
const DAYS = 92;
const SCENE = sceneOf(1, PLACES[0], FIRST_DAY, DAYS);
const RIGS = { count: 3, eachKw: 3.3, noise: 0.01 };

function running(
  plan: Plan,
  onsetHour = 0,
  householdKw = new Float64Array(SCENE.hours),
  member = 0,
): Float64Array {
  const hours = new Float64Array(SCENE.hours);
  plan({ scene: SCENE, rigs: RIGS, onsetHour, householdKw, member }, new Random(1), hours);
  return hours;
}

function hoursOn(hours: Float64Array): number[] {
  const counted = new Set<number>();
  hours.forEach((rigs, hour) => rigs > 0 && counted.add(hour % 24));
  return [...counted].sort((a, b) => a - b);
}

describe('when rigs run', () => {
  it('never before the onset, whatever the plan', () => {
    const plans = [dayAndNight, atNight, outsidePeaks, onAndOff, oneMoreEachTime, belowTheQuota];
    for (const plan of [...plans, atTwoPowerLevels, untilLately, allAtOnce]) {
      const hours = running(plan, 500);
      expect(hours.subarray(0, 500).every((rigs) => rigs === 0)).toBe(true);
      expect(hours.subarray(500).some((rigs) => rigs > 0)).toBe(true);
    }
  });

  it('day and night: all of them, and from the window on when the onset was before it', () => {
    expect(running(dayAndNight, -1000).every((rigs) => rigs === 3)).toBe(true);
  });

  it('at night: 23 to 7', () => {
    expect(hoursOn(running(atNight))).toEqual([0, 1, 2, 3, 4, 5, 6, 23]);
  });

  it('outside the peaks: never at 8 or at 19, always at 3 and at 13', () => {
    const on = hoursOn(running(outsidePeaks));
    expect(on).not.toContain(8);
    expect(on).not.toContain(19);
    expect(on).toEqual(expect.arrayContaining([3, 13]));
  });

  it('on and off: in stretches of days', () => {
    const hours = running(onAndOff);
    const switches = hours.filter((rigs, hour) => hour > 0 && rigs !== hours[hour - 1]).length;
    expect(switches).toBeGreaterThan(8);
    expect(switches).toBeLessThan(70);
  });

  it('one more each time: 1, 2, 3, and never back', () => {
    const hours = running(oneMoreEachTime, 240);
    expect([...new Set(hours)]).toEqual([0, 1, 2, 3]);
    expect(hours.every((rigs, hour) => hour === 0 || rigs >= hours[hour - 1])).toBe(true);
  });

  it('at two power levels: on two plateaus and nothing else, for a day and a half and more', () => {
    const hours = running(atTwoPowerLevels);
    const levels = [...new Set(hours)].sort();
    expect(levels).toHaveLength(2);
    expect(levels[0] / levels[1]).toBeGreaterThan(0.67);
    expect(levels[0] / levels[1]).toBeLessThan(0.84);
    const switches = hours.filter((rigs, hour) => hour > 0 && rigs !== hours[hour - 1]).length;
    expect(switches).toBeGreaterThan(3);
    expect(switches).toBeLessThanOrEqual(SCENE.hours / 36);
  });

  it('until lately: off for the last three to ten days', () => {
    const hours = running(untilLately, -1000);
    const last = hours.findLastIndex((rigs) => rigs > 0);
    expect(SCENE.hours - last).toBeGreaterThan(3 * 24);
    expect(SCENE.hours - last).toBeLessThanOrEqual(10 * 24 + 1);
    expect(hours.subarray(0, last).every((rigs) => rigs === 3)).toBe(true);
  });

  it('all at once: off together now and then, for a day or so at most', () => {
    const hours = running(allAtOnce, 300);
    const off = hours.subarray(300).filter((rigs) => rigs === 0).length;
    expect(off).toBeGreaterThan(0);
    expect(off / (SCENE.hours - 300)).toBeLessThan(0.15);
  });

  it('moved to the next: the first point ends two hours to two days before the second begins', () => {
    const [from, to] = [0, 1].map((member) => running(movedToTheNext, -1000, undefined, member));
    const left = from.findLastIndex((rigs) => rigs > 0) + 1;
    const arrived = to.findIndex((rigs) => rigs > 0);
    expect(arrived - left).toBeGreaterThanOrEqual(2);
    expect(arrived - left).toBeLessThanOrEqual(48);
    expect(to.subarray(arrived).every((rigs) => rigs === 3)).toBe(true);
  });

  it.each([
    ['hardly any household', 0.1],
    ['an ordinary one', 0.5],
    ['a large one', 2],
    ['one that needs the quota by itself', 9],
  ])('below the quota: the month of the whole household stays there, with %s', (_name, householdKw) => {
    const household = new Float64Array(SCENE.hours).fill(householdKw);
    const hours = running(belowTheQuota, 0, household);
    for (let first = FIRST_DAY; first < FIRST_DAY + DAYS; first = nextMonthStart(first)) {
      const from = (first - FIRST_DAY) * 24;
      const rigsKwh = hours
        .subarray(from, (nextMonthStart(first) - FIRST_DAY) * 24)
        .reduce((sum, rigs) => sum + rigs * RIGS.eachKw, 0);
      const othersKwh = householdKw * (nextMonthStart(first) - first) * 24;
      if (householdKw < 8) expect(rigsKwh + othersKwh).toBeGreaterThan(5_000);
      expect(rigsKwh === 0 || rigsKwh + othersKwh < 6_000).toBe(true);
    }
  });
});

describe('what rigs draw', () => {
  it('is steady within 2 %, but for restarts and a rig that is broken', () => {
    const hours = running(dayAndNight);
    drawPower(SCENE, RIGS, new Random(4), hours);
    const sorted = Float64Array.from(hours).sort();
    const median = sorted[sorted.length / 2];
    expect(median).toBeGreaterThan(3 * 3.2);
    expect(median).toBeLessThan(3 * 3.4);
    const steady = hours.filter((kw) => Math.abs(kw / median - 1) < 0.05).length / hours.length;
    expect(steady).toBeGreaterThan(0.8);
    expect(Math.min(...hours)).toBeGreaterThanOrEqual(0);
  });

  // From 28 °C on a badly aired room takes off up to a tenth over 7 K: at 31.5 °C half of it, 0.05.
  it.each([
    [20, 1.02],
    [28, 1.036],
    [31.5, 1.043 - 0.05],
    [40, 1.06 - 0.1],
  ])('at %d °C in a badly aired room is %d of the rating', (outdoorC, share) => {
    const hours = new Float64Array(240).fill(1);
    const scene = { ...SCENE, outdoorC: new Float32Array(240).fill(outdoorC) };
    drawPower(scene, { count: 1, eachKw: 3, noise: 0, deratesAboveC: 28 }, new Random(7), hours);
    expect(Float64Array.from(hours).sort()[120]).toBeCloseTo(3 * share, 6);
  });

  it('rises a little with the outdoor temperature, by 0.2 % a kelvin', () => {
    const at = (outdoorC: number) => {
      const hours = new Float64Array(240).fill(1);
      const scene = { ...SCENE, outdoorC: new Float32Array(240).fill(outdoorC) };
      drawPower(scene, { count: 1, eachKw: 3, noise: 0 }, new Random(7), hours);
      return Float64Array.from(hours).sort()[120];
    };
    expect(at(30)).toBeCloseTo(3 * 1.04, 6);
    expect(at(-20)).toBeCloseTo(3 * 0.94, 6);
  });

  it('is nothing while nothing runs', () => {
    const hours = running(atNight);
    drawPower(SCENE, RIGS, new Random(4), hours);
    hours.forEach((kw, hour) => hour % 24 >= 7 && hour % 24 < 23 && expect(kw).toBe(0));
  });
});
