import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { dayFromIso, isoFromDay } from '../../src/grid/domain/calendar.js';
import { allRegions, resolveTerritory } from '../../src/grid/domain/territories.js';
import { legalSituation } from '../../src/rulebook/domain/legal-situation.js';
import { loadRulebook, parseRulebook } from '../../src/rulebook/rulebook-file.js';

const path = new URL('../../rulebook/ru.json', import.meta.url).pathname;
const text = readFileSync(path, 'utf8');
const rulebook = loadRulebook(path);

function situation(territory: string, iso: string) {
  const place = resolveTerritory(territory);
  if (place === null) throw new Error(`unknown territory ${territory}`);
  return legalSituation(rulebook, place, dayFromIso(iso)!);
}

describe('who is banned when (dates: rulebook-facts, sources in the file)', () => {
  const bannedRegions = ['RU-DA', 'RU-IN', 'RU-KB', 'RU-KC', 'RU-SE', 'RU-CE', '21', '43', '23', '74'];
  it.each(bannedRegions)('%s: the whole region from 1 January 2025 to 15 March 2031', (territory) => {
    const at = (iso: string) => situation(territory, iso).ban.status;
    expect(['2024-12-31', '2025-01-01', '2028-07-01', '2031-03-15', '2031-03-16'].map(at)).toEqual([
      'free',
      'banned',
      'banned',
      'banned',
      'free',
    ]);
  });

  const rows: [string, string, string, string, string | null][] = [
    // place, day, status, since
    ['a village in Dagestan', '82624000', '2026-11-20', 'banned 2025-01-01', 'RU-DA-BAN-2025'],
    ['Stavropol, the free neighbour', 'RU-STA', '2026-11-20', 'free', null],
    [
      'Irkutsk city, first winter: list unknown',
      '25701000',
      '2025-02-01',
      'undetermined 2025-01-01',
      'RU-IRK-SEASONAL-2025',
    ],
    [
      'Irkutsk city, 15 March 2025',
      '25701000',
      '2025-03-15',
      'undetermined 2025-01-01',
      'RU-IRK-SEASONAL-2025',
    ],
    ['Irkutsk city, the free window begins', '25701000', '2025-03-16', 'free', null],
    ['Irkutsk city, the free window ends', '25701000', '2025-04-06', 'free', null],
    ['Irkutsk city, the full ban', '25701000', '2025-04-07', 'banned 2025-04-07', 'RU-IRK-SOUTH-BAN-2025'],
    [
      'Irkutsk city, by a code of 11 digits',
      '25701000001',
      '2026-11-20',
      'banned 2025-04-07',
      'RU-IRK-SOUTH-BAN-2025',
    ],
    ['Irkutsk city, the last day', '25701000', '2031-03-15', 'banned 2025-04-07', 'RU-IRK-SOUTH-BAN-2025'],
    ['Irkutsk city, afterwards', '25701000', '2031-03-16', 'free', null],
    ['Angarsk', '25703000', '2025-07-01', 'banned 2025-04-07', 'RU-IRK-SOUTH-BAN-2025'],
    [
      'a village of the Alar district',
      '25605426101',
      '2025-07-01',
      'banned 2025-04-07',
      'RU-IRK-SOUTH-BAN-2025',
    ],
    ['Ust-Uda by its old code', '25646431101', '2025-07-01', 'banned 2025-04-07', 'RU-IRK-SOUTH-BAN-2025'],
    ['Ust-Uda by its new code', '25546000', '2025-07-01', 'banned 2025-04-07', 'RU-IRK-SOUTH-BAN-2025'],
    [
      'Bratsk: not listed, but seven listed codes are unknown',
      '25714000',
      '2025-07-01',
      'undetermined 2025-04-07',
      'RU-IRK-SOUTH-BAN-2025',
    ],
    [
      'Nizhneilimsky: free by the act, never banned',
      '25526000',
      '2025-07-01',
      'undetermined 2025-04-07',
      'RU-IRK-SOUTH-BAN-2025',
    ],
    [
      'Irkutsk Oblast, region only',
      'RU-IRK',
      '2025-07-01',
      'undetermined 2025-04-07',
      'RU-IRK-SOUTH-BAN-2025',
    ],
    ['Buryatia, first season', '81701000', '2025-01-01', 'undetermined 2025-01-01', 'RU-BU-SEASONAL-2025'],
    [
      'Buryatia, last day of the season',
      '81701000',
      '2025-03-15',
      'undetermined 2025-01-01',
      'RU-BU-SEASONAL-2025',
    ],
    ['Buryatia, spring', '81701000', '2025-03-16', 'free', null],
    ['Buryatia, eve of the winter', '81701000', '2025-11-14', 'free', null],
    ['Buryatia, winter', '81701000', '2025-11-15', 'undetermined 2025-11-15', 'RU-BU-SEASONAL-2025'],
    [
      'Buryatia, winter after the new year',
      '81701000',
      '2026-02-01',
      'undetermined 2025-11-15',
      'RU-BU-SEASONAL-2025',
    ],
    ['Buryatia, summer 2026: the pending ban does not judge', '81701000', '2026-07-01', 'free', null],
    ['Chita, summer 2026: the pending ban does not judge', '76701000', '2026-07-01', 'free', null],
    ['Chita, first season', '76701000', '2025-02-01', 'banned 2025-01-01', 'RU-ZAB-SEASONAL-2025'],
    ['Chita, this winter', '76701000', '2026-11-20', 'banned 2026-11-15', 'RU-ZAB-SEASONAL-2025'],
    ['Aginskoye, its last winter', '76702000', '2031-03-15', 'banned 2030-11-15', 'RU-ZAB-SEASONAL-2025'],
    ['Zabaykalsky, region only', 'RU-ZAB', '2026-11-20', 'undetermined 2026-11-15', 'RU-ZAB-SEASONAL-2025'],
    ['Karelia: withdrawn', 'RU-KR', '2026-11-20', 'free', null],
    ['Penza: withdrawn', 'RU-PNZ', '2026-11-20', 'free', null],
    ['Khakassia: withdrawn', 'RU-KK', '2026-11-20', 'free', null],
    ['Moscow Oblast: never adopted', 'RU-MOS', '2026-11-20', 'free', null],
    ['Moscow', 'RU-MOW', '2026-11-20', 'free', null],
    ['before there were rules', 'RU-DA', '2024-10-31', 'free', null],
  ];
  it.each(rows)('%s', (_name, territory, iso, expected, ruleId) => {
    const { ban } = situation(territory, iso);
    const since = ban.since === null ? '' : ` ${isoFromDay(ban.since)}`;
    expect([`${ban.status}${since}`, ban.ruleId]).toEqual([expected, ruleId]);
    expect(ban.why.ru).not.toBe('');
    expect(ban.why.en).not.toBe('');
  });
});

