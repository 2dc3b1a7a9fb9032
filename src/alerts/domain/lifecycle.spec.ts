import { describe, expect, it } from '@jest/globals';
import { dayFromIso } from '../../grid/domain/calendar.js';
import { decide, TRANSITIONS, type OpenAlert, type Verdict } from './lifecycle.js';

const day = (iso: string) => dayFromIso(iso)!;

const verdict = (change: Partial<Verdict>): Verdict => ({
  asOf: day('2026-03-20'),
  kind: 'none',
  caseWorthy: false,
  score: 0.02,
  since: null,
  otherLogOdds: 0,
  hasReadings: true,
  ...change,
});
const suspected: Partial<Verdict> = {
  kind: 'mining_suspected',
  caseWorthy: true,
  score: 0.9,
  since: day('2026-03-15'),
};

const alert = (change: Partial<OpenAlert>): OpenAlert => ({
  id: 7,
  kind: 'mining_suspected',
  state: 'pending',
  score: 0.9,
  since: day('2026-03-15'),
  lastSeenAsOf: day('2026-03-20'),
  ...change,
});

const cases: { name: string; verdict: Partial<Verdict>; open: OpenAlert[]; steps: string[] }[] = [
  { name: 'nothing suspected', verdict: {}, open: [], steps: [] },
  { name: 'new, five days old', verdict: suspected, open: [], steps: ['null→pending'] },
  {
    name: 'new, held a week already',
    verdict: { ...suspected, since: day('2026-03-13') },
    open: [],
    steps: ['null→pending', 'pending→firing held'],
  },
  { name: 'new, undated', verdict: { ...suspected, since: null }, open: [], steps: ['null→pending'] },
  {
    name: 'a measured breach fires at once',
    verdict: { kind: 'quota_exceeded', caseWorthy: true, since: day('2026-03-20') },
    open: [],
    steps: ['null→pending', 'pending→firing measured_breach'],
  },
  {
    name: 'a breach explained by heating is no alert',
    verdict: { kind: 'quota_exceeded', caseWorthy: false },
    open: [],
    steps: [],
  },
  {
    name: 'an explained forecast neither',
    verdict: { kind: 'quota_forecast', otherLogOdds: -3 },
    open: [],
    steps: [],
  },
  {
    name: 'pending grows a week old',
    verdict: { ...suspected, asOf: day('2026-03-22') },
    open: [alert({})],
    steps: ['pending→firing held'],
  },
  { name: 'the same again', verdict: suspected, open: [alert({})], steps: [] },
  {
    name: 'gone, but for six days only',
    verdict: { asOf: day('2026-03-26') },
    open: [alert({ state: 'firing' })],
    steps: [],
  },
  {
    name: 'gone for seven days',
    verdict: { asOf: day('2026-03-27') },
    open: [alert({ state: 'firing' })],
    steps: ['firing→resolved no_longer_supported'],
  },
  {
    name: 'no readings for a month resolve nothing',
    verdict: { asOf: day('2026-04-20'), hasReadings: false },
    open: [alert({ state: 'firing' })],
    steps: [],
  },
  {
    name: 'a forecast that came true',
    verdict: { kind: 'quota_exceeded', caseWorthy: true, since: day('2026-03-01') },
    open: [alert({ kind: 'quota_forecast' })],
    steps: ['pending→resolved came_true', 'null→pending', 'pending→firing measured_breach'],
  },
];

describe('alert lifecycle', () => {
  it.each(cases)('$name', ({ verdict: change, open, steps }) => {
    const taken = decide(verdict(change), open).flatMap((decided) => decided.steps);
    const words = taken.map(
      ({ from, to, reason }) => `${from}→${to}${reason === 'suspected' ? '' : ` ${reason}`}`,
    );
    expect(words).toEqual(steps);
    for (const { from, to } of taken) if (from !== null) expect(TRANSITIONS[from]).toContain(to);
  });

  it('a repeated verdict is no change, a later one moves the numbers', () => {
    expect(decide(verdict(suspected), [alert({})])).toEqual([]);
    const [change] = decide(verdict({ ...suspected, asOf: day('2026-03-21'), score: 0.95 }), [alert({})]);
    expect(change).toMatchObject({
      id: 7,
      state: 'pending',
      score: 0.95,
      lastSeenAsOf: day('2026-03-21'),
      steps: [],
    });
  });

  it('a look back to when a resolved alert stood does not open it again, later readings do', () => {
    const closed = { mining_suspected: day('2026-03-20') };
    expect(decide(verdict(suspected), [], closed)).toEqual([]);
    expect(decide(verdict({ ...suspected, asOf: day('2026-03-21') }), [], closed)).toHaveLength(1);
    expect(decide(verdict({ kind: 'quota_exceeded', caseWorthy: true }), [], closed)).toHaveLength(1);
  });

  it('a verdict of older readings changes nothing', () => {
    expect(decide(verdict({ asOf: day('2026-02-01') }), [alert({})])).toEqual([]);
    expect(decide(verdict({ ...suspected, asOf: day('2026-02-01') }), [alert({})])).toEqual([]);
  });
});
