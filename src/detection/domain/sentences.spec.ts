import { describe, expect, it } from '@jest/globals';
import {
  BANNED,
  FREE,
  inputOf,
  loadText,
  UNDETERMINED,
  windowOf,
  type LoadText,
} from '../../../test/detection/load-text.js';
import { dayFromIso } from '../../grid/domain/calendar.js';
import { DETECTORS } from './detectors/index.js';
import { movedLoadFinding } from './detectors/moved-load.js';
import { buildPeerGroup } from './peer-group.js';
import { assess } from './assess.js';
import { sentence, sentencesOf } from './evidence.js';
import { measure, Workspace } from './features.js';
import type { Sentence } from './phrases.js';
import { COLD_UNKNOWN, DAYS_ONLY, dataSentence, placeSentence, withinQuotaSentence } from './sentences.js';
import type { DetectorInput, Finding } from './types.js';

/** Every detector's finding at least once, and what each says of innocent loads. */
function findings(): Finding[] {
  const workspace = new Workspace();
  const found = inputs().flatMap((input) => {
    const features = measure(input, workspace);
    return DETECTORS.map((detector) => detector.detect(input, features, detector.defaults as never));
  });
  const [came, left] = (['came', 'left'] as const).map((direction) =>
    movedLoadFinding(
      inputOf(loadText('90 days to 2026-07-01: home')),
      {
        direction,
        otherPoint: 'P2',
        otherTariff: null,
        movedKw: 6.6,
        otherKw: 6.5,
        day: 20_500,
        otherDay: 20_501,
      },
      {},
    ),
  );
  return [...found.filter((each) => each !== null), came, left];
}

function inputs(): DetectorInput[] {
  const texts = [
    '90 days to 2026-07-01: home + rig 9.9 from day 50 14:00',
    '90 days to 2026-07-15: home + rig 9.9 from day 75',
    '90 days to 2026-02-20: home + boiler 0.2',
    '90 days to 2026-02-20: home + lights 2.4 at 06-22',
    '90 days to 2026-07-25: home + car 7 from day 40 at 01-05',
    '90 days to 2026-07-25: home + car 7 at 01-03 every 3 days + car 7 at 03-06 every 2 days',
    '90 days to 2026-07-25: home + rig 1.1',
    '90 days to 2026-07-25: home + rig 3.3 for 4 of 7 days',
    '90 days to 2026-07-25: home + rig 3.3 at 11-17 + rig 3.3 at 21-07',
    '120 days to 2026-07-25: home + rig 3.3 from day 40 + rig 3.3 from day 80',
    '90 days to 2026-07-25: home + rig 6.6 to day 80',
    '90 days to 2026-07-25: shop 1.2',
    '90 days to 2026-07-25: constant 0.05 + constant 0.4',
    '90 days to 2026-07-25: constant 0.2 + constant 1.2 to day 60 at 06-24 + constant 1.2 from day 60 at 09-21',
    '90 days to 2026-07-25: constant 0.2 + constant 1 from day 40 to day 65 at 09-19',
    '90 days to 2026-07-25: constant 0.2 + constant 0.4 at 17-23 + constant 0.6 from day 60 at 17-23',
    '90 days to 2026-07-25: constant 1.2 + constant 2 to day 60 at 18-22',
    '90 days to 2026-07-25: constant 0.02 + constant 0.5 for 2 of 7 days',
    '90 days to 2026-07-25: home + rig 1.2 from day 50 + gap from day 48 to day 51',
    '90 days to 2026-11-01: constant 0.1 + floor 0.9 from day 20 below 11',
    '90 days to 2026-11-01: home + storage 0.15',
  ];
  const load = loadText('90 days to 2026-07-25: home + rig 3.3 from day 60 14:00');
  const hidden = { transformer: 'ТП-7', residualKw: 6.6, residualLowKw: 6, confidence: 0.9, points: 40 };
  const given: Parameters<typeof inputOf>[1][] = [
    { household: [load.window] },
    { facts: { declaredLoadKw: 50, declaredPurpose: 'data_centre' } },
    { facts: { declaredLoadKw: 1, declaredPurpose: 'mining' } },
    { facts: { declaredLoadKw: 1, declaredPurpose: 'mining' }, legal: FREE },
    { hiddenLoad: { ...hidden, sinceDay: 50, rank: 1, shareRatio: 0.5, dropKw: 0.4 } },
    { hiddenLoad: { ...hidden, sinceDay: null, rank: 3, shareRatio: 0.1, dropKw: 0 } },
    { events: ['magnetic_field', 'cover_opened', 'meter_replaced'].map((kind) => ({ atHour: 1440, kind })) },
  ];
  return [
    ...texts.flatMap((text) => inSurroundings(loadText(text))),
    ...given.map((each) => inputOf(load, each)),
    dailyOnly(),
    withoutWeather(dailyOnly()),
  ];
}

/** With and without peers, weather, a stand-in for it, and a ban. */
function inSurroundings(load: LoadText): DetectorInput[] {
  const peer = new Float32Array(load.window.days * 24).fill(0.4);
  const peers = buildPeerGroup(
    'all',
    Array.from({ length: 21 }, () => windowOf(load.window.firstDay, peer)),
  );
  const movement = load.temperatureC.map((celsius) => Math.max(0.2, 1 - celsius / 20));
  return [FREE, BANNED].flatMap((legal) => [
    inputOf(load, { legal, peers }),
    inputOf(load, { legal, weather: 'unknown' }),
    ...(['declared', 'inferred'] as const).map((source) =>
      inputOf(load, { legal, weather: 'unknown', heating: { key: 'here', source, homes: 12, movement } }),
    ),
  ]);
}