describe('the quota', () => {
  it.each([
    ['2024-10-31', null],
    ['2024-11-01', 6000],
    ['2026-11-20', 6000],
  ])('on %s: %s kWh', (iso, limitKwh) => {
    expect(situation('RU-MOW', iso).quota?.limitKwh ?? null).toBe(limitKwh);
  });

  it('counts over the household, holds beside a ban and in territories without an ISO code', () => {
    const quota = { ruleId: 'RU-QUOTA-6000', limitKwh: 6000, countedPer: 'household' };
    expect(situation('RU-DA', '2026-11-20').quota).toEqual(quota);
    expect(situation('23', '2026-11-20').quota).toEqual(quota);
  });

  it('does not reach abroad', () => {
    const { ban, quota } = legalSituation(
      rulebook,
      { region: 'AU-NSW', oktmo: null },
      dayFromIso('2026-11-20')!,
    );
    expect([ban.status, quota]).toEqual(['free', null]);
  });

  it('comes with the sentence that exceeding it is not an offence', () => {
    expect(situation('RU-MOW', '2026-11-20').ban.why).toEqual({
      ru:
        'Запрета майнинга здесь на 20.11.2026 нет. Действует лимит 6000 кВт·ч в месяц; ' +
        'его превышение само по себе не нарушение.',
      en:
        'Mining is not banned here on 2026-11-20. The quota of 6000 kWh a month holds; ' +
        'exceeding it is not an offence in itself.',
    });
  });
});

describe('the words', () => {
  it.each([
    [
      'RU-DA',
      '2026-11-20',
      'Майнинг здесь запрещён (Республика Дагестан) с 01.01.2025 по 15.03.2031. Основание: Постановление Правительства РФ от 23.12.2024 № 1869.',
    ],
    [
      '76701000',
      '2026-11-20',
      'Майнинг здесь запрещён (Забайкальский край, городской округ «Город Чита») с 15.11.2026 по 15.03.2027. Основание: Постановление Правительства РФ от 23.12.2024 № 1869.',
    ],
    [
      '25714000',
      '2026-11-20',
      'Не определено: с 07.04.2025 по 15.03.2031 майнинг запрещён в части муниципалитетов (Иркутская область), коды ОКТМО 7 из них неизвестны. Сверьтесь с текстом акта.',
    ],
    [
      'RU-BU',
      '2026-11-20',
      'Не определено: с 15.11.2026 по 15.03.2027 майнинг запрещён в части муниципалитетов (Республика Бурятия), а в реестре указан только регион. Укажите ОКТМО муниципалитета.',
    ],
    [
      'RU-BU',
      '2026-07-01',
      'Запрета майнинга здесь на 01.07.2026 нет. Объявленный круглогодичный запрет не применяется: подписанный акт не найден. Действует лимит 6000 кВт·ч в месяц; его превышение само по себе не нарушение.',
    ],
  ])('%s on %s', (territory, iso, ru) => {
    expect(situation(territory, iso).ban.why.ru).toBe(ru);
  });
});

