import { describe, expect, it } from '@jest/globals';
import { sampleCorrelation } from 'simple-statistics';
import { dayFromCivil } from '../../grid/domain/calendar.js';
import {
  aiHall,
  airConditioner,
  aquarium,
  bathHouse,
  bigFreezers,
  type Load,
  medicalDevice,
  poolPump,
  retiredHeaters,
  seedlingLights,
  underFloorHeating,
} from './appliances.js';
import { fixedStageBoiler } from './heating.js';
import { PLACES } from './places.js';
import { Random } from './random.js';
import { type Scene, sceneOf } from './scene.js';

const YEAR = sceneOf(1, PLACES[0], dayFromCivil(2026, 1, 1), 365);
const JANUARY = [0, 31 * 24] as const;
const APRIL = [90 * 24, 120 * 24] as const;
const JULY = [181 * 24, 212 * 24] as const;

function yearOf(load: Load, seed = 5, scene: Scene = YEAR): Float64Array {
  const kw = new Float64Array(scene.hours);
  load(scene, new Random(seed), kw);
  return kw;
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation over mean. */
function swing(values: ArrayLike<number>): number {
  const centre = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - centre) ** 2))) / centre;
}

describe('innocent loads, by season', () => {
  it.each([
    ['seedling lights shine in spring only', seedlingLights, [0, 1, 0]],
    ['an air conditioner works in summer only', airConditioner, [0, 0, 1]],
    ['a pool pump runs in summer only', poolPump, [0, 0, 1]],
    ['a heated floor is on in winter only', underFloorHeating, [1, null, 0]],
    ['a bath house is kept from freezing in winter, and heated all year', bathHouse, [1, 1, 1]],
    ['fan heaters have no work in July', retiredHeaters, [null, null, 0]],
    ['freezers never stop', bigFreezers, [1, 1, 1]],
    ['an aquarium never stops', aquarium, [1, 1, 1]],
  ] as const)('%s', (_name, load, expected) => {
    const kw = yearOf(load);
    [JANUARY, APRIL, JULY].forEach(([from, to], month) => {
      const works = mean(kw.subarray(from, to)) > 0.01;
      if (expected[month] !== null) expect(works).toBe(expected[month] === 1);
    });
  });

  it('a pool pump rests at night', () => {
    expect(yearOf(poolPump).every((kw, hour) => hour % 24 >= 7 || kw === 0)).toBe(true);
  });

  it('a heated floor is flat while it is on: a constant load of 0.4 to 1 kW', () => {
    const january = yearOf(underFloorHeating).subarray(...JANUARY);
    expect(mean(january)).toBeGreaterThan(0.39);
    expect(mean(january)).toBeLessThan(1.01);
    expect(swing(january)).toBeLessThan(0.05);
  });

  it('freezers draw more in the warm: about 2.5 % a kelvin', () => {
    const kw = yearOf(bigFreezers);
    const cold = mean(kw.subarray(...JANUARY));
    expect(mean(kw.subarray(...JULY)) / cold).toBeGreaterThan(1.2);
    expect(mean(kw.subarray(...JULY)) / cold).toBeLessThan(1.7);
  });

  it('a medical device is small and steady, whoever has it', () => {
    for (let seed = 0; seed < 20; seed++) {
      const on = yearOf(medicalDevice, seed).filter((kw) => kw > 0);
      expect(Math.max(...on)).toBeLessThan(0.55);
      expect(swing(on)).toBeLessThan(0.02);
    }
  });

  it('an AI hall never stops and never stays: 25 to 97 % of its power, by jobs of hours', () => {
    const kw = yearOf(aiHall);
    const most = Math.max(...kw);
    expect(Math.min(...kw) / most).toBeGreaterThan(0.24);
    const daily = Array.from({ length: 365 }, (_, day) => mean(kw.subarray(day * 24, day * 24 + 24)));
    expect(swing(daily)).toBeGreaterThan(0.1);
  });
});

describe('a boiler with fixed stages', () => {
  const kw = new Float64Array(YEAR.hours);
  fixedStageBoiler(YEAR, new Random(3), new Float64Array(YEAR.hours), kw);
  const january = kw.subarray(...JANUARY);

  it('mostly draws a whole number of stages', () => {
    const stageKw = [2, 3, 4].find(
      (stage) => Math.max(...kw) === 3 * stage || Math.max(...kw) === 2 * stage,
    )!;
    const whole = january.filter((power) => power % stageKw === 0).length;
    expect(whole / january.length).toBeGreaterThan(0.6);
  });

  it('follows the cold from day to day, and is off in summer', () => {
    const daily = (hours: Float32Array | Float64Array) =>
      Array.from({ length: 120 }, (_, day) => mean(hours.subarray(day * 24, day * 24 + 24)));
    expect(sampleCorrelation(daily(kw), daily(YEAR.feltC))).toBeLessThan(-0.9);
    expect(mean(kw.subarray(...JULY))).toBeLessThan(0.1);
  });
});
