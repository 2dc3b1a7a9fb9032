import { checkOpinion, DECISION_SETTINGS, sealingStep, sealsAt, type Opinion } from './decision.js';

const OPEN = { state: 'first_look', score: 0.9, awaitsVisit: false } as const;
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

describe('a decision', () => {
  it.each<
    [string, Opinion, Partial<typeof OPEN | { state: 'confirmed' } | { awaitsVisit: true }>, RegExp | null]
  >([
    ['with its reason', { verdict: 'dismiss', reason: 'electric_heating', words: '' }, {}, null],
    ['for another reason, in words', { verdict: 'confirm', reason: 'other', words: 'Seen.' }, {}, null],
    [
      'for another reason, without',
      { verdict: 'confirm', reason: 'other', words: ' ' },
      {},
      /words of your own/,
    ],
    [
      'with the other verdict’s reason',
      { verdict: 'confirm', reason: 'electric_heating', words: '' },
      {},
      /one to dismiss/,
    ],
    [
      'of a closed case',
      { verdict: 'confirm', reason: 'mining_found', words: '' },
      { state: 'confirmed' },
      /already/,
    ],
    [
      'before the visit',
      { verdict: 'confirm', reason: 'mining_found', words: '' },
      { awaitsVisit: true },
      /visit/,
    ],
  ])('%s', (_, opinion, file, refused) => {
    const check = () => checkOpinion(opinion, { ...OPEN, ...file });
    if (refused === null) expect(check).not.toThrow();
    else expect(check).toThrow(refused);
  });

  it.each([
    ['confirm', 'first_look', 0.99, 'confirmed'],
    ['dismiss', 'first_look', 0.79, 'dismissed'],
    ['dismiss', 'first_look', 0.8, 'referred'],
    ['dismiss', 'needs_visit', 0.95, 'referred'],
    ['dismiss', 'second_look', 0.95, 'dismissed'],
    ['confirm', 'second_look', 0.95, 'confirmed'],
  ] as const)('%s in %s at %d seals as %s', (verdict, state, score, step) => {
    expect(sealingStep(verdict, { state, score })).toBe(step);
  });

  it('is sealed ten seconds later', () => {
    expect(sealsAt(at(0))).toEqual(at(10));
    expect(DECISION_SETTINGS.undoSeconds).toBe(10);
  });
});
