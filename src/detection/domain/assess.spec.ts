import { describe, expect, it } from '@jest/globals';
import {
  BANNED,
  FREE,
  inputOf,
  loadText,
  UNDETERMINED,
  windowOf,
} from '../../../test/detection/load-text.js';
import { isoFromDay } from '../../grid/domain/calendar.js';
import { assess, assessTogether, DETECTION_VERSION } from './assess.js';
import { Workspace } from './features.js';
import { declaredHeating } from './heating-movement.js';
import { logistic } from '../../readings/domain/numeric.js';
import { buildPeerGroup } from './peer-group.js';
import { DEFAULT_SETTINGS, settingsHash } from './settings.js';
import type { DetectorInput, PointScore } from './types.js';

/** Shows every reason: without it those of a load that nobody will ask about are let go. */
const EXPLAINING = {
  ...DEFAULT_SETTINGS,
  screen: { ...DEFAULT_SETTINGS.screen, quietKw: 0, explainedFrom: 0 },
};

const WINTER = '2026-02-20';
const SUMMER = '2026-07-25';

/** A case where mining is banned: what it is, the load, and the day of the window since which. */
const CASES: [what: string, load: string, sinceDay: number | null][] = [
  ['one rig steady from the start', `90 days to ${SUMMER}: home + rig 3.3`, 0],
  ['two rigs steady since summer', `200 days to ${WINTER}: home + rig 6.6`, 0],
  ['three rigs, steady, for half a year', `180 days to ${WINTER}: home + rig 9.9`, 0],
  ['one rig that starts within the window', `90 days to ${SUMMER}: home + rig 3.3 from day 50 14:00`, 50],
  ['the same three weeks on', `90 days to ${SUMMER}: home + rig 3.3 from day 69 06:00`, 69],
  ['a small rig three weeks on', `90 days to ${SUMMER}: home + rig 1 from day 69 06:00`, 69],
  [
    'a rig beside an electric boiler',
    `90 days to ${WINTER}: home + boiler 0.15 + rig 3.3 from day 50 08:00`,
    50,
  ],
  [
    'a rig started while the meter was swapped',
    `90 days to ${SUMMER}: home + rig 3.3 from day 50 + gap from day 48 to day 52`,
    50,
  ],
  [
    'a rig that rests for two hours in three days',
    `90 days to ${SUMMER}: home + rig 3.3 at 02-24 every 1 days`,
    0,
  ],
  ['rigs held below the quota', `90 days to ${SUMMER}: home + rig 7.2 from day 40`, 40],
  ['a rig at night only', `90 days to ${SUMMER}: home + rig 6.6 from day 40 at 23-07`, 40],
  ['a rig at night only, one rig', `90 days to ${SUMMER}: home + rig 3.3 at 23-07`, 0],
  [
    'rigs that rest in the peaks',
    `90 days to ${SUMMER}: home + rig 6.6 from day 45 at 11-17 + rig 6.6 from day 45 at 21-07`,
    45,
  ],
  ['a rig on for four days of seven', `90 days to ${SUMMER}: home + rig 3.3 for 4 of 7 days`, null],
  ['rigs capped by hours', `90 days to ${SUMMER}: home + rig 9.9 from day 30 at 21-16`, 30],
  ['rigs that stopped a week ago', `120 days to ${SUMMER}: home + rig 6.6 to day 113`, null],
  [
    'a farm that grew',
    `120 days to ${SUMMER}: home + rig 3.3 from day 50 + rig 3.3 from day 75 + rig 3.3 from day 95`,
    50,
  ],
];

