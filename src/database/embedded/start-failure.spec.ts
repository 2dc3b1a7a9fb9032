import { expect, test } from '@jest/globals';
import { explainOutput, isPassing, isPortTaken } from './start-failure.js';

/** Lines as PostgreSQL 18 and the dynamic loader print them. */
const FULL = 'FATAL:  could not write lock file "postmaster.pid": No space left on device';
const TAKEN = `LOG:  could not bind IPv4 address "127.0.0.1": Address already in use
FATAL:  could not create any TCP/IP sockets`;
const LOCKED = `FATAL:  lock file "postmaster.pid" already exists
HINT:  Is another postmaster (PID 7) running in data directory "/d"?`;
const SHARED = 'FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use';
const LIBRARY =
  'postgres: error while loading shared libraries: libicui18n.so.60: cannot open shared object file';

test.each([
  { output: FULL, start: 'The disk is full. It printed: FATAL:  could not write' },
  {
    output: LIBRARY,
    start: 'Its libraries are incomplete; run npm rebuild. It printed: postgres: error while',
  },
  {
    output: LOCKED,
    start: 'Another process holds its lock file postmaster.pid. It printed: FATAL:  lock file',
  },
  {
    output: 'initdb: error: could not access directory "/d": Permission denied',
    start: 'It may not read or write its folder.',
  },
  { output: 'FATAL:  something new', start: 'It printed: FATAL:  something new' },
  { output: '\n', start: 'It printed nothing.' },
])('$output', ({ output, start }) => {
  expect(explainOutput(output).slice(0, start.length)).toBe(start);
});

test('tells what another port or some patience mends', () => {
  expect([FULL, TAKEN, LOCKED, SHARED].map(isPortTaken)).toEqual([false, true, false, false]);
  expect([FULL, TAKEN, LOCKED, SHARED].map(isPassing)).toEqual([false, false, true, true]);
});
