import { describe, expect, test } from '@jest/globals';
import { Throttle } from './throttle.js';

const LIMIT = [{ name: 'a', most: 2 }];

describe('what is counted', () => {
  test.each([
    { countedAtMs: [], nowMs: 0, wait: null },
    { countedAtMs: [0], nowMs: 1, wait: null },
    { countedAtMs: [0, 10], nowMs: 10, wait: 60 },
    { countedAtMs: [0, 10], nowMs: 59_500, wait: 1 },
    { countedAtMs: [0, 10], nowMs: 60_000, wait: null },
    { countedAtMs: [0, 60_000], nowMs: 60_001, wait: null },
    { countedAtMs: [0, 60_000, 60_001], nowMs: 60_001, wait: 60 },
  ])('at $countedAtMs ms makes the next at $nowMs ms wait $wait s', ({ countedAtMs, nowMs, wait }) => {
    const throttle = new Throttle({ windowMs: 60_000, mostNames: 10 });
    for (const at of countedAtMs) throttle.count(LIMIT, at);
    expect(throttle.retryAfterSeconds(LIMIT, nowMs)).toBe(wait);
  });

  test('under one name do not slow down another', () => {
    const throttle = new Throttle({ windowMs: 60_000, mostNames: 10 });
    for (let n = 0; n < 5; n++) throttle.count(LIMIT, n);
    expect(throttle.retryAfterSeconds([{ name: 'b', most: 2 }], 5)).toBeNull();
    expect(throttle.retryAfterSeconds([{ name: 'b', most: 2 }, ...LIMIT], 5)).toBe(60);
  });

  test('under ever new names take no more memory than allowed, and forget the oldest', () => {
    const throttle = new Throttle({ windowMs: 60_000, mostNames: 10 });
    for (let n = 0; n < 1000; n++) throttle.count([{ name: `${n}`, most: 1 }], n);
    expect(throttle.size).toBe(10);
    expect(throttle.retryAfterSeconds([{ name: '999', most: 1 }], 1000)).toBe(60);
    expect(throttle.retryAfterSeconds([{ name: '989', most: 1 }], 1000)).toBeNull();
  });
});