/** Innocent: no case where mining is banned, with the weather known and without. */
const INNOCENT: [what: string, load: string][] = [
  ['a home', `90 days to ${WINTER}: home`],
  ['a home over a year', `365 days to ${WINTER}: home`],
  ['an electric boiler in winter', `90 days to ${WINTER}: home + boiler 0.18`],
  ['an electric boiler over a year', `365 days to ${WINTER}: home + boiler 0.18`],
  ['an electric boiler in spring', '90 days to 2026-05-20: home + boiler 0.18'],
  ['night storage heating', `90 days to ${WINTER}: home + storage 0.15`],
  ['a car charged at night', `90 days to ${SUMMER}: home + car 7 at 01-05`],
  ['a new car', `90 days to ${SUMMER}: home + car 7 from day 60 at 00-06 every 2 days`],
  [
    'a car on some nights, for as long as the trip was far',
    `90 days to ${SUMMER}: home + car 7 at 01-03 every 3 days + car 7 at 03-06 every 2 days`,
  ],
  ['night storage heating through cold and mild weather', '90 days to 2026-11-01: home + storage 0.15'],
  ['a floor heated from September', '90 days to 2026-11-01: home + floor 0.6 from day 30 below 12'],
  ['a sauna', `90 days to ${WINTER}: home + sauna 9 at 18-21 every 3 days`],
  ['grow lights of 16 hours', `90 days to ${WINTER}: home + lights 2.4 at 06-22`],
  ['grow lights of 18 hours', `90 days to ${WINTER}: home + lights 2.4 at 04-22`],
  ['a server', `90 days to ${WINTER}: home + server 0.4`],
  ['a new server', `90 days to ${WINTER}: home + server 0.4 from day 60`],
  ['a shop', `90 days to ${SUMMER}: shop 1.2`],
  ['a vacant flat', `90 days to ${WINTER}: nothing`],
  ['a home with a gap', `90 days to ${WINTER}: home + gap from day 30 to day 60`],
  ['rigs that stopped two months ago', `120 days to ${SUMMER}: home + rig 6.6 to day 60`],
  ['three days of a rig', `90 days to ${SUMMER}: home + rig 3.3 from day 87`],
];

describe('where mining is banned', () => {
  it.each(CASES)('%s is a case', (_, load, sinceDay) => {
    const input = inputOf(loadText(load));
    const score = assess(input);
    expect(score).toMatchObject({ kind: 'mining_suspected', caseWorthy: true });
    expect(kindsFor(score)).toBeGreaterThanOrEqual(2);
    if (sinceDay !== null) expect(Math.abs(dayInWindow(score, input) - sinceDay)).toBeLessThanOrEqual(1);
  });

  it.each(INNOCENT)('%s is none', (_, load) => {
    expect(assess(inputOf(loadText(load)))).toMatchObject({ kind: 'none', caseWorthy: false });
    expect(assess(inputOf(loadText(load), { weather: 'unknown' }))).toMatchObject({ caseWorthy: false });
  });

  it.each([
    ['fan heaters in cold spells', '90 days to 2026-11-01: home + heater 2 below 3'],
    ['a boiler of 3 kW stages in autumn', '90 days to 2026-11-01: home + stages 0.18'],
    ['the same in winter', `90 days to ${WINTER}: home + stages 0.18`],
  ])('%s: none where the weather is known; without it the stage stands as flat as a rig', (_, text) => {
    const load = loadText(text);
    expect(assess(inputOf(load))).toMatchObject({ kind: 'none', caseWorthy: false });
    const unknown = assess(inputOf(load, { weather: 'unknown' }));
    expect(unknown.evidence.at(-1)?.sentence.en).toContain('Load the weather.');
  });

  it('rigs seen in deep winter only may be heaters at their limit: suspected the more beside comparable homes', () => {
    const winter = `90 days to ${WINTER}:`;
    const homes = Array.from({ length: 12 }, (_, n) => loadText(`${winter} home + nothing ${n}`).window);
    const alone = assess(inputOf(loadText(`${winter} home + rig 6.6`)));
    const peers = buildPeerGroup('homes', homes);
    const compared = assess(inputOf(loadText(`${winter} home + rig 6.6`), { peers }));
    expect(alone.caseWorthy).toBe(false);
    expect(alone.score).toBeGreaterThan(0.1);
    expect(compared.score).toBeGreaterThan(alone.score);
  });

  it('a quiet home is put aside at first sight, without reasons', () => {
    const quiet = assess(inputOf(loadText(`90 days to ${SUMMER}: home`)));
    expect(quiet).toMatchObject({ explained: false, kind: 'none', findings: [], evidence: [] });
    expect(quiet.score).toBeLessThan(0.002);
    expect(assess(inputOf(loadText(`90 days to ${SUMMER}: home + rig 3.3`))).explained).toBe(true);
  });

  it('a shop is none, whatever its tariff', () => {
    const load = loadText(`90 days to ${SUMMER}: shop 1.2`);
    for (const tariffCategory of ['commercial', 'urban', null])
      expect(assess(inputOf(load, { facts: { tariffCategory } })).caseWorthy).toBe(false);
  });

  it('a data centre within its declaration is none, beyond it is one', () => {
    const load = loadText(`90 days to ${SUMMER}: home + hall 40`);
    const declared = (declaredLoadKw: number) => ({ declaredPurpose: 'data_centre', declaredLoadKw });
    expect(assess(inputOf(load, { facts: declared(50) }))).toMatchObject({ kind: 'none', caseWorthy: false });
    expect(assess(inputOf(load, { facts: declared(15) }))).toMatchObject({ caseWorthy: true });
  });

  it('a farm split over two meters of a household is a case at each of them', () => {
    const loads = ['a', 'b'].map((seed) =>
      loadText(`90 days to ${SUMMER}: home 1 + rig 1 from day 60 14:00 + ${seed} 0.01`),
    );
    for (const [own, other] of [loads, [...loads].reverse()]) {
      const score = assess(inputOf(own, { household: [other.window] }));
      expect(score).toMatchObject({ kind: 'mining_suspected', caseWorthy: true });
      expect(logOddsOf(score, 'linked-points')).toBeGreaterThan(0.5);
      expect(logOddsOf(assess(inputOf(own)), 'linked-points')).toBe(0);
    }
  });

  it('a share in a hidden load is suspected with the tampering, not with the share alone', () => {
    const load = loadText(`90 days to ${SUMMER}: home`);
    const share = { transformer: 'TP-7', residualKw: 6.6, residualLowKw: 6, confidence: 0.9, points: 40 };
    const hiddenLoad = { ...share, sinceDay: 50, rank: 1, shareRatio: 0.6, dropKw: 0.4 };
    const events = [{ atHour: 50 * 24 + 3, kind: 'magnetic_field' }];
    const alone = assess(inputOf(load, { hiddenLoad }));
    expect(logOddsOf(alone, 'hidden-load')).toBeGreaterThan(3);
    const both = assess(inputOf(load, { hiddenLoad, events }));
    expect(both.score).toBeGreaterThan(alone.score);
    expect(logOddsOf(both, 'meter-events')).toBeGreaterThan(0.5);
    expect(both.caseWorthy).toBe(true);
    const oneOfMany = { ...hiddenLoad, rank: 30, shareRatio: 0.02, dropKw: 0 };
    expect(assess(inputOf(load, { hiddenLoad: oneOfMany })).caseWorthy).toBe(false);
  });

  it('an opened cover alone is maintenance', () => {
    const events = [{ atHour: 700, kind: 'cover_opened' }];
    expect(assess(inputOf(loadText(`90 days to ${SUMMER}: home`), { events })).caseWorthy).toBe(false);
  });
});

