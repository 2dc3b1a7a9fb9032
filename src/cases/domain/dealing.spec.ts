import { deal, DEALING_SETTINGS, type DealtCase, type Inspector } from './dealing.js';
import { SeededRandom } from './seeded-random.js';

const file = (id: number, changed: Partial<DealtCase> = {}): DealtCase => ({
  id,
  territory: 'A',
  transformerId: null,
  formerInspectorId: null,
  ...changed,
});
const inspector = (personId: number, changed: Partial<Inspector> = {}): Inspector => ({
  personId,
  homeTerritory: null,
  queueLimit: null,
  holds: 0,
  places: {},
  ...changed,
});
const files = (count: number, changed: Partial<DealtCase> = {}) =>
  Array.from({ length: count }, (_, index) => file(index + 1, changed));

describe('dealing', () => {
  it('gives the same deals for the same seed, whatever order the inspectors come in', () => {
    const people = [inspector(1), inspector(2), inspector(3)];
    const once = deal(files(30), people, 'seed');
    expect(deal(files(30), [...people].reverse(), 'seed')).toEqual(once);
    expect(deal(files(30), people, 'another').deals).not.toEqual(once.deals);
  });

  it('gives each inspector an even share by chance', () => {
    const settings = { ...DEALING_SETTINGS, queueLimit: 1e6, perTerritory: 1e6 };
    const { deals } = deal(files(3000), [inspector(1), inspector(2), inspector(3)], 'share', settings);
    const shares = [1, 2, 3].map((id) => deals.filter(({ inspectorId }) => inspectorId === id).length);
    // Five standard deviations of a binomial with n = 3000, p = 1/3 are 129.
    for (const share of shares) expect(Math.abs(share - 1000)).toBeLessThan(129);
  });

  it('fills no queue beyond its limit', () => {
    const people = [inspector(1, { queueLimit: 5, holds: 3 }), inspector(2, { queueLimit: 4 })];
    const { deals, undealt } = deal(files(10), people, 'limit');
    expect(deals.filter(({ inspectorId }) => inspectorId === 1)).toHaveLength(2);
    expect(deals.filter(({ inspectorId }) => inspectorId === 2)).toHaveLength(4);
    expect(undealt.map(({ why }) => why)).toEqual(Array(4).fill('queues_full'));
  });

  it('shows nobody the same transformer or territory too often', () => {
    const settings = { ...DEALING_SETTINGS, perTransformer: 2, perTerritory: 3 };
    const people = [inspector(1, { places: { 'transformer:7': 1 } })];
    const under = deal(files(3, { transformerId: 7 }), people, 'place', settings);
    expect(under.deals).toHaveLength(1);
    expect(under.undealt.map(({ why }) => why)).toEqual(['same_place_too_often', 'same_place_too_often']);
    expect(deal(files(5), [inspector(1)], 'place', settings).deals).toHaveLength(3);
  });

  it('shows nobody their own town', () => {
    const { deals, undealt } = deal(
      [file(1), file(2, { territory: 'B' })],
      [inspector(1, { homeTerritory: 'A' })],
      's',
    );
    expect(deals).toEqual([{ caseId: 2, inspectorId: 1 }]);
    expect(undealt).toEqual([{ caseId: 1, why: 'no_inspector' }]);
  });

  it('shows a reopened case to fresh eyes where there are any', () => {
    for (let seed = 0; seed < 20; seed++)
      expect(
        deal([file(1, { formerInspectorId: 1 })], [inspector(1), inspector(2)], `${seed}`).deals,
      ).toEqual([{ caseId: 1, inspectorId: 2 }]);
    expect(deal([file(1, { formerInspectorId: 1 })], [inspector(1)], 's').deals).toHaveLength(1);
  });

  it('without inspectors deals nothing, and says so', () => {
    expect(deal(files(1), [], 's')).toEqual({ deals: [], undealt: [{ caseId: 1, why: 'no_inspector' }] });
  });
});

describe('seeded draws', () => {
  // printf 'seed:0' | sha256sum: the first 32 bits; likewise 'seed:1'.
  it('can be redone with common tools', () => {
    const random = new SeededRandom('seed');
    expect([random.below(2 ** 32), random.below(2 ** 32)]).toEqual([0x58f9082d, 0x81e4ba3b]);
  });

  it('stay below the bound and reach all of it', () => {
    const random = new SeededRandom('bound');
    const seen = new Set(Array.from({ length: 200 }, () => random.below(7)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
