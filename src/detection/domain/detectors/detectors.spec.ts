import { describe, expect, it } from '@jest/globals';
import { FREE, inputOf, loadText, windowOf, type LoadText } from '../../../../test/detection/load-text.js';
import { dayFromIso, isoFromDay } from '../../../grid/domain/calendar.js';
import { measure, Workspace } from '../features.js';
import { buildPeerGroup } from '../peer-group.js';
import type { DetectorInput, Finding, MonthUse } from '../types.js';
import { DETECTORS, type DetectorName } from './index.js';

/** Runs one detector with its defaults. */
function detect(name: DetectorName, input: DetectorInput): Finding | null {
  const detector = DETECTORS.find((each) => each.name === name)!;
  return detector.detect(input, measure(input, new Workspace()), detector.defaults as never);
}

/** The worked example of each detector's docstring: a detector without one does not compile. */
const EXAMPLES: Record<
  DetectorName,
  () => [Finding | null, Partial<Finding['observed']>, since: string | null]
> = {
  'quota-exceeded': () => {
    const use = { meteredKwh: 6812.4, unitKwh: 6812.4, hoursPresent: 696, hoursExpected: 744 };
    const input = withMonths('2026-04-01', [{ month: dayFromIso('2026-03-01')!, ...use }]);
    return [
      detect('quota-exceeded', input),
      { overKwh: 812.4, hoursPresent: 696, monthsInARow: 1 },
      '2026-03-01',
    ];
  },
  'quota-forecast': () => {
    const use = { meteredKwh: 4000, unitKwh: 4000, hoursPresent: 384, hoursExpected: 744 };
    const input = withMonths('2026-03-17', [{ month: dayFromIso('2026-03-01')!, ...use }], 200 / 24);
    return [
      detect('quota-forecast', input),
      { dailyKwh: 200, crossing: '2026-03-26', earliest: '2026-03-26', latest: '2026-03-26' },
      '2026-03-01',
    ];
  },
  'base-load': () => {
    const load = loadText('28 days to 2026-07-01: constant 0.2 + constant 3.3');
    const observed = { floorKw: 3.5, rigUnits: 1.08, heldDays: 28, persistent: true, hoursAtFloor: 24 };
    return [detect('base-load', inputOf(load)), observed, '2026-06-03'];
  },
  flatness: () => {
    const load = loadText('28 days to 2026-07-01: constant 3.3');
    const observed = { flatShareRatio: 1, loadFactorRatio: 1, variationRatio: 0, floorSpreadRatio: 0 };
    return [detect('flatness', inputOf(load)), observed, null];
  },
  'step-up': () => {
    const load = loadText('90 days to 2026-07-01: constant 0.2 + constant 3.3 from day 40 13:00');
    const onset = `${isoFromDay(load.window.firstDay + 40)}T13:00`;
    const observed = { series: 'floor', stepKw: 3.3, rigUnits: 1.02, onset, clarityRatio: 1, suddenRatio: 1 };
    return [detect('step-up', inputOf(load)), observed, onset.slice(0, 10)];
  },
  'temperature-remainder': () => {
    // Weather swings around −10 °C, where the recent fortnight ends up; 0.18 kW of heating per degree, 3.26 kW besides.
    const days = 90;
    const temperatureC = Float32Array.from(
      { length: days },
      (_, day) => -10 + 6 * Math.sin((2 * Math.PI * day) / 14),
    );
    const hourlyKw = Float32Array.from(
      { length: days * 24 },
      (_, hour) => 3.26 + 0.18 * (18 - temperatureC[Math.floor(hour / 24)]),
    );
    const input = inputOf({ window: windowOf(20_000, hourlyKw), temperatureC });
    const observed = { basis: 'weather', slopeKwPerUnit: 0.18, explainedFloorKw: 5.04, remainderKw: 3.26 };
    return [detect('temperature-remainder', input), observed, null];
  },
  peers: () => {
    const kwh = [10, 10, 10, 10, 15, 20, 20, 20, 20];
    const group = buildPeerGroup(
      'same',
      kwh.map((daily) => windowOf(20_000, new Float32Array(28 * 24).fill(daily / 24))),
    );
    const load = constant(90 / 24, 28);
    const observed = { peersDailyKwh: 15, timesPeers: 6, robustZ: 10.1 };
    return [detect('peers', inputOf(load, { peers: group })), observed, null];
  },
};

describe.each(DETECTORS.map((detector) => [detector.name]))('%s', (name) => {
  it('gives what its docstring works out', () => {
    const [found, observed, since] = EXAMPLES[name]();
    expect(found).toMatchObject({ detector: name, observed, since });
  });

  it('has nothing to say of nothing', () => {
    expect(detect(name, inputOf(constant(NaN, 90), { legal: FREE }))).toBeNull();
    expect(detect(name, inputOf(constant(NaN, 0), { legal: FREE }))).toBeNull();
  });

  it('is silent on a fortnight too short', () => {
    expect(detect(name, inputOf(constant(3.3, 9), { legal: FREE }))).toBeNull();
  });
});

