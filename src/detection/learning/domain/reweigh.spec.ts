import { DEFAULT_WEIGHTS } from '../../domain/evidence.js';
import { reweigh, unpack, type WeighedEvidence } from './reweigh.js';
import { STARTING_SET, type WeightSet } from './weight-set.js';

const FROM: WeightSet = {
  priorShift: 0,
  weights: {
    'base-load': { kind: 'level', for: 3, against: 1.8 },
    'quota-forecast': { kind: 'level', for: 0.4, against: 0 },
    peers: { kind: 'comparison', for: 1.5, against: 2 },
  },
};
const EVIDENCE: WeighedEvidence[] = [
  { detector: 'place', kind: 'context', logOdds: -4.4 },
  { detector: 'base-load', kind: 'level', logOdds: 2.1 },
  { detector: 'peers', kind: 'comparison', logOdds: -1 },
  { detector: 'quota-forecast', kind: 'level', logOdds: 0.12 },
  { detector: 'data', kind: 'context', logOdds: 0 },
];

it('the docstring: strengths out of log-odds', () => {
  const strengths = unpack(EVIDENCE, FROM).map(({ strength }) => strength);
  expect(strengths[1]).toBeCloseTo(0.7, 12);
  expect(strengths[2]).toBeCloseTo(-0.5, 12);
  expect(strengths[3]).toBeCloseTo(1, 12);
  expect([strengths[0], strengths[4]]).toEqual([null, null]);
});

it('under the same weights nothing changes', () => {
  const again = reweigh(EVIDENCE, { from: FROM, to: FROM });
  for (const { detector, logOdds } of EVIDENCE)
    expect(again.find((item) => item.detector === detector)!.logOdds).toBeCloseTo(logOdds, 12);
});

it('the finding that is stronger under the new weights counts whole, and the prior moves', () => {
  const to: WeightSet = {
    priorShift: 0.25,
    weights: { ...FROM.weights, 'quota-forecast': { kind: 'level', for: 4, against: 0 } },
  };
  const byName = new Map(
    reweigh(EVIDENCE, { from: FROM, to }).map(({ detector, logOdds }) => [detector, logOdds]),
  );
  expect(byName.get('quota-forecast')).toBeCloseTo(4, 12);
  expect(byName.get('base-load')).toBeCloseTo(0.63, 12);
  expect(byName.get('place')).toBeCloseTo(-4.15, 12);
});

it('evidence of a detector that one of the sets does not know stays as it was', () => {
  const strange: WeighedEvidence = { detector: 'seance', kind: 'shape', logOdds: 1.2 };
  expect(unpack([strange], FROM)[0].strength).toBeNull();
  expect(reweigh([strange], { from: FROM, to: STARTING_SET })).toEqual([strange]);
  const gone: WeightSet = { priorShift: 0, weights: {} };
  expect(reweigh([EVIDENCE[1]], { from: FROM, to: gone })).toEqual([EVIDENCE[1]]);
});

it('a strength of 0, and a weight of 0, say nothing', () => {
  const silent: WeighedEvidence = { detector: 'peers', kind: 'comparison', logOdds: 0 };
  expect(reweigh([silent], { from: FROM, to: STARTING_SET })[0].logOdds).toBeCloseTo(0, 12);
  expect(DEFAULT_WEIGHTS['quota-exceeded'].against).toBe(0);
});
