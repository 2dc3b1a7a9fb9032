import { describe, expect, it } from '@jest/globals';
import { decodeDay, MISSING_CODE } from '../readings/domain/energy-codec.js';
import { ProfileBlock } from './profile-windows.js';

/** The obvious way: an array of Wh, sums by hour, missing is missing. */
function slowFold(energy: Uint8Array, scale: number, intervalMinutes: number) {
  const wh = [...decodeDay(energy, scale)];
  const perHour = 60 / intervalMinutes;
  const hourlyKw = Array.from({ length: 24 }, (_, hour) => {
    const parts = wh.slice(hour * perHour, (hour + 1) * perHour);
    return parts.some(Number.isNaN) ? NaN : parts.reduce((sum, part) => sum + part, 0) / 1000;
  });
  const present = wh.filter((value) => !Number.isNaN(value));
  return {
    hourlyKw,
    dailyKwh: present.length === 0 ? NaN : present.reduce((sum, part) => sum + part, 0) / 1000,
    hoursPresent: hourlyKw.filter((kw) => !Number.isNaN(kw)).length,
    minutesPresent: present.length * intervalMinutes,
  };
}

function encode(codes: readonly number[]): Uint8Array {
  return new Uint8Array(codes.flatMap((code) => [code & 0xff, code >>> 8]));
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

describe('profile windows', () => {
  const FIRST = 20_000;

  it.each([60, 30, 15, 5])(
    'folds %i-minute days like the slow way, with gaps and scales',
    (intervalMinutes) => {
      const random = randomFrom(intervalMinutes);
      const block = new ProfileBlock(2, FIRST, FIRST + 40);
      block.reset([5, 9]);
      const window = block.windows[1];
      for (let day = 0; day < 40; day++) {
        const scale = day % 4;
        const missing = [0, 0.02, 0.5, 1][Math.floor(day / 4) % 4];
        const slots = 1440 / intervalMinutes;
        const energy = encode(
          Array.from({ length: slots }, () =>
            random() < missing ? MISSING_CODE : Math.floor(random() * 65_535),
          ),
        );
        block.add(9, FIRST + day, scale, energy, 0, energy.length);
        const expected = slowFold(energy, scale, intervalMinutes);
        expect([...window.hourlyKw.subarray(day * 24, day * 24 + 24)]).toEqual(
          expected.hourlyKw.map(Math.fround),
        );
        expect(window.dailyKwh[day]).toBe(Math.fround(expected.dailyKwh));
        expect(window.hoursPresent[day]).toBe(expected.hoursPresent);
        expect(window.minutesPresent[day]).toBe(expected.minutesPresent);
      }
      expect(window.intervalMinutes).toBe(intervalMinutes);
      expect(block.windows[0].dailyKwh.every(Number.isNaN)).toBe(true);
    },
  );

  it('an hour counts only with all its intervals; the day counts what is there', () => {
    const block = new ProfileBlock(1, FIRST, FIRST + 1);
    block.reset([1]);
    const codes = new Array<number>(48).fill(MISSING_CODE);
    [codes[0], codes[1], codes[2]] = [300, 200, 100];
    block.add(1, FIRST, 0, encode(codes), 0, 96);
    const [window] = block.windows;
    expect(window.hourlyKw[0]).toBeCloseTo(0.5);
    expect(window.hourlyKw[1]).toBeNaN();
    expect(window.dailyKwh[0]).toBeCloseTo(0.6);
    expect(window.hoursPresent[0]).toBe(1);
    expect(window.minutesPresent[0]).toBe(90);
  });

  it('takes days in any order, of its points and days only, and forgets them when reset', () => {
    const block = new ProfileBlock(1, FIRST, FIRST + 3);
    const day = encode(new Array<number>(24).fill(1000));
    block.reset([1]);
    block.add(1, FIRST + 2, 0, day, 0, 48);
    block.add(1, FIRST, 1, day, 0, 48);
    block.add(1, FIRST + 3, 0, day, 0, 48);
    block.add(2, FIRST + 1, 0, day, 0, 48);
    expect([...block.windows[0].dailyKwh]).toEqual([240, NaN, 24]);
    block.reset([2]);
    expect(block.windows[0].dailyKwh.every(Number.isNaN)).toBe(true);
    expect(block.windows[0].intervalMinutes).toBe(0);
  });
});
