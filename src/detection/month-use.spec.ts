import { describe, expect, it } from '@jest/globals';
import { dayFromIso, isoFromDay } from '../grid/domain/calendar.js';
import { monthSpans } from './month-spans.js';
import { judgeMonths, monthUse } from './month-use.js';
import { ProfileBlock } from './profile-windows.js';

const day = (iso: string) => dayFromIso(iso)!;
const QUOTA = {
  ruleId: 'RU-QUOTA-6000',
  limitKwh: 6000,
  countedPer: 'metering_point' as 'metering_point' | 'household',
};

const INTERVALS = { unitKwh: null, registers: null };

/** Hourly days of `kw` from one date up to another. */
function window(first: string, end: string, load: (iso: string) => number | null) {
  const block = new ProfileBlock(1, day(first), day(end));
  block.reset([1]);
  for (let at = day(first); at < day(end); at++) {
    const kw = load(isoFromDay(at));
    if (kw === null) continue;
    const wh = Math.round(kw * 1000);
    const energy = new Uint8Array(Array.from({ length: 24 }, () => [wh & 0xff, wh >>> 8]).flat());
    block.add(1, at, 0, energy, 0, energy.length);
  }
  return block.windows[0];
}

describe('months', () => {
  it('begin inside the window, the last may be unfinished', () => {
    const spans = monthSpans(day('2026-01-15'), day('2026-03-10'));
    expect(spans.map(({ month, days }) => [isoFromDay(month), days])).toEqual([
      ['2026-02-01', 28],
      ['2026-03-01', 31],
    ]);
    expect(spans[1]).toMatchObject({ from: 45, to: 54 });
    const whole = monthSpans(day('2026-01-15'), day('2026-03-10'), true);
    expect(whole[0]).toEqual({ month: day('2026-01-01'), from: 0, to: 17, days: 31 });
    expect(monthSpans(day('2026-02-01'), day('2026-02-01'))).toEqual([]);
  });

  it('sum what was metered, with the hours that are missing beside it', () => {
    const load = window('2026-01-01', '2026-03-11', (iso) => (iso === '2026-02-03' ? null : 8.4));
    const spans = monthSpans(day('2026-01-01'), day('2026-03-11'));
    const months = monthUse(load, spans, INTERVALS);
    expect(
      months.map(({ meteredKwh, hoursPresent, hoursExpected }) => [meteredKwh, hoursPresent, hoursExpected]),
    ).toEqual([
      [8.4 * 744, 744, 744],
      [8.4 * 648, 648, 672],
      [8.4 * 240, 240, 744],
    ]);
    const judged = judgeMonths(load, spans, months, { quotaIn: () => QUOTA, isAsked: true });
    expect(
      judged.map(({ exceeded, flatKwh, intervalsExpected }) => [exceeded, flatKwh, intervalsExpected]),
    ).toEqual([
      [true, 6249.6, 744],
      [false, 5443.2, 672],
      [false, 2016, 744],
    ]);
  });

  it('begin with the first reading, and are counted over the household where the rule says so', () => {
    const load = window('2026-01-01', '2026-03-01', (iso) => (iso < '2026-02-01' ? null : 5));
    const spans = monthSpans(day('2026-01-01'), day('2026-03-01'));
    const months = monthUse(load, spans, {
      ...INTERVALS,
      unitKwh: new Map([[day('2026-02-01'), 7000]]),
    });
    expect(months).toMatchObject([{ month: day('2026-02-01'), meteredKwh: 3360, unitKwh: 7000 }]);
    const judge = (quota: typeof QUOTA) =>
      judgeMonths(load, spans, months, { quotaIn: () => quota, isAsked: false })[0];
    expect(judge(QUOTA)).toMatchObject({
      exceeded: false,
      unitKwh: 3360,
    });
    expect(judge({ ...QUOTA, countedPer: 'household' })).toMatchObject({
      exceeded: true,
      unitKwh: 7000,
    });
  });

  it('are judged where something asks for it, or half of the limit is used', () => {
    const spans = monthSpans(day('2026-01-01'), day('2026-02-01'));
    const flat = (kw: number, isAsked: boolean) => {
      const load = window('2026-01-01', '2026-02-01', () => kw);
      const request = { quotaIn: () => QUOTA, isAsked };
      return judgeMonths(load, spans, monthUse(load, spans, INTERVALS), request).map(
        ({ flatKwh }) => flatKwh,
      );
    };
    expect([flat(0.5, false), flat(0.5, true), flat(5, false)]).toEqual([[], [372], [3720]]);
  });

  it('are what registers say where these know more than the intervals', () => {
    const load = window('2026-01-01', '2026-03-01', (iso) => (iso < '2026-02-01' ? 2 : null));
    const spans = monthSpans(day('2026-01-01'), day('2026-03-01'));
    const register = { allocatedKwh: 0, hoursExpected: 744, flags: [] };
    const registers = new Map([
      [
        day('2026-01-01'),
        { ...register, month: day('2026-01-01'), kwh: 1490, hoursPresent: 744, source: 'intervals' as const },
      ],
      [
        day('2026-02-01'),
        { ...register, month: day('2026-02-01'), kwh: 7000, hoursPresent: 672, source: 'registers' as const },
      ],
    ]);
    const months = monthUse(load, spans, { unitKwh: null, registers });
    expect(months.map(({ meteredKwh, source }) => [meteredKwh, source])).toEqual([
      [1488, undefined],
      [7000, 'registers'],
    ]);
    const silent = window('2026-01-01', '2026-03-01', () => null);
    const judged = judgeMonths(silent, spans, monthUse(silent, spans, { unitKwh: null, registers }), {
      quotaIn: () => QUOTA,
      isAsked: false,
    });
    expect(judged).toMatchObject([
      { month: day('2026-02-01'), exceeded: true, intervalsPresent: 672, intervalsExpected: 744, flatKwh: 0 },
    ]);
  });

  it('without a quota in force are not judged', () => {
    const load = window('2026-01-01', '2026-02-01', () => 9);
    const spans = monthSpans(day('2026-01-01'), day('2026-02-01'));
    const months = monthUse(load, spans, INTERVALS);
    expect(judgeMonths(load, spans, months, { quotaIn: () => null, isAsked: true })).toEqual([]);
  });
});
