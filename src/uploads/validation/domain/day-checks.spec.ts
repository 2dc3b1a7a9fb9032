import { describe, expect, it } from '@jest/globals';
import { USUAL_CHECKS, type CheckSettings } from '../../../config/domain/checks.js';
import { ProfileBatch } from '../../../readings/domain/profile-batch.js';
import { QUALITY } from '../../../readings/domain/quality.js';
import { DayChecks } from './day-checks.js';
import { scaleQuestion } from './scale-question.js';

const TODAY = 20_500;
const home = (contracted = 15) => ({ contractedKw: Float32Array.of(contracted) });

/** A batch of consecutive days of point 0, each given by its energies in Wh; null = missing. */
function batchOf(days: (number | null)[][], { minutes = 60, quality = 0, first = TODAY - 100 } = {}) {
  const batch = new ProfileBatch(minutes, days.length + 2);
  days.forEach((day, at) =>
    day.forEach((wh, slot) => wh !== null && batch.put(batch.row(0, first + at), slot, wh, quality)),
  );
  return batch;
}

function checked(batch: ProfileBatch, settings: CheckSettings = USUAL_CHECKS, points = home()) {
  const checks = new DayChecks(settings, points, TODAY);
  const { findings, spikes } = checks.check(batch);
  return { counts: checks.counts, findings, spikes, checks };
}

/** An ordinary day: no value twice in a row. */
const usual = (peak = 2000) =>
  Array.from({ length: 24 }, (_, hour) => 200 + (hour % 7) * 50 + (hour === 19 ? peak : 0));
const days = (count: number, day: () => number[]) => Array.from({ length: count }, day);

