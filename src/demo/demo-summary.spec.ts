import { describe, expect, test } from '@jest/globals';
import { renderNextSteps, renderSummary } from './demo-summary.js';
import type { DemoReport } from './demo-summary.js';

const report: DemoReport = {
  points: 1500,
  days: 75,
  seed: 7,
  asOf: '2026-03-17',
  flagged: [
    {
      meteringPoint: 'MP-000123',
      kind: 'mining_suspected',
      score: 0.9987,
      kwhPerMonth: 7412.4,
      since: '2026-02-03',
      suspectedKw: 3.34,
      reason: 'A load of about 3.3 kW has been running day and night since 3 February 2026.',
    },
    {
      meteringPoint: 'MP-000777',
      kind: 'quota_exceeded',
      score: 0.91,
      kwhPerMonth: 980,
      since: null,
      suspectedKw: null,
      reason: 'Short.',
    },
  ],
  hidden: [
    { transformer: 'T-0007', score: 0.97, since: '2026-02-01', reason: 'Past the meters.', households: [] },
  ],
  outcomes: [
    { name: 'steady_rig', isMiner: true, points: 12, suspected: 10, overQuota: 1, throughTransformer: 0 },
    { name: 'full_bypass', isMiner: true, points: 2, suspected: 0, overQuota: 0, throughTransformer: 2 },
    {
      name: 'electric_boiler',
      isMiner: false,
      points: 240,
      suspected: 0,
      overQuota: 0,
      throughTransformer: 0,
    },
    { name: 'small_shop', isMiner: false, points: 30, suspected: 1, overQuota: 2, throughTransformer: 0 },
  ],
};

test('tells who was flagged and why, and how that compares with the truth', () => {
  expect(renderSummary(report, { columns: 100, colour: false })).toBe(
    `
  2 of 1,500 metering points flagged
  75 days up to 2026-03-17, simulated with seed 7

  score   kWh/30 d  since       kW susp.  metering point, kind, main reason
  0.999      7,412  2026-02-03      3.3  MP-000123  mining suspected
         A load of about 3.3 kW has been running day and night since 3 February 2026.
  0.910        980  –                 –  MP-000777  quota exceeded
         Short.

  1 transformer(s) with load that no meter sees
  0.970             2026-02-01           T-0007
         Past the meters.

  13 of 14 miners found
  steady rig           11 of 12
  full bypass           0 of 2  2 more by the transformer

  267 of 270 innocent spared
  electric boiler     240 of 240
  small shop           27 of 30  1 wrongly suspected  2 above the quota, to be explained

  A flag is a suspicion with its reasons: a meter shows consumption, and only an inspector confirms.
`,
  );
});

describe('the summary', () => {
  test('says it plainly when nobody was flagged', () => {
    const text = renderSummary({ ...report, flagged: [] }, { columns: 100, colour: false });
    expect(text).toContain('0 of 1,500 metering points flagged');
    expect(text).not.toContain('main reason');
  });

  test('lists the first ten and counts the rest', () => {
    const many = Array.from({ length: 40 }, () => report.flagged[0]);
    const text = renderSummary({ ...report, flagged: many }, { columns: 100, colour: false });
    expect(text.match(/MP-000123/g)).toHaveLength(10);
    expect(text).toContain('… and 30 more');
  });

  test('breaks a long reason at the edge of the terminal', () => {
    const long = { ...report.flagged[0], reason: 'wort '.repeat(60).trim() };
    for (const columns of [60, 100, 200]) {
      const lines = renderSummary({ ...report, flagged: [long] }, { columns, colour: false }).split('\n');
      const reason = lines.filter((line) => line.includes('wort'));
      expect(reason.join(' ').match(/wort/g)).toHaveLength(60);
      expect(Math.max(...reason.map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(reason.length).toBe(Math.ceil(60 / Math.floor((columns - 9 + 1) / 5)));
    }
  });

  test('has colours only when asked', () => {
    expect(renderSummary(report, { columns: 100, colour: false })).not.toContain('\u001b');
    expect(renderSummary(report, { columns: 100, colour: true })).toContain('\u001b[31m');
    expect(renderNextSteps('http://127.0.0.1:3000', '/data', false)).toContain(
      "curl -s 'http://127.0.0.1:3000/api/v1/alerts?limit=3'",
    );
  });
});