function withoutWeather(input: DetectorInput): DetectorInput {
  return { ...input, surroundings: { ...input.surroundings, temperatureC: null } };
}

function dailyOnly(): DetectorInput {
  const { window, temperatureC } = loadText('60 days to 2026-02-20: home + boiler 0.2');
  const hourlyKw = new Float32Array(60 * 24).fill(NaN);
  const minutesPresent = new Uint16Array(60).fill(1440);
  return inputOf({
    window: { ...windowOf(window.firstDay, hourlyKw), dailyKwh: window.dailyKwh, minutesPresent },
    temperatureC,
  });
}

/** The numbers of a text, in order of size: `1 234,5` and `1,234.5` are one number. */
function numbersIn(text: string, language: 'ru' | 'en'): number[] {
  const plain =
    language === 'ru'
      ? text.replace(/(\d)\u00a0(?=\d{3})/g, '$1').replace(/(\d),(?=\d)/g, '$1.')
      : text.replace(/(\d),(?=\d{3})/g, '$1');
  return (plain.match(/\d+(\.\d+)?/g) ?? []).map(Number).sort((a, b) => a - b);
}

function expectSameStatement({ ru, en }: Sentence): void {
  expect(numbersIn(ru, 'ru')).toEqual(numbersIn(en, 'en'));
  expect(ru).toMatch(/^[«А-ЯЁ0-9].*\.$/);
  expect(en).toMatch(/^[A-Z0-9].*\.$/);
  expect(en).not.toMatch(/\b(undefined|null|NaN|Infinity|guilty|illegal|criminal|thief)\b/);
  expect(ru).not.toMatch(/undefined|null|NaN|Infinity|винов|незаконн|преступ/);
}

const all = findings();

describe('each finding is told in both languages with the same numbers', () => {
  it('every detector is among them', () => {
    expect(new Set(all.map((found) => found.detector))).toEqual(
      new Set(DETECTORS.map((detector) => detector.name)),
    );
  });

  it.each(DETECTORS.map((detector) => [detector.name]))('%s, speaking for and against', (name) => {
    for (const found of all.filter((each) => each.detector === name)) {
      for (const logOdds of [-1, 0, 1]) expectSameStatement(sentence(found, logOdds));
    }
  });

  it('the place and the state of the data too', () => {
    const facts = inputOf(loadText('9 days to 2026-02-20: home')).facts;
    const declared = { ...facts, declaredPurpose: 'майнинг', declaredLoadKw: 1250.5 };
    for (const legal of [BANNED, FREE, UNDETERMINED, { ...FREE, quota: null }]) {
      expectSameStatement(placeSentence(legal, facts, 0.0123));
      expectSameStatement(placeSentence(legal, declared, 0.0123));
    }
    for (const judged of [true, false])
      expectSameStatement(dataSentence({ days: 90, daysPresent: 21, judged }));
    expectSameStatement(withinQuotaSentence(1234.5, 6000));
    expectSameStatement(COLD_UNKNOWN);
    expectSameStatement(DAYS_ONLY);
  });
});

it('exceeding the quota is said not to be an offence in itself', () => {
  const found = all.find((each) => each.detector === 'quota-exceeded')!;
  expect(sentence(found, 1).en).toContain('not an offence in itself');
  expect(sentence(found, 1).ru).toContain('Само по себе превышение не нарушение');
});

it('a sentence as it is read', () => {
  const observed = {
    series: 'floor',
    beforeKw: 0.2,
    afterKw: 3.5,
    stepKw: 3.3,
    rigUnits: 1.02,
    clarityRatio: 1,
    addedScatterRatio: 0,
    floorKw: 3.5,
    quietSpreadKw: 0,
    suddenRatio: 1,
    daysSince: 21,
    onset: '2026-11-04T13:00',
    earliest: '2026-11-04T12:00',
    latest: '2026-11-04T14:00',
  };
  const window = { from: '2026-08-27', to: '2026-11-25' };
  const found = { detector: 'step-up', version: 1, window, settings: {}, observed, since: '2026-11-04' };
  expect(dayFromIso(found.since)).not.toBeNull();
  expect(sentence(found, 3)).toEqual({
    ru:
      'Постоянная часть нагрузки выросла на 3,3 кВт (с 0,2 кВт до 3,5 кВт) 4 ноября 2026 г., 13:00 по поясному времени ' +
      '(между 4 ноября 2026 г., 12:00 и 4 ноября 2026 г., 14:00) и с тех пор не опускалась: 21 день.',
    en:
      'The part of the load that never pauses rose by 3.3 kW (from 0.2 kW to 3.5 kW) on 4 November 2026, 13:00 standard time ' +
      '(between 4 November 2026, 12:00 and 4 November 2026, 14:00) and has stayed up for 21 days.',
  });
});

it('of stored evidence are the same where they follow from its findings', () => {
  const { findings, evidence } = assess(
    inputOf(loadText('90 days to 2026-07-01: home + rig 9.9 from day 50')),
  );
  const said = evidence.map((item) => item.sentence);
  const unsaid = evidence.map(({ sentence: words, ...item }) =>
    item.kind === 'context' ? { ...item, sentence: words } : item,
  );
  expect(said.length).toBeGreaterThan(4);
  expect(sentencesOf(findings, unsaid)).toEqual(said);
});
