import { describe, expect, it } from '@jest/globals';
import { dayFromIso } from '../../../grid/domain/calendar.js';
import { BASELINES, baselineFeatures, baselineScores } from './baselines.js';
import { floorsLessCold } from './floor-and-cold.js';

const DAYS = 60;

function windowOf(kw: (day: number, hour: number) => number, start = '2026-06-01') {
  const hourlyKw = Float32Array.from({ length: DAYS * 24 }, (_, at) => kw(Math.floor(at / 24), at % 24));
  const dailyKwh = Float32Array.from({ length: DAYS }, (_, day) =>
    hourlyKw.subarray(day * 24, day * 24 + 24).reduce((sum, each) => sum + each, 0),
  );
  const hoursPresent = new Uint8Array(DAYS).fill(24);
  return { firstDay: dayFromIso(start)!, days: DAYS, hourlyKw, dailyKwh, hoursPresent };
}

/** 0.2 kW, and 1 kW in the evening. */
const home = (_: number, hour: number) => (hour >= 18 && hour < 23 ? 1 : 0.2);
/** From +20 °C down to −10 °C. */
const temperatureC = Float32Array.from({ length: DAYS }, (_, day) => 20 - day / 2);
const heated = (day: number, hour: number) => home(day, hour) + 0.1 * Math.max(0, 15 - temperatureC[day]);

describe('simple methods', () => {
  it('a home’s numbers, by hand', () => {
    const features = baselineFeatures(windowOf(home), null, 'g')!;
    expect(features.meanKw).toBeCloseTo((5 * 1 + 19 * 0.2) / 24, 5);
    // July, the longer of the two months.
    expect(features.mostMonthKwh).toBeCloseTo(30 * 8.8, 3);
    expect(features.floorKw).toBeCloseTo(0.2, 5);
    expect(features.loadFactorRatio).toBeCloseTo(8.8 / 24, 5);
    expect(features.dailySpreadRatio).toBeCloseTo(0, 5);
    expect(features.summerKw).toBeCloseTo(8.8 / 24, 5);
    expect(features.forest).toHaveLength(12);
  });

  it('the floor less the cold is the floor of a warm day', () => {
    const floors = floorsLessCold(windowOf(heated), temperatureC);
    floors.forEach((kw) => expect(kw).toBeCloseTo(0.2, 4));
    const features = baselineFeatures(windowOf(heated), temperatureC, 'g')!;
    expect(features.floorKw).toBeGreaterThan(1);
    expect(features.warmFloorKw).toBeCloseTo(0.2, 4);
  });

  it.each(BASELINES)('%s ranks three rigs above homes, and who has no readings last', (name) => {
    const homes = Array.from({ length: 40 }, (_, nth) =>
      baselineFeatures(
        windowOf((day, hour) => home(day, hour) * (0.8 + 0.01 * nth + 0.1 * ((day * 7 + hour + nth) % 5))),
        temperatureC,
        'g',
      ),
    );
    const rig = baselineFeatures(
      windowOf((day, hour) => home(day, hour) + 9.6),
      temperatureC,
      'g',
    );
    const { scores } = baselineScores([...homes, rig, null]).find((each) => each.name === name)!;
    const ranked = Array.from(scores);
    expect(Math.max(...ranked)).toBe(ranked[40]);
    expect(ranked[41]).toBe(-Infinity);
  });

  it('the worked example of the Irkutsk rule', () => {
    const usual = baselineFeatures(
      windowOf(() => 1),
      null,
      'g',
    )!;
    const high = { ...usual, meanKw: 3, dailySpreadRatio: 0.1, summerKw: 2 };
    const { scores } = baselineScores([usual, usual, usual, high]).find(
      ({ name }) => name === 'irkutsk_rule',
    )!;
    expect(scores[3]).toBeCloseTo(1.5 * (1 / 1.3) * 2, 10);
    expect(scores[0]).toBeCloseTo(0.5, 10);
    const noSummer = [usual, usual, high].map((each) => ({ ...each, summerKw: NaN }));
    const rule = baselineScores(noSummer).find((each) => each.name === 'irkutsk_rule')!;
    expect(rule.scores[2]).toBeCloseTo(1.5 / 1.3, 10);
  });

  it('in winter the warmest third stands in for the summer; without weather it is left out', () => {
    const winter = windowOf((day) => (day < 20 ? 2 : 1), '2026-01-01');
    expect(baselineFeatures(winter, temperatureC, 'g')!.summerKw).toBeCloseTo(2, 5);
    expect(baselineFeatures(winter, null, 'g')!.summerKw).toBeNaN();
  });

  it('no readings, no features', () =>
    expect(
      baselineFeatures(
        windowOf(() => NaN),
        null,
        'g',
      ),
    ).toBeNull());
});
