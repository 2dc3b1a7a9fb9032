import { reopeningReason, type Grounds } from './reopening.js';

const then: Grounds = { score: 0.6, monthKwh: 2000, detectors: { 'base-load': 1.2 } };

describe('a dismissed case', () => {
  it.each<[string, Partial<Grounds>, number, string | null]>([
    ['stays closed when nothing changes', {}, 60, null],
    ['stays closed when the score falls', { score: 0.2 }, 60, null],
    ['stays closed when the load falls', { monthKwh: 900 }, 60, null],
    ['stays closed at 24 % more', { monthKwh: 2480 }, 60, null],
    ['reopens at 25 % more', { monthKwh: 2500 }, 60, 'load_grew'],
    ['stays closed while the month is still read in', { monthKwh: 4000 }, 6, null],
    ['reopens from the seventh day on', { monthKwh: 4000 }, 7, 'load_grew'],
    ['stays closed when no month is known any more', { monthKwh: null }, 60, null],
    [
      'reopens for a finding it did not rest on',
      { detectors: { 'base-load': 1.2, 'step-up': 0.7 } },
      60,
      'new_evidence',
    ],
    ['stays closed for a faint one', { detectors: { 'base-load': 1.2, 'step-up': 0.69 } }, 60, null],
    ['stays closed when a known finding weighs more', { detectors: { 'base-load': 3 } }, 60, null],
    // logit 0.6 = 0.405; logit 0.81 = 1.450; logit 0.80 = 1.386.
    ['reopens when the odds grow by e', { score: 0.81 }, 60, 'score_grew'],
    ['stays closed when they grow by less', { score: 0.8 }, 60, null],
    ['survives certainties', { score: 1 }, 60, 'score_grew'],
  ])('%s', (_, changed, days, reason) => {
    expect(reopeningReason({ ...then, days }, { ...then, ...changed })).toBe(reason);
  });

  it('of a small home does not reopen for a quarter more of little', () => {
    expect(reopeningReason({ ...then, monthKwh: 400, days: 60 }, { ...then, monthKwh: 600 })).toBeNull();
  });
});