describe('where mining is banned and the weather is not loaded', () => {
  const AUTUMN = '90 days to 2026-11-08';
  const neighbours = Array.from(
    { length: 12 },
    (_, n) => loadText(`${AUTUMN}: home + boiler 0.${11 + n}`).window,
  );
  const heating = declaredHeating('here', neighbours);
  const gasHeated = buildPeerGroup(
    'not heated by electricity',
    Array.from({ length: 12 }, (_, n) => loadText(`${AUTUMN}: home ${n}`).window),
  );
  const withoutWeather = (load: string) =>
    inputOf(loadText(`${AUTUMN}: ${load}`), {
      weather: 'unknown',
      peers: gasHeated,
      heating,
      facts: { electricHeating: false },
    });

  it.each([
    ['an undeclared boiler', 'home + boiler 0.16'],
    ['a weak one', 'home + boiler 0.08'],
    ['a large one', 'home + boiler 0.3'],
  ])('%s follows the heated homes around: no case', (_, load) => {
    const score = assess(withoutWeather(load), EXPLAINING);
    expect(score.caseWorthy).toBe(false);
    expect(score.findings).toContainEqual(
      expect.objectContaining({
        detector: 'temperature-remainder',
        observed: expect.objectContaining({ basis: 'heating' }),
      }),
    );
    const temperature = score.evidence.find(({ kind }) => kind === 'temperature');
    expect(temperature!.logOdds).toBeLessThan(-2);
    expect(temperature!.sentence.en).toContain(
      'follows the common movement of the electrically heated homes',
    );
  });

  it.each([
    ['one rig', 'home + rig 3.3 from day 50 14:00', 50],
    ['a small one', 'home + rig 1.3 from day 60', 60],
    ['one beside a boiler', 'home + boiler 0.12 + rig 3.3 from day 50 08:00', 50],
  ])('%s does not: a case, dated', (_, load, day) => {
    const input = withoutWeather(load);
    const score = assess(input);
    expect(score).toMatchObject({ kind: 'mining_suspected', caseWorthy: true });
    expect(Math.abs(dayInWindow(score, input) - day)).toBeLessThanOrEqual(1);
  });

  it('homes found by their likeness excuse a load, and do not accuse one', () => {
    const inferred = { ...heating!, source: 'inferred' as const };
    const temperatureOf = (load: string) => {
      const input = withoutWeather(load);
      const { evidence } = assess(
        { ...input, surroundings: { ...input.surroundings, heating: inferred } },
        EXPLAINING,
      );
      return evidence.find(({ kind }) => kind === 'temperature')!.logOdds;
    };
    expect(temperatureOf('home + boiler 0.16')).toBeLessThan(-2);
    expect(temperatureOf('home + rig 3.3')).toBeCloseTo(0, 6);
  });

  it.each([
    ['homes that do not heat', gasHeated],
    ['nobody', null],
  ])('beside %s a boiler is doubted, not accused, and the weather is asked for', (_, peers) => {
    const input = { ...withoutWeather('home + boiler 0.16') };
    const score = assess(
      { ...input, surroundings: { ...input.surroundings, peers, heating: null } },
      EXPLAINING,
    );
    expect(score.caseWorthy).toBe(false);
    const data = score.evidence.find(({ detector }) => detector === 'data');
    expect(data?.sentence.en).toContain('Load the weather.');
    expect(data?.sentence.ru).toContain('Загрузите погоду.');
  });

  it('the weather is not asked for where it, or a stand-in, is known, or where nothing could be heating', () => {
    const known = [
      inputOf(loadText(`${AUTUMN}: home + boiler 0.16`)),
      withoutWeather('home + boiler 0.16'),
      inputOf(loadText(`${AUTUMN}: home`), { weather: 'unknown' }),
    ];
    for (const input of known) {
      expect(assess(input, EXPLAINING).evidence.filter(({ detector }) => detector === 'data')).toEqual([]);
    }
  });
});

