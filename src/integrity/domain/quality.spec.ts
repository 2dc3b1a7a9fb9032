import { qualityOf, type Look, type Observed } from './quality.js';

const look = (inspectorId: number, confirmed: boolean, changed: Partial<Look> = {}): Look => ({
  inspectorId,
  organisation: inspectorId < 10 ? 'north' : 'south',
  score: 0.5,
  confirmed,
  decidedAt: 0,
  minutes: 30,
  fellBeforeVisit: null,
  foundLater: null,
  complaintUpheld: false,
  ...changed,
});
/** So many looks, of which so many confirmed, spread evenly. */
const looks = (inspectorId: number, n: number, confirmed: number, changed: Partial<Look> = {}): Look[] =>
  Array.from({ length: n }, (_, index) =>
    look(inspectorId, Math.floor(((index + 1) * confirmed) / n) > Math.floor((index * confirmed) / n), {
      decidedAt: index,
      ...changed,
    }),
  );
const observed = (all: readonly Look[], more: Partial<Observed> = {}): Observed => ({
  looks: all,
  blind: [],
  seeded: [],
  reads: [],
  ...more,
});
const remarks = (of: Observed, inspector: number) =>
  qualityOf(of).inspectors.find((each) => each.inspector === inspector)!.remarks;
/** Everybody else: as the scores expect. */
const usual = [...looks(1, 100, 50), ...looks(2, 100, 50), ...looks(11, 100, 50)];

describe('the quality of inspections', () => {
  it('remarks on nobody who does as the scores expect', () => {
    for (const id of [1, 2, 11]) expect(remarks(observed(usual), id)).toEqual([]);
  });

  it.each([
    ['confirms too few', looks(5, 40, 5), 'too_few_confirmed'],
    ['confirms too many', looks(5, 40, 38), 'too_many_confirmed'],
    [
      'goes long without finding anything',
      [...looks(5, 20, 20), ...looks(5, 20, 0).map((each) => ({ ...each, decidedAt: 99 }))],
      'zero_finding_streak',
    ],
    ['is told of, or tells', looks(5, 40, 20, { fellBeforeVisit: true }), 'leak'],
    ['leaves many to be found later', looks(5, 40, 20, { foundLater: true }), 'repeat_after_clean'],
    ['is rightly complained of', looks(5, 40, 20, { complaintUpheld: true }), 'complaints_upheld'],
    ['hardly looks', looks(5, 40, 20, { minutes: 2 }), 'hasty'],
  ])('remarks on who %s', (_, theirs, remark) => {
    const others = usual.map((each) => ({ ...each, fellBeforeVisit: false, foundLater: false }));
    expect(remarks(observed([...others, ...theirs]), 5)).toContain(remark);
  });

  it.each([
    ['none of five', looks(5, 5, 0)],
    ['all of five', looks(5, 5, 5)],
    ['five whose load fell', looks(5, 5, 2, { fellBeforeVisit: true })],
    ['five complaints', looks(5, 5, 2, { complaintUpheld: true })],
  ])('says nothing of %s', (_, theirs) => {
    expect(remarks(observed([...usual, ...theirs]), 5)).toEqual([]);
    const of = qualityOf(observed([...usual, ...theirs])).inspectors.find(
      ({ inspector }) => inspector === 5,
    )!;
    expect(of.few).toBe(true);
    expect(of.confirmed.ratio.lower).toBeLessThan(1);
    expect(of.confirmed.ratio.upper).toBeGreaterThan(1);
  });

  it('compares with what all find where the scores are too high or too low', () => {
    const high = [...looks(1, 100, 20), ...looks(2, 100, 20), ...looks(11, 100, 20)];
    const { everybody, inspectors } = qualityOf(observed(high));
    expect(everybody.confirmed.expected).toBeCloseTo(60);
    expect(inspectors.flatMap((each) => each.remarks)).toEqual([]);
  });

  it('compares blind looks, known cases and reads with everybody’s', () => {
    const of = (inspectorId: number) => ({ inspectorId, organisation: 'north' });
    const blind = [
      ...Array.from({ length: 40 }, () => ({ ...of(1), agrees: true })),
      ...Array.from({ length: 12 }, (_, index) => ({ ...of(5), agrees: index < 3 })),
    ];
    const seeded = [
      ...Array.from({ length: 40 }, () => ({ ...of(1), askedToVisit: false, right: true })),
      ...Array.from({ length: 12 }, (_, index) => ({
        ...of(5),
        askedToVisit: index === 0,
        right: index < 3,
      })),
    ];
    const reads = [
      { ...of(1), shown: 200, outside: 4 },
      { ...of(5), shown: 60, outside: 40 },
    ];
    const all = observed([...usual, ...looks(5, 40, 20)], { blind, seeded, reads });
    expect(remarks(all, 5)).toEqual(['blind_disagreement', 'seeded_wrong', 'reads_outside_queue']);
    expect(remarks(all, 1)).toEqual([]);
    const five = qualityOf(all).inspectors.find(({ inspector }) => inspector === 5)!;
    expect(five.seeded_right).toMatchObject({ n: 11, asked_to_visit: 1 });
  });

  it('has organisations, and everybody', () => {
    const { organisations, everybody } = qualityOf(observed(usual));
    expect(organisations.map(({ organisation, looks: n }) => [organisation, n])).toEqual([
      ['north', 200],
      ['south', 100],
    ]);
    expect(everybody).toMatchObject({ looks: 300, confirmed: { observed: 150 } });
  });

  it('is empty where nobody has looked', () => {
    expect(qualityOf(observed([])).inspectors).toEqual([]);
  });
});
