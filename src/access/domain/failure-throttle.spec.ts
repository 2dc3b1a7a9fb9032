import { describe, expect, test } from '@jest/globals';
import { FailureThrottle } from './failure-throttle.js';

const LIMIT = [{ name: 'a', mostFailures: 2 }];

describe('failures', () => {
  test.each([
    { failedAtMs: [], nowMs: 0, wait: null },
    { failedAtMs: [0], nowMs: 1, wait: null },
    { failedAtMs: [0, 10], nowMs: 10, wait: 60 },
    { failedAtMs: [0, 10], nowMs: 59_500, wait: 1 },
    { failedAtMs: [0, 10], nowMs: 60_000, wait: null },
    { failedAtMs: [0, 60_000], nowMs: 60_001, wait: null },
    { failedAtMs: [0, 60_000, 60_001], nowMs: 60_001, wait: 60 },
  ])('at $failedAtMs ms make the next at $nowMs ms wait $wait s', ({ failedAtMs, nowMs, wait }) => {
    const throttle = new FailureThrottle({ windowMs: 60_000, mostNames: 10 });
    for (const at of failedAtMs) throttle.fail(LIMIT, at);
    expect(throttle.retryAfterSeconds(LIMIT, nowMs)).toBe(wait);
  });

  test('under one name do not slow down another', () => {
    const throttle = new FailureThrottle({ windowMs: 60_000, mostNames: 10 });
    for (let n = 0; n < 5; n++) throttle.fail(LIMIT, n);
    expect(throttle.retryAfterSeconds([{ name: 'b', mostFailures: 2 }], 5)).toBeNull();
    expect(throttle.retryAfterSeconds([{ name: 'b', mostFailures: 2 }, ...LIMIT], 5)).toBe(60);
  });

  test('under ever new names take no more memory than allowed, and forget the oldest', () => {
    const throttle = new FailureThrottle({ windowMs: 60_000, mostNames: 10 });
    for (let n = 0; n < 1000; n++) throttle.fail([{ name: `${n}`, mostFailures: 1 }], n);
    expect(throttle.size).toBe(10);
    expect(throttle.retryAfterSeconds([{ name: '999', mostFailures: 1 }], 1000)).toBe(60);
    expect(throttle.retryAfterSeconds([{ name: '989', mostFailures: 1 }], 1000)).toBeNull();
  });
});