describe('where mining is free or the ban is not established', () => {
  const TWO_RIGS = `90 days to ${SUMMER}: home + rig 6.6`;
  const THREE_RIGS = '90 days to 2026-07-01: home + rig 9.9 from day 50 14:00';

  it.each([
    ['free', FREE],
    ['undetermined', UNDETERMINED],
  ])('%s: two rigs below the quota are lawful, and the evidence stays in sight', (_, legal) => {
    const score = assess(inputOf(loadText(TWO_RIGS), { legal }), EXPLAINING);
    expect(score).toMatchObject({ kind: 'none', caseWorthy: false, since: null });
    expect(score.score).toBeLessThan(0.01);
    expect(score.evidence[0].sentence.en).toContain('Up to 6,000 kWh a month it is lawful');
    expect(logOddsOf(score, 'base-load')).toBeGreaterThan(2);
    expect(logOddsOf(score, 'law')).toBeLessThan(-5);
  });

  it('three rigs exceed the quota: a measured breach, dated by the step', () => {
    const input = inputOf(loadText(THREE_RIGS), { legal: FREE });
    const score = assess(input);
    expect(score).toMatchObject({ kind: 'quota_exceeded', caseWorthy: true });
    expect(dayInWindow(score, input)).toBe(50);
  });

  it('the ban, not the quota, judges three rigs where mining is banned', () => {
    const score = assess(inputOf(loadText(THREE_RIGS), { legal: BANNED }));
    expect(score.kind).toBe('mining_suspected');
    expect(score.findings.map((found) => found.detector)).not.toContain('quota-exceeded');
  });

  it('a large house heated by electricity exceeds the quota, which the weather explains: no case', () => {
    const load = loadText('90 days to 2026-02-01: home + boiler 0.3');
    expect(assess(inputOf(load, { legal: FREE }))).toMatchObject({
      kind: 'quota_exceeded',
      caseWorthy: false,
    });
  });

  it('declared mining may exceed the quota of individuals by what was declared', () => {
    const declared = { declaredPurpose: 'mining', declaredLoadKw: 10 };
    const input = inputOf(loadText(THREE_RIGS), { legal: FREE, facts: declared });
    expect(assess(input)).toMatchObject({ kind: 'quota_exceeded', caseWorthy: false });
    // What 6 kW leave of the month stays within the quota, but more was drawn than declared.
    for (const declaredLoadKw of [1, 6]) {
      const tooLittle = inputOf(loadText(THREE_RIGS), {
        legal: FREE,
        facts: { ...declared, declaredLoadKw },
      });
      expect(assess(tooLittle)).toMatchObject({ kind: 'quota_exceeded', caseWorthy: true });
    }
  });

  it('a month on its way over the quota is foretold, and is no case', () => {
    const score = assess(inputOf(loadText('90 days to 2026-07-15: home + rig 9.9'), { legal: FREE }));
    // June was over the quota; by the first half of July only the forecast is left once June is out of sight.
    expect(score.kind).toBe('quota_exceeded');
    const fresh = inputOf(loadText('90 days to 2026-07-15: home + rig 9.9 from day 75'), { legal: FREE });
    expect(assess(fresh)).toMatchObject({ kind: 'quota_forecast', caseWorthy: false });
  });
});

