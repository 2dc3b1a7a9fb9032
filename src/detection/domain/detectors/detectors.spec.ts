import { describe, expect, it } from '@jest/globals';
import { FREE, inputOf, loadText, windowOf, type LoadText } from '../../../../test/detection/load-text.js';
import { dayFromIso, isoFromDay } from '../../../grid/domain/calendar.js';
import { measure, Workspace } from '../features.js';
import { buildPeerGroup } from '../peer-group.js';
import { movedLoads } from '../moved-loads.js';
import type { DetectorInput, Finding, MonthUse } from '../types.js';
import { DETECTORS, type DetectorName } from './index.js';
import { movedLoadFinding } from './moved-load.js';

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
  'timed-block': () => {
    const load = loadText('60 days to 2026-07-01: constant 0.3 + constant 3.3 from day 20 at 23-07');
    const shape = { onHour: 23, offHour: 7, hoursOn: 8, runs: 1, blockKw: 3.3 };
    const observed = { ...shape, unevenRatio: 0, edgeRatio: 1, keptRatio: 1, nightRatio: 1 };
    return [detect('timed-block', inputOf(load)), observed, isoFromDay(load.window.firstDay + 20)];
  },
  'on-off': () => {
    const load = loadText('90 days to 2026-07-01: constant 0.2 + constant 3.3 for 4 of 7 days');
    const observed = { lowKw: 0.2, highKw: 3.5, stepKw: 3.3, highSpreadRatio: 0, lowSpreadRatio: 0 };
    const found = detect('on-off', inputOf(load));
    return [found, observed, found!.since];
  },
  'daily-use': () => {
    const days = 60;
    const window = {
      ...windowOf(20_000, new Float32Array(days * 24).fill(NaN)),
      dailyKwh: new Float32Array(days).fill(90),
      minutesPresent: new Uint16Array(days).fill(1440),
    };
    const input = inputOf({ window, temperatureC: swinging(days, 0, 8) });
    return [detect('daily-use', input), { daysSeen: 28, meanKw: 3.75, coldKw: 0 }, null];
  },
  'even-days': () => {
    const load = byHour(60, (day) => (190 / 24) * (1 + 0.01 * ((day % 3) - 1)));
    const observed = { dailyKwh: 190, spreadRatio: 0.015, monthlyKwh: 5700, belowLimitKwh: 6000 };
    return [detect('even-days', inputOf(load)), observed, null];
  },
  'staged-growth': () => {
    const text = 'constant 0.2 + constant 3.3 from day 30 + constant 3.3 from day 60';
    const load = loadText(`90 days to 2026-07-01: ${text}`);
    const observed = { steps: 2, totalKw: 6.6, clarityRatio: 1, leastClarityRatio: 1 };
    return [detect('staged-growth', inputOf(load)), observed, isoFromDay(load.window.firstDay + 30)];
  },
  'load-drop': () => {
    const load = byHour(100, (day, hour) => (day * 24 + hour < 80 * 24 + 20 ? 3.5 : 0.2));
    const onset = `${isoFromDay(20_080)}T20:00`;
    const observed = { beforeKw: 3.5, afterKw: 0.2, dropKw: 3.3, onset, spreadBeforeRatio: 0 };
    return [detect('load-drop', inputOf(load)), observed, onset.slice(0, 10)];
  },
  'pauses-and-weather': () => {
    const load = byHour(60, (_, hour) => (hour >= 23 || hour < 7 ? 6.2 : 0.2));
    const input = inputOf({ ...load, temperatureC: swinging(60, -7.5, 7.5) });
    const observed = { pattern: 'daily', stepKw: 6, coldKw: 0, hoursOn: 8, nightRatio: 1 };
    return [detect('pauses-and-weather', input), observed, null];
  },
  'mild-days': () => {
    const load = { ...constant(3.5, 30), temperatureC: new Float32Array(30).fill(15) };
    const peers = buildPeerGroup(
      'all',
      Array.from({ length: 9 }, () => constant(0.35, 30).window),
    );
    const observed = { mildDays: 30, floorKw: 3.5, meanKw: 3.5, timesPeers: 10 };
    return [detect('mild-days', inputOf(load, { peers })), observed, null];
  },
  'linked-points': () => {
    const load = byHour(90, (day) => (day < 60 ? 0.2 : 3.5));
    const observed = { others: 1, roseTogether: 1, togetherKw: 3.3, floorKw: 3.5, sumFloorKw: 7 };
    const input = inputOf(load, { household: [load.window] });
    return [detect('linked-points', input), observed, isoFromDay(20_060)];
  },
  'moved-load': () => {
    const from = inputOf(
      byHour(90, (day) => (day < 40 ? 6.8 : 0.2)),
      { facts: { meteringPoint: 'P1' } },
    );
    const to = inputOf(
      byHour(90, (day) => (day < 41 ? 0.2 : 6.7)),
      { facts: { meteringPoint: 'P2' } },
    );
    const points = [from, to].map((input) => ({
      ...input.facts,
      findings: [detect('load-drop', input), detect('step-up', input)].filter((found) => found !== null),
    }));
    const days = { day: isoFromDay(20_040), otherDay: isoFromDay(20_041) };
    const observed = { direction: 'left', otherPoint: 'P2', movedKw: 6.6, otherKw: 6.5, ...days };
    return [movedLoadFinding(from, movedLoads(points).get(0)!, {}), observed, null];
  },
  'declared-load': () => {
    const load = byHour(28, (_, hour) => (hour < 8 ? 46 : 22));
    const facts = { declaredLoadKw: 50, declaredPurpose: 'data_centre' };
    const observed = { meanKw: 30, peakKw: 46, meanOverKw: 0, peakOverKw: 0, declaresMining: false };
    return [detect('declared-load', inputOf(load, { facts })), observed, null];
  },
  'hidden-load': () => {
    const share = { transformer: 'TP-7', residualKw: 6.6, residualLowKw: 6, confidence: 0.9, points: 40 };
    const hiddenLoad = { ...share, sinceDay: 50, rank: 1, shareRatio: 0.5, dropKw: 0.4 };
    const input = inputOf(constant(0.4, 90), { hiddenLoad });
    const observed = { residualKw: 6.6, points: 40, rank: 1, shareRatio: 0.5, dropKw: 0.4 };
    return [detect('hidden-load', input), observed, isoFromDay(20_050)];
  },
  'meter-events': () => {
    const load = loadText('90 days to 2026-11-20: constant 0.2');
    const atHour = (dayFromIso('2026-11-04')! - load.window.firstDay) * 24 + 13;
    const input = inputOf(load, { events: [{ atHour, kind: 'magnetic_field' }] });
    const observed = { magneticField: 1, coverOpened: 0, phaseLost: 0, clockChanged: 0, last: '2026-11-04' };
    return [detect('meter-events', input), observed, null];
  },
  'opening-hours': () => {
    const load = loadText('28 days to 2026-07-01: constant 1.2 + constant 2 at 09-21');
    const observed = { blockHours: 12, dayKw: 3.2, nightKw: 1.2, opensAt: 9, closesAt: 21, plateauKw: 2 };
    return [detect('opening-hours', inputOf(load)), observed, null];
  },
  'vehicle-charging': () => {
    const lengths = [2, 4, 6];
    const load = byHour(28, (day, hour) => {
      const isCharging = day % 2 === 0 && hour >= 1 && hour < 1 + lengths[(day / 2) % 3];
      return 0.3 + (isCharging ? 7 : 0);
    });
    const observed = { sessions: 14, days: 28, blockKw: 7, shortestHours: 2, longestHours: 6 };
    return [detect('vehicle-charging', inputOf(load)), observed, null];
  },
  photoperiod: () => {
    const lamps = 'constant 1.2 to day 60 at 06-24 + constant 1.2 from day 60 at 09-21';
    const load = loadText(`90 days to 2026-07-01: constant 0.2 + ${lamps}`);
    const observed = { onHour: 9, offHour: 21, hoursOn: 12, earlierHours: 18, blockKw: 1.2 };
    return [detect('photoperiod', inputOf(load)), observed, null];
  },
  'small-steady-load': () => {
    const load = loadText('28 days to 2026-07-01: constant 0.05 + constant 0.4');
    const observed = { floorKw: 0.45, flatShareRatio: 1, heldDays: 28 };
    return [detect('small-steady-load', inputOf(load)), observed, null];
  },
  'cold-onset': () => {
    const isMild = (day: number) => day < 40 || (day >= 50 && day < 53);
    const temperatureC = Float32Array.from({ length: 60 }, (_, day) =>
      isMild(day) ? (day < 40 ? 15 : 14) : 5,
    );
    const load = { ...byHour(60, (day) => (isMild(day) ? 0.1 : 1)), temperatureC };
    const observed = { stepKw: 0.9, onsetC: 5, colderC: 10, backDays: 3, backWarmerC: 9 };
    return [detect('cold-onset', inputOf(load)), observed, isoFromDay(20_040)];
  },
  'occupancy-change': () => {
    const evenings = 'constant 0.4 at 17-23 + constant 0.6 from day 60 at 17-23';
    const load = loadText(`90 days to 2026-07-01: constant 0.2 + ${evenings}`);
    const observed = {
      beforeKw: 0.3,
      afterKw: 0.45,
      floorChangeKw: 0,
      eveningChangeKw: 0.6,
      nightChangeKw: 0,
    };
    return [detect('occupancy-change', inputOf(load)), observed, null];
  },
  renovation: () => {
    const load = loadText('90 days to 2026-07-01: constant 0.2 + constant 1 from day 40 to day 65 at 09-19');
    const observed = { workDays: 25, toolsKw: 1, daysSince: 25, clearRatio: 1, floorRiseKw: 0 };
    return [detect('renovation', inputOf(load)), observed, null];
  },
  'vacation-home': () => {
    // Day 20,000 was a Friday.
    const load = byHour(84, (day) => 0.02 + ([1, 2].includes(day % 7) ? 0.5 : 0));
    const observed = { daysSeen: 84, emptyDays: 60, longestEmpty: 5, weekendRatio: 1, livedInFloorKw: 0.52 };
    return [detect('vacation-home', inputOf(load)), observed, null];
  },
  'meter-swap': () => {
    const load = byHour(90, (day) => (day < 50 ? 0.2 : day < 52 ? NaN : 1.4));
    const observed = { gapDays: 2, isReported: false, beforeKw: 0.2, afterKw: 1.4, changeKw: 1.2 };
    return [detect('meter-swap', inputOf(load)), observed, null];
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
    ['three days of a rig', '90 days to 2026-07-01: home + rig 3.3 from day 87'],
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

describe('innocent explanations', () => {
  const strengthOf = (name: DetectorName, input: DetectorInput) => {
    const found = detect(name, input);
    const context = { facts: input.facts, untested: 0, winter: 0, switched: 0, blind: 0, pausing: 0 };
    const detector = DETECTORS.find((each) => each.name === name)!;
    return found === null ? 0 : detector.strength(found.observed as never, context);
  };
  const SUMMER = '90 days to 2026-07-25:';
  const AUTUMN = '90 days to 2026-11-01:';

  it.each<[DetectorName, explains: string, text: string]>([
    ['opening-hours', 'a shop', `${SUMMER} shop 1.2`],
    ['photoperiod', 'lamps of 18 hours', `${SUMMER} home + lamps 2.4 at 06-24`],
    ['small-steady-load', 'a server', `${SUMMER} constant 0.05 + server 0.35`],
    [
      'cold-onset',
      'a floor heated from September',
      `${AUTUMN} constant 0.1 + floor 0.6 from day 20 below 11`,
    ],
    [
      'vehicle-charging',
      'a car',
      `${SUMMER} home + car 7 at 01-03 every 3 days + car 7 at 03-06 every 2 days`,
    ],
  ])('%s explains %s', (name, _, text) => {
    expect(strengthOf(name, inputOf(loadText(text)))).toBeLessThan(-0.4);
  });

  it.each<[DetectorName, passes: string, text: string]>([
    ['opening-hours', 'rigs round the clock', `${SUMMER} home + rig 3.3`],
    ['opening-hours', 'rigs at night', `${SUMMER} home + rig 3.3 at 23-07`],
    ['photoperiod', 'rigs at night', `${SUMMER} home + rig 3.3 at 23-07`],
    ['photoperiod', 'a hall of rigs for 18 hours', `${SUMMER} home + rig 9.9 at 22-16`],
    ['small-steady-load', 'a GPU rig', `${SUMMER} home + rig 0.8`],
    ['cold-onset', 'a rig that came in July', `${SUMMER} home + rig 1 from day 60`],
    ['cold-onset', 'a whole rig that came with the cold', `${AUTUMN} home + rig 3.3 from day 40`],
    ['vehicle-charging', 'rigs at night', `${SUMMER} home + rig 6.6 at 23-07`],
    ['vehicle-charging', 'rigs on for four days of seven', `${SUMMER} home + rig 6.6 for 4 of 7 days`],
    ['occupancy-change', 'rigs at night', `${SUMMER} home + rig 3.3 from day 60 at 23-07`],
    ['renovation', 'a rig for a month', `${SUMMER} home + rig 3.3 from day 40 to day 65`],
    ['vacation-home', 'rigs on for four days of seven', `${SUMMER} nothing + rig 3.3 for 4 of 7 days`],
    ['meter-swap', 'a home with a gap', `${SUMMER} home + gap from day 30 to day 33`],
  ])('%s does not excuse %s', (name, _, text) => {
    expect(strengthOf(name, inputOf(loadText(text)))).toBeGreaterThan(-0.1);
  });

  it('a replaced meter is believed more than a gap', () => {
    const load = byHour(90, (day) => (day < 50 ? 0.2 : 1.4));
    const events = [{ atHour: 50 * 24 - 1, kind: 'meter_replaced' }];
    expect(strengthOf('meter-swap', inputOf(load))).toBe(0);
    expect(strengthOf('meter-swap', inputOf(load, { events }))).toBe(-1);
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
  return byHour(days, () => kw);
}

function byHour(days: number, kwOf: (day: number, hour: number) => number): LoadText {
  const hourlyKw = Float32Array.from({ length: days * 24 }, (_, i) => kwOf(Math.floor(i / 24), i % 24));
  return { window: windowOf(20_000, hourlyKw), temperatureC: new Float32Array(days).fill(NaN) };
}

/** °C around `meanC`, two weeks a swing. */
function swinging(days: number, meanC: number, byC: number): Float32Array {
  return Float32Array.from({ length: days }, (_, day) => meanC + byC * Math.sin((2 * Math.PI * day) / 14));
}

/** 60 days of a constant load up to `asOf`, where mining is free, with the months given. */
function withMonths(asOf: string, months: MonthUse[], kw = 5): DetectorInput {
  const day = dayFromIso(asOf)!;
  const load = { ...constant(kw, 60), window: windowOf(day - 60, new Float32Array(60 * 24).fill(kw)) };
  const input = inputOf(load, { legal: FREE });
  return { ...input, surroundings: { ...input.surroundings, months } };
}