describe('checks of days', () => {
  it('has nothing to say about an ordinary month', () => {
    const batch = batchOf(days(30, () => usual()));
    expect(checked(batch)).toMatchObject({ counts: {}, findings: [], spikes: [] });
    expect(batch.quality).toBeNull();
  });

  it('takes back what no direct-connected meter carries, and marks what is far above the contract', () => {
    const batch = batchOf([usual().with(3, 101_000).with(4, 46_000).with(5, 44_000)]);
    const { counts, findings } = checked(batch);
    expect(counts).toEqual({ meter_maximum: 1, contracted_power: 1 });
    expect(batch.energyWh[3]).toBe(-1);
    expect([...batch.quality!.subarray(3, 6)]).toEqual([0, QUALITY.questionable, 0]);
    expect(findings.map(({ check, slot, severity }) => [check, slot, severity])).toEqual(
      expect.arrayContaining([
        ['meter_maximum', 3, 'reject'],
        ['contracted_power', 4, 'mark'],
      ]),
    );
    // A large customer has current transformers, and one nobody knows of may be one.
    for (const contracted of [500, NaN])
      expect(checked(batchOf([usual().with(3, 101_000)]), USUAL_CHECKS, home(contracted)).counts).toEqual({});
  });

  it('marks zeros and a value that stands still from the limit on, over days', () => {
    const empty = batchOf(days(32, () => Array<number>(24).fill(0)));
    expect(checked(empty).counts).toEqual({ zero_run: 3 * 24 });
    expect(empty.quality![29 * 24 - 1]).toBe(0);
    expect(empty.quality![29 * 24]).toBe(QUALITY.questionable);
    const stuck = batchOf([usual(), ...days(4, () => Array<number>(24).fill(1500)), usual()]);
    const { counts, findings } = checked(stuck);
    expect(counts).toEqual({ stuck: 2 * 24 });
    expect(findings[0].detail).toBe('1.5 kWh in each interval for 3 days: does the meter stand still?');
    // The steps of a coarse meter in an empty house.
    expect(checked(batchOf(days(5, () => Array<number>(24).fill(100)))).counts).toEqual({});
  });

  it('marks a daily meter that stands still at exactly the least power that is looked at', () => {
    const daily = (wh: number) =>
      batchOf(
        Array.from({ length: 5 }, () => [wh]),
        { minutes: 1440 },
      );
    expect(checked(daily(4800)).counts).toMatchObject({ stuck: 3 });
    expect(checked(daily(4799)).counts).toEqual({});
  });

  it('forgets a run when a day is left out', () => {
    const batch = new ProfileBatch(60, 5);
    for (const day of [1, 2, 4, 5])
      for (let slot = 0; slot < 24; slot++) batch.put(batch.row(0, TODAY - 50 + day), slot, 1500, 0);
    expect(checked(batch).counts).toEqual({});
  });

  it('marks a spike against the file’s own history, and asks the store where there is none', () => {
    const batch = batchOf([usual(), usual().with(3, 30_000)]);
    const { counts, findings } = checked(batch, {
      ...USUAL_CHECKS,
      contracted_power: { severity: 'off', limit: 3 },
    });
    expect(counts).toEqual({ spike: 1 });
    expect(findings[0]).toMatchObject({
      slot: 3,
      detail: expect.stringMatching(/^30 kW, where .* 2\.45 kW/),
    });
    const first = batchOf([usual().with(3, 30_000)]);
    const { spikes, checks } = checked(first);
    expect(spikes).toEqual([{ row: 0, slot: 3, intervalMinutes: 60, kw: 30 }]);
    checks.spike(first, spikes[0], 2);
    expect(checks.counts.spike).toBe(1);
  });

  it('takes a new load that stays for a load', () => {
    const more = usual().map((wh) => wh + 25_000);
    expect(checked(batchOf([usual(), more]), USUAL_CHECKS, home(20)).counts).toEqual({});
  });

  it('counts missing intervals of a day once, also where a batch’s end cuts it', () => {
    const settings = USUAL_CHECKS;
    const checks = new DayChecks(settings, home(), TODAY);
    checks.check(batchOf([usual().slice(0, 10)]));
    expect(checks.counts.missing).toBe(14);
    const rest = new ProfileBatch(60, 2);
    for (let slot = 10; slot < 22; slot++) rest.put(rest.row(0, TODAY - 100), slot, slot, 0);
    checks.check(rest);
    expect(checks.counts.missing).toBe(2);
  });

  it('takes an hourly meter among half-hourly ones for what it is', () => {
    const batch = new ProfileBatch(30, 2);
    usual().forEach((wh, hour) => batch.put(batch.row(0, TODAY - 3), hour * 2, wh, 0));
    expect(checked(batch).counts).toEqual({});
  });

  it('takes back days of a clock that was reset', () => {
    const batch = batchOf([usual()], { first: 10_957 });
    expect(checked(batch).counts).toEqual({ ancient: 24 });
    batch.dropEmptyRows();
    expect(batch.rows).toBe(0);
  });

  it('reports what a file says differently, and estimates that go on', () => {
    const batch = batchOf([usual()]);
    batch.put(0, 3, 5, 0);
    expect(checked(batch)).toMatchObject({
      counts: { duplicate: 1 },
      findings: [{ detail: '0.35 kWh and then 0.005 kWh in one file: 0.005 kWh stands.' }],
    });
    const estimated = batchOf(
      days(31, () => usual()),
      { quality: QUALITY.estimated },
    );
    expect(checked(estimated).counts).toEqual({ prolonged_estimation: 2 });
  });

  it('does nothing that is switched off', () => {
    const off = Object.fromEntries(
      Object.entries(USUAL_CHECKS).map(([name, { limit }]) => [name, { severity: 'off', limit }]),
    ) as unknown as CheckSettings;
    const batch = batchOf(
      [usual().with(3, 101_000).slice(0, 20), ...days(40, () => Array<number>(24).fill(0))],
      {
        first: 1000,
      },
    );
    batch.put(0, 3, 5, 0);
    expect(checked(batch, off)).toMatchObject({ counts: {}, findings: [] });
  });
});

describe('the question about a file’s scale', () => {
  const points = (kw: number[]) => ({ contractedKw: Float32Array.from(kw) });
  const peaks = (kwh: number[]) => {
    const batch = new ProfileBatch(60, kwh.length);
    kwh.forEach((value, point) => batch.put(batch.row(point, TODAY), 0, Math.round(value * 1000), 0));
    return batch;
  };

  it.each([
    ['homes as they are', [15, 15, 15, 15, 15], [3, 40, 0, 0.2, 9], null],
    ['Wh as kWh', [15, 15, 15, 15, 15], [3000, 2000, 900, 5000, 1500], 'unit'],
    ['MWh as kWh', [15, 15, 15, 15, 15], [0.003, 0.002, 0.001, 0.005, 0.002], 'unit'],
    ['too few to say', [15, 15], [3000, 2000], null],
    ['a ratio applied twice', [400, 15, 15], [8000, 2, 3], 'ct'],
    ['a ratio never applied', [400, 250], [1.2, 0.9], 'ct'],
    ['one large customer who hardly uses anything', [400, 250, 300], [1.2, 90, 80], null],
  ])('%s', (_what, contracted, kwh, about) => {
    expect(scaleQuestion(peaks(kwh), points(contracted), USUAL_CHECKS)?.about ?? null).toBe(about);
  });
});