describe('with little data', () => {
  it.each([
    ['no day at all', new Float32Array(0)],
    ['nothing but gaps', new Float32Array(90 * 24).fill(NaN)],
    ['nine days of a rig', new Float32Array(9 * 24).fill(3.3)],
    [
      'a rig, and then a month of silence',
      Float32Array.from({ length: 90 * 24 }, (_, h) => (h < 1440 ? 3.3 : NaN)),
    ],
  ])('%s: the prior, no case, and a sentence that says so', (_, hourlyKw) => {
    const window = windowOf(20_000, hourlyKw);
    const score = assess(inputOf({ window, temperatureC: new Float32Array(window.days) }));
    expect(score).toMatchObject({ kind: 'none', caseWorthy: false, findings: [] });
    expect(score.score).toBeLessThan(0.02);
    expect(score.evidence.at(-1)).toMatchObject({ detector: 'data', kind: 'context', logOdds: 0 });
    expect(score.evidence.at(-1)?.sentence.en).toContain('too few to judge');
  });

  it('readings that slip by an hour for half a year (clock change) change nothing', () => {
    const { window, temperatureC } = loadText(`90 days to ${SUMMER}: home + rig 3.3 from day 50 14:00`);
    const slipped = window.hourlyKw.map((kw, hour) => (hour > 500 ? (window.hourlyKw[hour + 1] ?? kw) : kw));
    const score = assess(inputOf({ window: windowOf(window.firstDay, slipped), temperatureC }));
    expect(score).toMatchObject({ kind: 'mining_suspected', caseWorthy: true });
  });
});

describe('the score', () => {
  const input = inputOf(loadText(`90 days to ${SUMMER}: home + rig 3.3 from day 50 14:00`));

  it('is the logistic of all evidence, with nothing hidden behind', () => {
    const { score, evidence } = assess(input);
    expect(score).toBeCloseTo(logistic(evidence.reduce((sum, item) => sum + item.logOdds, 0)), 12);
  });

  it('is the same whatever the workspace held before', () => {
    const workspace = new Workspace(10);
    const first = assess(input, DEFAULT_SETTINGS, workspace);
    assess(inputOf(loadText(`365 days to ${WINTER}: home + boiler 0.2`)), DEFAULT_SETTINGS, workspace);
    const again = assess(input, DEFAULT_SETTINGS, workspace);
    expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(JSON.stringify(first)));
  });

  it('is plain data: findings survive JSON unchanged', () => {
    const { findings } = assess(input);
    expect(JSON.parse(JSON.stringify(findings))).toEqual(findings);
  });

  it('names the settings it came from', () => {
    const { judgement } = DEFAULT_SETTINGS;
    const stricter = { ...DEFAULT_SETTINGS, judgement: { ...judgement, caseScore: 0.9 } };
    expect(settingsHash(stricter)).not.toBe(settingsHash());
    expect(settingsHash({ ...DEFAULT_SETTINGS })).toBe(settingsHash());
    expect(DETECTION_VERSION).toContain(settingsHash());
  });
});

function kindsFor({ evidence }: PointScore): number {
  return new Set(evidence.filter(({ logOdds }) => logOdds >= 0.5).map(({ kind }) => kind)).size;
}

function logOddsOf({ evidence }: PointScore, name: string): number {
  return evidence.find(({ detector }) => detector === name)?.logOdds ?? 0;
}

function dayInWindow({ since }: PointScore, { window }: DetectorInput): number {
  expect(since === null ? null : isoFromDay(since)).not.toBeNull();
  return since! - window.firstDay;
}

describe('where mining is free, under one transformer', () => {
  const lawful = inputOf(loadText(`120 days to ${SUMMER}: home + rig 3 to day 100`), {
    legal: FREE,
    facts: { meteringPoint: 'P1' },
  });
  const came = (facts: Partial<DetectorInput['facts']>) =>
    inputOf(loadText(`120 days to ${SUMMER}: home + rig 3 from day 101`), {
      legal: FREE,
      facts: { meteringPoint: 'P2', ...facts },
    });

  it('nobody within the law is looked at', () => {
    const scores = assessTogether([lawful, came({})], EXPLAINING);
    expect(scores.map(({ explained }) => explained)).toEqual([false, false]);
  });

  it('a load that came to a point that is looked at is followed to a neighbour within the law', () => {
    const scores = assessTogether([lawful, came({ declaredLoadKw: 0.5 })], EXPLAINING);
    const moves = scores.map(({ findings }) => findings.find(({ detector }) => detector === 'moved-load'));
    expect(moves.map((move) => move?.observed.otherPoint)).toEqual(['P2', 'P1']);
  });
});
