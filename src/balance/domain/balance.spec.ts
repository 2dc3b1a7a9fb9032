import { syntheticTransformer, type Made } from '../../../test/balance/synthetic-transformer.js';
import { balanceTransformer } from './balance.js';
import type { TransformerBalance, TransformerLoad } from './types.js';
import { BalanceWorkspace } from './workspace.js';

const workspace = new BalanceWorkspace(60);
const strike = (made: Made) => balanceTransformer(syntheticTransformer(made), workspace);

/** Two rigs of 3.3 kW from an hour on, with a per cent of noise. */
const rigs =
  (kw: number, onsetHour = 0) =>
  (hour: number, random: () => number) =>
    hour < onsetHour ? 0 : kw * (1 + 0.02 * (random() - 0.5));

describe('balanceTransformer', () => {
  it.each<[string, Omit<Made, 'seed'>, TransformerBalance['verdict']]>([
    ['nothing but losses', {}, 'none'],
    ['a lossy old transformer', { noLoadKw: 1.2, quadraticPerKw: 0.0012 }, 'none'],
    ['two rigs past the meter', { hidden: rigs(6.6) }, 'hidden_load'],
    [
      'a third of two rigs past the meter is within what a transformer may lose',
      { hidden: rigs(1.1) },
      'none',
    ],
    ['one home forgotten by the registry', { forgotten: [7] }, 'none'],
    ['eight homes forgotten by the registry', { forgotten: [7, 8, 9, 10, 11, 12, 13, 14] }, 'household_like'],
    ['one home never read', { neverRead: [3] }, 'none'],
    ['rigs and a home never read', { neverRead: [3], hidden: rigs(6.6) }, 'hidden_load'],
    ['street lights', { hidden: (hour) => (hour % 24 < 7 || hour % 24 > 18 ? 2.5 : 0) }, 'night_load'],
    ['a noisy balance meter', { meterNoise: 0.005 }, 'none'],
    ['a noisy balance meter and rigs', { meterNoise: 0.005, hidden: rigs(6.6) }, 'hidden_load'],
    [
      'a point hung on the wrong transformer',
      { metered: (home, _, kw) => (home === 1 ? 3 : kw) },
      'inconsistent',
    ],
    [
      'a rig that stood still for three days',
      { hidden: (hour) => (hour > 1300 && hour < 1372 ? 3.3 : 6.6) },
      'hidden_load',
    ],
  ])('%s', (_name, made, verdict) => {
    expect(strike({ seed: 3, ...made }).verdict).toBe(verdict);
  });

  it('says how much, between which bounds, and the hour since when', () => {
    const balance = strike({ seed: 11, hidden: rigs(6.6, 700) });
    expect(balance.hiddenKw).toBeCloseTo(6.6, 0);
    expect(balance.hiddenLowerKw).toBeLessThanOrEqual(6.6);
    expect(balance.hiddenUpperKw).toBeGreaterThanOrEqual(6.6);
    expect(Math.abs(balance.onset!.hour - 700)).toBeLessThanOrEqual(1);
    expect(balance.onset!.earliestHour).toBeLessThanOrEqual(700);
    expect(balance.onset!.latestHour).toBeGreaterThanOrEqual(700);
    expect(balance.onset!.stepKw).toBeCloseTo(6.6, 0);
  });

  it('dates nothing that stood there before the readings begin', () => {
    const balance = strike({ seed: 11, hidden: rigs(6.6) });
    expect(balance).toMatchObject({ verdict: 'hidden_load', onset: null });
  });

  it.each([-3, -1, 0, 2, 3])('finds and corrects a balance clock that is %i hours ahead', (clockAhead) => {
    const balance = strike({ seed: 5, clockAhead, hidden: rigs(6.6, 700) });
    expect(balance.confidence.clockSkewHours).toBe(clockAhead);
    expect(balance.hiddenKw).toBeCloseTo(6.6, 0);
    expect(Math.abs(balance.onset!.hour - 700)).toBeLessThanOrEqual(1);
  });

  it.each<[string, (load: TransformerLoad) => TransformerLoad]>([
    ['no points', (load) => ({ ...load, points: [] })],
    ['points that were never read', (load) => ({ ...load, points: load.points.map(silent) })],
    ['no inflow', (load) => ({ ...load, inflowKw: load.inflowKw.map(() => NaN) })],
    [
      'two days of inflow',
      (load) => ({ ...load, inflowKw: load.inflowKw.map((kw, hour) => (hour < 48 ? kw : NaN)) }),
    ],
    [
      'dead meters',
      (load) => ({ ...load, inflowKw: load.inflowKw.map(() => 0), points: load.points.map(dead) }),
    ],
  ])('%s: no verdict, and plain numbers only', (name, spoil) => {
    const balance = balanceTransformer(spoil(syntheticTransformer({ seed: 1 })), workspace);
    expect(balance.verdict).toBe(name === 'dead meters' ? 'none' : 'unclear');
    expect(JSON.parse(JSON.stringify(balance))).toEqual(balance);
  });

  it('fills short gaps with the usual load and leaves out hours with long ones', () => {
    const load = syntheticTransformer({ seed: 2, hidden: rigs(6.6) });
    load.points[0].hourlyKw.fill(NaN, 100, 110);
    for (const { hourlyKw } of load.points.slice(0, 30)) hourlyKw.fill(NaN, 300, 340);
    load.points[5].hourlyKw.fill(NaN, 0, 720);
    const { confidence, hiddenKw } = balanceTransformer(load, workspace);
    expect(confidence.pointsNeverRead).toBe(0);
    // The 40 hours in which most are missing, and the few in which an estimate of the long gap's edge is big.
    expect(confidence.hoursUsed).toBeLessThanOrEqual(1440 - 40);
    expect(confidence.hoursUsed).toBeGreaterThan(1440 - 60);
    expect(confidence.coverageRatio).toBeCloseTo(1 - (10 + 30 * 40 + 720 - 40) / (40 * 1440), 4);
    expect(hiddenKw).toBeCloseTo(6.6, 0);
  });

  it('allows for what a point that is never read declared', () => {
    const load = syntheticTransformer({ seed: 6, neverRead: [3], hidden: rigs(6.6) });
    const points = load.points.map((point, at) => (at === 3 ? { ...point, declaredKw: 8 } : point));
    expect(balanceTransformer(load, workspace).verdict).toBe('hidden_load');
    expect(balanceTransformer({ ...load, points }, workspace).verdict).toBe('none');
  });

  it('does not remember the transformer before', () => {
    const made: Made = { seed: 9, hidden: rigs(6.6, 500), neverRead: [2] };
    const alone = balanceTransformer(syntheticTransformer(made), new BalanceWorkspace(60));
    strike({ seed: 10, homes: 80, clockAhead: 2, hidden: rigs(13) });
    expect(strike(made)).toEqual(alone);
  });
});

