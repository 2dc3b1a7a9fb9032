import { describe, expect, it } from '@jest/globals';
import {
  BANNED,
  FREE,
  inputOf,
  loadText,
  UNDETERMINED,
  windowOf,
} from '../../../test/detection/load-text.js';
import { dayFromIso } from '../../grid/domain/calendar.js';
import { assess } from './assess.js';
import { DETECTORS } from './detectors/index.js';
import { buildPeerGroup } from './peer-group.js';
import { sentence } from './evidence.js';
import type { Sentence } from './phrases.js';
import { COLD_UNKNOWN, dataSentence, placeSentence } from './sentences.js';
import type { Finding } from './types.js';

/** Every detector's finding at least once, and what each says of innocent loads. */
function findings(): Finding[] {
  const texts = [
    '90 days to 2026-07-01: home + rig 9.9 from day 50 14:00',
    '90 days to 2026-07-15: home + rig 9.9 from day 75',
    '90 days to 2026-02-20: home + boiler 0.2',
    '90 days to 2026-02-20: home + lights 2.4 at 06-22',
    '90 days to 2026-07-25: home + car 7 from day 40 at 01-05',
    '90 days to 2026-07-25: home + rig 1.1',
  ];
  return texts.flatMap((text) => {
    const load = loadText(text);
    const peer = new Float32Array(90 * 24).fill(0.4);
    const peers = buildPeerGroup(
      'all',
      Array.from({ length: 21 }, () => windowOf(load.window.firstDay, peer)),
    );
    return [FREE, BANNED].flatMap((legal) => [
      ...assess(inputOf(load, { legal, peers })).findings,
      ...assess(inputOf(load, { legal, weather: 'unknown' })).findings,
      ...(['declared', 'inferred'] as const).flatMap((source) => {
        const movement = load.temperatureC.map((celsius) => Math.max(0.2, 1 - celsius / 20));
        const heating = { key: 'here', source, homes: 12, movement };
        return assess(inputOf(load, { legal, weather: 'unknown', heating })).findings;
      }),
    ]);
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

describe('each finding is told in both languages with the same numbers', () => {
  const all = findings();

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
    expectSameStatement(COLD_UNKNOWN);
  });
});

it('exceeding the quota is said not to be an offence in itself', () => {
  const found = findings().find((each) => each.detector === 'quota-exceeded')!;
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
