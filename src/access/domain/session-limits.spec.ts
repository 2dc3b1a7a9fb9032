import { expect, test } from '@jest/globals';
import { isFresh, isSessionLive } from './session-limits.js';

const at = (time: string) => new Date(`2026-03-02T${time}:00Z`);

test.each([
  { opened: '08:00', seen: '08:00', now: '08:14', live: true },
  { opened: '08:00', seen: '08:00', now: '08:15', live: false },
  { opened: '08:00', seen: '19:50', now: '19:59', live: true },
  { opened: '08:00', seen: '19:59', now: '20:00', live: false },
])('opened $opened, used $seen, at $now: $live', ({ opened, seen, now, live }) => {
  expect(isSessionLive({ createdAt: at(opened), lastSeenAt: at(seen) }, at(now))).toBe(live);
});

test.each([
  { proved: '08:00', now: '08:04', fresh: true },
  { proved: '08:00', now: '08:05', fresh: false },
  { proved: '08:00', now: '20:00', fresh: false },
])('proved at $proved, at $now: fresh $fresh', ({ proved, now, fresh }) => {
  expect(isFresh(at(proved), at(now))).toBe(fresh);
});