describe('on seeded transformers', () => {
  it('flags what hides rigs and nothing else', () => {
    let missed = 0;
    let accused = 0;
    for (let seed = 100; seed < 115; seed++) {
      const homes = 30 + (seed % 5) * 10;
      const common: Made = { seed, homes, meterNoise: 0.003, quadraticPerKw: 0.0001 + (seed % 7) * 0.0001 };
      const kw = 6 + (seed % 4) * 2.5;
      if (strike({ ...common, hidden: rigs(kw, (seed % 3) * 400) }).verdict !== 'hidden_load') missed++;
      const innocent = { ...common, forgotten: seed % 2 ? [1] : [], neverRead: seed % 3 ? [] : [2] };
      if (strike(innocent).verdict === 'hidden_load') accused++;
    }
    expect({ missed, accused }).toEqual({ missed: 0, accused: 0 });
  });
});

describe('suspects', () => {
  const shares = (balance: TransformerBalance) => balance.suspects.reduce((sum, { share }) => sum + share, 0);

  it.each<[string, Omit<Made, 'seed'>]>([
    [
      'moved its rigs behind the meter',
      {
        metered: (home, hour, kw) => (home === 12 && hour < 700 ? kw + 6.6 : kw),
        hidden: (hour) => (hour < 700 ? 6.6 : 6.6),
      },
    ],
    [
      'meters a third of its rigs',
      {
        metered: (home, hour, kw) => (home === 12 && hour >= 700 ? kw + 3.3 : kw),
        hidden: (hour, random) => (hour < 700 ? 0 : 9.9 + 0.1 * random()),
      },
    ],
    [
      'takes a part of the home past the meter too',
      { metered: (home, hour, kw) => (home === 12 && hour >= 700 ? 0.5 * kw : kw), hidden: rigs(6.6, 700) },
    ],
  ])('first comes the one who %s', (_name, made) => {
    const balance = strike({ seed: 21, ...made });
    expect(balance.verdict).toBe('hidden_load');
    expect(balance.suspects[0].point).toBe(12);
    expect(balance.suspects[0].share).toBeGreaterThan(0.4);
    expect(shares(balance)).toBeLessThanOrEqual(1);
  });

  it('a drop is told with its size and day', () => {
    const balance = strike({
      seed: 22,
      metered: (home, hour, kw) => (home === 4 && hour < 700 ? kw + 6.6 : kw),
      hidden: () => 6.6,
    });
    expect(balance.suspects[0]).toMatchObject({ point: 4, dropDay: 29 });
    expect(balance.suspects[0].dropKw).toBeCloseTo(6.6, 0);
  });

  it('nobody stands out: shares stay small', () => {
    const balance = strike({ seed: 23, hidden: rigs(6.6) });
    expect(balance.verdict).toBe('hidden_load');
    expect(balance.suspects[0].share).toBeLessThan(0.2);
  });

  it('tampering at the moment of the step weighs', () => {
    const load = syntheticTransformer({ seed: 24, hidden: rigs(6.6, 700) });
    const points = load.points.map((point, at) =>
      at === 9 ? { ...point, tamper: [{ atHour: 690.5, kind: 'cover_opened' }] } : point,
    );
    const [first] = balanceTransformer({ ...load, points }, workspace).suspects;
    expect(first).toMatchObject({ point: 9, tamperEvents: 1, tamperAtStep: 1 });
  });
});

function silent({ hourlyKw }: { readonly hourlyKw: Float32Array }) {
  return { hourlyKw: hourlyKw.map(() => NaN) };
}

function dead({ hourlyKw }: { readonly hourlyKw: Float32Array }) {
  return { hourlyKw: hourlyKw.map(() => 0) };
}
