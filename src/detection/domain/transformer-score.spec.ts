import { syntheticTransformer, type Made } from '../../../test/balance/synthetic-transformer.js';
import { balanceTransformer } from '../../balance/domain/balance.js';
import { BalanceWorkspace } from '../../balance/domain/workspace.js';
import { logistic } from '../../readings/domain/numeric.js';
import { hiddenLoadShares, transformerScore } from './transformer-score.js';

const NAMES = Array.from({ length: 80 }, (_, at) => `P${at + 1}`);
const strike = (made: Made) => balanceTransformer(syntheticTransformer(made), new BalanceWorkspace(60));
const score = (made: Made) => transformerScore(strike(made), NAMES);

describe('transformerScore', () => {
  it.each<[string, Omit<Made, 'seed'>, string, boolean]>([
    ['a farm', { hidden: () => 6.6 }, 'hidden_load', true],
    ['a farm that began', { hidden: (hour) => (hour < 700 ? 0 : 6.6) }, 'hidden_load', true],
    ['losses', {}, 'none', false],
    ['forgotten homes', { forgotten: [1, 2, 3, 4, 5] }, 'none', false],
    ['night load', { hidden: (hour) => (hour % 24 < 7 ? 3 : 0) }, 'none', false],
    ['a wrong registry', { metered: (home, _, kw) => (home === 0 ? 4 : kw) }, 'none', false],
  ])('%s', (_name, made, kind, caseWorthy) => {
    const result = score({ seed: 6, ...made });
    expect(result).toMatchObject({ kind, caseWorthy });
    expect(result.score >= 0.5).toBe(caseWorthy);
    expect(result.findings).toHaveLength(1);
    // All evidence adds up to the score: no further rule hides behind it.
    expect(logistic(result.evidence.reduce((sum, { logOdds }) => sum + logOdds, 0))).toBeCloseTo(
      result.score,
      10,
    );
    for (const { sentence } of result.evidence) {
      expect(sentence.ru).toMatch(/[а-я]/i);
      expect(sentence.en).not.toMatch(/[а-я]/i);
      expect(`${sentence.ru}${sentence.en}`).not.toMatch(/NaN|undefined|null|guilty|виновен/);
    }
  });

  it('tells how much, since when, and whom to check', () => {
    const result = score({
      seed: 7,
      hidden: (hour) => (hour < 700 ? 0 : 6.6),
      metered: (home, hour, kw) => (home === 11 && hour >= 700 ? 0.5 * kw : kw),
    });
    expect(result.since).toBe(20_454 + 29);
    expect(result.findings[0]).toMatchObject({
      detector: 'transformer-balance',
      since: '2026-01-30',
      observed: { verdict: 'hidden_load', onset: '2026-01-30T04:00', suspect1: 'P12' },
    });
    const told = result.evidence.map(({ sentence }) => sentence.en).join(' ');
    expect(told).toContain('more than the meters under it account for');
    expect(told).toContain('30 January 2026, 04:00');
    expect(told).toMatch(/Whom to check first.*P12 \(\d+%, the remainder repeats its curve\)/);
    expect(result.evidence.map(({ sentence }) => sentence.ru).join(' ')).toContain(
      '30 января 2026 г., 04:00',
    );
  });

  it.each([
    [2, '2 hours ahead of', 'спешат на 2 часа'],
    [-1, '1 hour behind', 'отстают на 1 час'],
  ])('says that the balance clock is off by %i', (clockAhead, en, ru) => {
    const told = score({ seed: 8, clockAhead }).evidence.map(({ sentence }) => sentence);
    expect(told.some((sentence) => sentence.en.includes(en) && sentence.ru.includes(ru))).toBe(true);
  });

  it('says that points are not read', () => {
    const told = score({ seed: 8, neverRead: [1, 2] }).evidence.map(({ sentence }) => sentence.en);
    expect(told.join(' ')).toContain('points without a single one: 2');
  });

  it('says nothing where the balance can not be struck', () => {
    const load = syntheticTransformer({ seed: 1 });
    const balance = balanceTransformer(
      { ...load, inflowKw: load.inflowKw.map(() => NaN) },
      new BalanceWorkspace(60),
    );
    expect(transformerScore(balance, NAMES)).toMatchObject({ kind: 'none', caseWorthy: false, findings: [] });
  });
});

describe('hiddenLoadShares', () => {
  it('gives each suspect its share and the others none', () => {
    const balance = strike({ seed: 7, hidden: (hour) => (hour < 700 ? 0 : 6.6) });
    const shares = hiddenLoadShares(balance, 'T1');
    expect(shares).toHaveLength(40);
    expect(shares.filter((share) => share !== null)).toHaveLength(balance.suspects.length);
    expect(shares[balance.suspects[0].point]).toMatchObject({
      transformer: 'T1',
      rank: 1,
      sinceDay: 29,
      points: 40,
    });
  });

  it('is silent where nothing is hidden', () => {
    expect(hiddenLoadShares(strike({ seed: 7 }), 'T1').every((share) => share === null)).toBe(true);
  });
});