describe('step-up', () => {
  it.each([
    ['a constant load', '90 days to 2026-07-01: constant 5'],
    ['a home', '90 days to 2026-07-01: home'],
    ['a week of a fan heater', '90 days to 2026-07-01: home + heater 2 from day 40 to day 48'],
    ['five days of a rig', '90 days to 2026-07-01: home + rig 3.3 from day 85'],
    ['a load that falls', '90 days to 2026-07-01: home + rig 3.3 to day 40'],
  ])('finds none in %s', (_, text) => {
    expect(detect('step-up', inputOf(loadText(text)))).toBeNull();
  });

  it.each([0.8, 1.6, 3.3, 6.6, 14])(
    'finds %p kW in a home within the hour, with an interval around it',
    (kw) => {
      const load = loadText(`120 days to 2026-07-01: home 1 + rig ${kw} from day 77 09:00`);
      const found = detect('step-up', inputOf(load));
      const truth = `${isoFromDay(load.window.firstDay + 77)}T09:00`;
      expect(found?.observed).toMatchObject({ series: 'floor', onset: truth });
      expect(found!.observed.earliest! <= truth && truth <= found!.observed.latest!).toBe(true);
      expect(Math.abs(Number(found?.observed.stepKw) - kw)).toBeLessThan(0.1 * kw);
    },
  );

  it('dates rigs that came one by one by the first', () => {
    const text =
      '120 days to 2026-07-01: home + rig 3.3 from day 60 + rig 3.3 from day 80 + rig 3.3 from day 100';
    const load = loadText(text);
    expect(detect('step-up', inputOf(load))?.since).toBe(isoFromDay(load.window.firstDay + 60));
  });

  it('takes the heating off first', () => {
    const load = loadText('120 days to 2026-02-20: home + boiler 0.2 + rig 3.3 from day 77 09:00');
    const found = detect('step-up', inputOf(load));
    expect(found?.since).toBe(isoFromDay(load.window.firstDay + 77));
    expect(Number(found?.observed.stepKw)).toBeGreaterThan(2.5);
  });
});

describe('temperature-remainder', () => {
  // The worked example of thermal-fit.ts: 0.2 kW always, 2 kW of heating on a usual day of the heated homes around.
  const movement = Float32Array.from(
    { length: 90 },
    (_, day) => 1.1 + 0.5 * Math.sin((2 * Math.PI * day) / 28),
  );
  const hourlyKw = Float32Array.from(
    { length: 90 * 24 },
    (_, hour) => 0.2 + 2 * movement[Math.floor(hour / 24)],
  );
  const load = { window: windowOf(20_000, hourlyKw), temperatureC: new Float32Array(90).fill(NaN) };
  const heating = { key: 'here', homes: 12, movement };

  it.each([
    ['declared', 'heating'],
    ['inferred', 'heating_inferred'],
  ] as const)('takes %s heating of others as the axis where there is no weather', (source, basis) => {
    const found = detect('temperature-remainder', inputOf(load, { heating: { ...heating, source } }));
    expect(found?.observed).toMatchObject({ basis, slopeKwPerUnit: 2 });
    // 0.2 kW and the fifth of a usual day that no home heats with: 0.2 + 2 · 0.2.
    expect(found?.observed.remainderKw).toBeCloseTo(0.6, 2);
  });

  it('looks at the weather first', () => {
    const temperatureC = movement.map((times) => 20 - 20 * times);
    const input = inputOf({ ...load, temperatureC }, { heating: { ...heating, source: 'declared' } });
    expect(detect('temperature-remainder', input)?.observed).toMatchObject({
      basis: 'weather',
      slopeKwPerUnit: 0.1,
    });
  });
});

describe('quota', () => {
  it('is judged per household over all its points', () => {
    const month = { month: dayFromIso('2026-03-01')!, hoursPresent: 744, hoursExpected: 744 };
    const input = withMonths('2026-04-01', [{ ...month, meteredKwh: 3000, unitKwh: 6100 }]);
    expect(detect('quota-exceeded', input)?.observed).toMatchObject({ meteredKwh: 3000, overKwh: 100 });
  });

  it('is not exceeded at the limit itself', () => {
    const month = { month: dayFromIso('2026-03-01')!, hoursPresent: 744, hoursExpected: 744 };
    const input = withMonths('2026-04-01', [{ ...month, meteredKwh: 6000, unitKwh: 6000 }]);
    expect(detect('quota-exceeded', input)).toBeNull();
  });

  it('is not foretold for a month that stays below', () => {
    const use = { meteredKwh: 1000, unitKwh: 1000, hoursPresent: 384, hoursExpected: 744 };
    const input = withMonths('2026-03-17', [{ month: dayFromIso('2026-03-01')!, ...use }], 60 / 24);
    expect(detect('quota-forecast', input)).toBeNull();
  });
});

function constant(kw: number, days: number): LoadText {
  return {
    window: windowOf(20_000, new Float32Array(days * 24).fill(kw)),
    temperatureC: new Float32Array(days).fill(NaN),
  };
}

/** 60 days of a constant load up to `asOf`, where mining is free, with the months given. */
function withMonths(asOf: string, months: MonthUse[], kw = 5): DetectorInput {
  const day = dayFromIso(asOf)!;
  const load = { ...constant(kw, 60), window: windowOf(day - 60, new Float32Array(60 * 24).fill(kw)) };
  const input = inputOf(load, { legal: FREE });
  return { ...input, surroundings: { ...input.surroundings, months } };
}
