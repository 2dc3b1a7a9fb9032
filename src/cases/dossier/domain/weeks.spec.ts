import { weeksOf } from './weeks.js';

const day = (iso: string, kwh: number | null) => ({ day: iso, kwh, p10_kwh: null, p90_kwh: 48 });

describe('weeksOf', () => {
  it('begins them on Mondays and leaves out of the mean what is missing', () => {
    const weeks = weeksOf([
      day('2026-02-28', 24),
      day('2026-03-01', 72),
      day('2026-03-02', null),
      day('2026-03-03', 24),
    ]);
    expect(weeks).toEqual([
      { from: '2026-02-23', days: 2, meanKw: 2, p10Kw: null, p90Kw: 2 },
      { from: '2026-03-02', days: 1, meanKw: 1, p10Kw: null, p90Kw: 2 },
    ]);
  });

  it('of nothing are none', () => expect(weeksOf([])).toEqual([]));
});
