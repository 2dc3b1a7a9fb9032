import type { AlertKind } from '../../alerts/domain/lifecycle.js';
import { effectOfAlerts, kindsOf, leadingAlert, type FiringAlert, type KnownCase } from './case-alerts.js';
import type { Grounds } from './reopening.js';

const firing = (...kinds: AlertKind[]): FiringAlert[] =>
  kinds.map((kind, index) => ({ id: index + 1, kind, score: 0.9, since: '2026-01-01' }));
const now: Grounds = { score: 0.9, monthKwh: 3000, detectors: { 'base-load': 1 } };
const file = (changed: Partial<KnownCase>): KnownCase => ({
  state: 'dealt',
  firingKinds: ['mining_suspected'],
  days: 60,
  dismissedOn: null,
  ...changed,
});

describe('what alerts do to a case', () => {
  it.each<[string, KnownCase | null, FiringAlert[], object]>([
    ['open one for a suspicion', null, firing('mining_suspected'), { do: 'open' }],
    ['open none for a forecast alone', null, firing('quota_forecast'), { do: 'nothing' }],
    ['open none when nothing fires', null, [], { do: 'nothing' }],
    ['are followed', file({}), firing('mining_suspected'), { do: 'follow', kindsChanged: false }],
    [
      'are followed, and others fire',
      file({}),
      firing('quota_exceeded'),
      { do: 'follow', kindsChanged: true },
    ],
    ['are followed, and none fires', file({}), [], { do: 'follow', kindsChanged: true }],
    [
      'leave a fresh confirmation alone',
      file({ state: 'confirmed', days: 29 }),
      firing('quota_exceeded'),
      { do: 'follow', kindsChanged: false },
    ],
    [
      'open a new one long after',
      file({ state: 'confirmed', days: 30 }),
      firing('quota_exceeded'),
      { do: 'open' },
    ],
    [
      'reopen a dismissal that the load outgrew',
      file({ state: 'dismissed', dismissedOn: { ...now, monthKwh: 1000 } }),
      firing('mining_suspected'),
      { do: 'reopen', reason: 'load_grew' },
    ],
    [
      'leave one alone that nothing was added to',
      file({ state: 'dismissed', dismissedOn: now }),
      firing('mining_suspected'),
      { do: 'follow', kindsChanged: false },
    ],
    [
      'leave one alone when nothing fires',
      file({ state: 'dismissed', dismissedOn: { ...now, monthKwh: 1000 } }),
      [],
      { do: 'follow', kindsChanged: false },
    ],
  ])('%s', (_, known, alerts, effect) => {
    expect(effectOfAlerts(known, alerts, now)).toEqual(effect);
  });

  it('name it after the most pressing, and of two alike the newer', () => {
    expect(leadingAlert(firing('quota_forecast', 'mining_suspected', 'quota_exceeded'))?.kind).toBe(
      'quota_exceeded',
    );
    expect(leadingAlert(firing('mining_suspected', 'mining_suspected'))?.id).toBe(2);
    expect(leadingAlert([])).toBeNull();
    expect(kindsOf(firing('mining_suspected', 'quota_exceeded', 'mining_suspected'))).toEqual([
      'quota_exceeded',
      'mining_suspected',
    ]);
  });
});
