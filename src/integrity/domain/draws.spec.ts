import {
  commitmentOf,
  drawNumber,
  drawReinspections,
  drawVisits,
  periodOf,
  seedOf,
  visitsDue,
  type SealedStep,
} from './draws.js';

const steps = (count: number, outcome: SealedStep['outcome']): SealedStep[] =>
  Array.from({ length: count }, (_, index) => ({ caseId: index + 1, version: 5, outcome }));

describe('draws', () => {
  // printf 'seed:label' | sha256sum, its first 12 digits; printf abc | sha256sum.
  it('can be made again with common tools', () => {
    expect(drawNumber('seed', 'label')).toBe(0x47b5636a04ad / 2 ** 48);
    expect(commitmentOf(Buffer.from('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('depend on the secret and on the beacon', () => {
    const secret = Buffer.from('secret');
    const seeds = [seedOf(secret, null), seedOf(secret, 'beacon'), seedOf(Buffer.from('other'), null)];
    expect(new Set(seeds).size).toBe(3);
  });

  it.each([
    ['dismissed', 0.1],
    ['confirmed', 0.05],
  ] as const)('take the share of what was %s', (outcome, share) => {
    const shares = { dismissals: 0.1, confirmations: 0.05 };
    const drawn = drawReinspections('seed', steps(20_000, outcome), shares).length;
    // Five standard deviations.
    expect(Math.abs(drawn - 20_000 * share)).toBeLessThan(5 * Math.sqrt(20_000 * share * (1 - share)));
  });

  it('do not depend on what else is drawn from', () => {
    const shares = { dismissals: 0.5, confirmations: 0.5 };
    const all = drawReinspections('s', steps(40, 'dismissed'), shares);
    const half = drawReinspections('s', steps(20, 'dismissed'), shares);
    expect(all.filter(({ caseId }) => caseId <= 20)).toEqual(half);
  });

  it('visit different households, each as likely as the next, and say what they passed over', () => {
    const counts = new Map<number, number>();
    for (let seed = 0; seed < 2000; seed++)
      for (const id of drawVisits(`${seed}`, 3, 12, (each) => each % 2 === 0).points)
        counts.set(id, (counts.get(id) ?? 0) + 1);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([2, 4, 6, 8, 10, 12]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(500));
    const { points, skipped } = drawVisits('7', 3, 12, (each) => each % 2 === 0);
    expect([points.length, skipped.every((id) => id % 2 === 1)]).toEqual([3, true]);
  });

  it('end where there are fewer households than visits', () => {
    expect([...drawVisits('7', 3, 2, () => true).points].sort()).toEqual([1, 2]);
    expect([visitsDue(0, 0), visitsDue(0, 0.05), visitsDue(100, 0.05)]).toEqual([0, 1, 5]);
  });

  it('have weeks for periods, named by their Monday', () => {
    const { name, from, to } = periodOf(new Date('2026-11-21T19:00:00Z'), 7);
    expect([name, from.getUTCDay(), to.toISOString()]).toEqual(['2026-11-16', 1, '2026-11-23T00:00:00.000Z']);
    expect(periodOf(new Date('2026-11-21T19:00:00Z'), 7, 1).name).toBe('2026-11-23');
  });
});
