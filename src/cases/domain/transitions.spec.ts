import { CASE_STATES, CASE_STEPS, CLOSED_STATES, isClosed, stateAfter, TRANSITIONS } from './transitions.js';

describe('the transition table of cases', () => {
  it.each([
    [null, 'opened', 'new'],
    ['new', 'dealt', 'dealt'],
    ['dealt', 'taken_up', 'first_look'],
    ['first_look', 'visit_asked', 'needs_visit'],
    ['needs_visit', 'confirmed', 'confirmed'],
    ['first_look', 'referred', 'second_look'],
    ['second_look', 'dismissed', 'dismissed'],
    ['second_look', 'visit_asked', 'needs_visit'],
    ['dismissed', 'reopened', 'reopened'],
    ['reopened', 'dealt', 'dealt'],
    ['needs_visit', 'redealt', 'dealt'],
  ] as const)('from %s, %s leads to %s', (from, step, to) => {
    expect(stateAfter(from, step)).toBe(to);
  });

  it.each([
    [null, 'dealt'],
    ['new', 'confirmed'],
    ['dealt', 'dismissed'],
    ['second_look', 'referred'],
    ['confirmed', 'reopened'],
    ['confirmed', 'redealt'],
    ['dismissed', 'decision_made'],
    ['new', 'opened'],
  ] as const)('from %s there is no %s', (from, step) => {
    expect(stateAfter(from, step)).toBeNull();
  });

  it('leads from one state to one state only, by each step', () => {
    const keys = TRANSITIONS.map(({ step, from }) => `${step} ${from}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('reaches every state, and out of every open one to an end', () => {
    const after = (states: ReadonlySet<string | null>) =>
      new Set([...states, ...TRANSITIONS.filter(({ from }) => states.has(from)).map(({ to }) => to)]);
    const reachable = (from: string | null) => {
      let seen: ReadonlySet<string | null> = new Set([from]);
      for (const _ of CASE_STEPS) seen = after(seen);
      return seen;
    };
    expect([...reachable(null)].filter((state) => state !== null).sort()).toEqual([...CASE_STATES].sort());
    for (const state of CASE_STATES)
      expect([state, CLOSED_STATES.some((closed) => reachable(state).has(closed))]).toEqual([state, true]);
    expect(CASE_STATES.filter(isClosed)).toEqual(['confirmed', 'dismissed']);
  });
});