describe('the file', () => {
  it('names regions and prefixes as grid/domain/territories.ts does', () => {
    const regions = new Map(allRegions().map((region) => [region.code, region.oktmoPrefix]));
    const wrong = rulebook.document.rules.filter(
      ({ territory }) =>
        territory.scope !== 'country' && regions.get(territory.region) !== territory.oktmo_prefix,
    );
    expect(wrong).toEqual([]);
  });

  it('lists the 29 municipalities of the south of Irkutsk Oblast', () => {
    const rule = rulebook.document.rules.find(({ id }) => id === 'RU-IRK-SOUTH-BAN-2025')!;
    expect(rule.territory.scope === 'municipalities' && rule.territory.municipalities.length).toBe(29);
  });

  it('is frozen, and its version depends on content, not on layout', () => {
    expect(Object.isFrozen(rulebook.bans.get('RU-DA')![0])).toBe(true);
    expect(parseRulebook(JSON.stringify(JSON.parse(text)), 'x').version).toBe(rulebook.version);
    expect(
      parseRulebook(text.replace('"limit_kwh": 6000', '"limit_kwh": 6001').replace('> 6000', '> 6001'), 'x')
        .version,
    ).not.toBe(rulebook.version);
  });

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- these rows spoil raw JSON, whatever its shape
  it.each<[string, (rule: Record<string, any>) => void, string]>([
    [
      'RU-DA-BAN-2025',
      (rule) => (rule.period.to = '2031-02-30'),
      'rule RU-DA-BAN-2025, field period.to: is not a date that exists (YYYY-MM-DD)',
    ],
    [
      'RU-DA-BAN-2025',
      (rule) => (rule.period.to = '2024-01-01'),
      'rule RU-DA-BAN-2025, field period.to: ends before it begins',
    ],
    [
      'RU-DA-BAN-2025',
      (rule) => (rule.period = null),
      'rule RU-DA-BAN-2025, field period: is missing, though the rule judges',
    ],
    ['RU-DA-BAN-2025', (rule) => (rule.status = 'proposed'), 'rule RU-DA-BAN-2025, field status: '],
    [
      'RU-DA-BAN-2025',
      (rule) => rule.sources.push('S99'),
      'field sources: names S99, which is not in the list of sources',
    ],
    ['RU-DA-BAN-2025', (rule) => (rule.colour = 'red'), 'rule RU-DA-BAN-2025, field (the whole rule): '],
    [
      'RU-DA-BAN-2025',
      (rule) => (rule.id = 'RU-IN-BAN-2025'),
      'rule RU-IN-BAN-2025, field id: stands there twice',
    ],
    [
      'RU-BU-SEASONAL-2025',
      (rule) => (rule.season.recurring.from = '11-31'),
      'rule RU-BU-SEASONAL-2025, field season.recurring.from: is not a day of the year (MM-DD)',
    ],
    [
      'RU-IRK-SOUTH-BAN-2025',
      (rule) => (rule.territory.municipalities[0].codes[0].oktmo = '26605000'),
      'field territory.municipalities.0.codes: 26605000 is not in the region 25',
    ],
    [
      'RU-IRK-SOUTH-BAN-2025',
      (rule) => (rule.territory.municipalities[0].codes[0].oktmo = '25607000'),
      'field territory.municipalities.2.codes: 25607000 stands there twice',
    ],
    [
      'RU-IRK-SEASONAL-2025',
      (rule) => (rule.superseded_by = 'NONE'),
      'field superseded_by: does not name a rule of this file',
    ],
    [
      'RU-QUOTA-6000',
      (rule) => (rule.quota.boundary = '>= 6000'),
      'field quota: has the boundary ">= 6000"; only "> 6000" can be judged',
    ],
  ])('%s: a wrong field is named in one sentence', (id, spoil, sentence) => {
    const document = JSON.parse(text);
    spoil(document.rules.find((rule: { id: string }) => rule.id === id));
    expect(() => parseRulebook(JSON.stringify(document), 'ru.json')).toThrow(sentence);
  });

  it.each([
    ['not JSON', '{', 'The rulebook ru.json is not JSON'],
    ['another schema', '{"schema": 2}', 'The rulebook ru.json is wrong: field schema'],
  ])('%s is refused', (_name, content, sentence) => {
    expect(() => parseRulebook(content, 'ru.json')).toThrow(sentence);
  });

  it('that is not there is refused', () => {
    expect(() => loadRulebook('/nowhere/ru.json')).toThrow('The rulebook /nowhere/ru.json cannot be read');
  });
});
