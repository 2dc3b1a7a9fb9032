import { describe, expect, it } from '@jest/globals';
import { dayFromIso } from '../../grid/domain/calendar.js';
import { legalSituation } from './legal-situation.js';
import type { BanRule, Municipality, Rulebook, Season } from './rule.js';

// The rules here are invented, to reach every branch; test/rulebook judges by the rulebook that ships.

const day = (iso: string) => dayFromIso(iso)!;
const winter: Season = { first: null, fromMonthDay: 1115, toMonthDay: 315 };
const summer: Season = { first: null, fromMonthDay: 601, toMonthDay: 831 };
const listed = (oktmo: string, lastDay: string | null = null): Municipality => ({
  name: 'район',
  codes: [{ oktmo, lastDay: lastDay === null ? null : day(lastDay) }],
});

function ban(changes: Partial<BanRule>): BanRule {
  return {
    id: 'BAN',
    status: 'in_force',
    region: 'RU-XX',
    name: { ru: 'край', en: 'krai' },
    period: { firstDay: day('2025-01-01'), lastDay: day('2031-03-15') },
    season: null,
    municipalities: null,
    listComplete: true,
    acts: 'акт',
    ...changes,
  };
}

function judge(bans: BanRule[], iso: string, oktmo: string | null = '25701000') {
  const rulebook: Rulebook = {
    version: '',
    quotas: [],
    bans: new Map([['RU-XX', bans]]),
    pendingBans: new Map(),
  };
  const { status, since } = legalSituation(rulebook, { region: 'RU-XX', oktmo }, day(iso)).ban;
  return [status, since];
}

describe('where a ban reaches', () => {
  const unknown: Municipality = { name: 'район', codes: [] };
  it.each<[string, Partial<BanRule>, string | null, string]>([
    ['the whole region, municipality unknown', {}, null, 'banned'],
    ['the municipality', { municipalities: [listed('25701000')] }, '25701000', 'banned'],
    ['a village in the district', { municipalities: [listed('25605000')] }, '25605426101', 'banned'],
    ['another district', { municipalities: [listed('25605000')] }, '25607000', 'free'],
    ['a settlement listed by itself', { municipalities: [listed('25605426')] }, '25605426101', 'banned'],
    ['its neighbour', { municipalities: [listed('25605426')] }, '25605427101', 'free'],
    ['region only', { municipalities: [listed('25701000')] }, null, 'undetermined'],
    [
      'a listed name without code',
      { municipalities: [listed('25701000'), unknown] },
      '25714000',
      'undetermined',
    ],
    [
      'an unfinished list',
      { municipalities: [listed('25701000')], listComplete: false },
      '25714000',
      'undetermined',
    ],
    ['no list at all', { municipalities: [], listComplete: false }, '25714000', 'undetermined'],
    [
      'a code before it named another place',
      { municipalities: [listed('25701000', '2026-01-01')] },
      '25701000',
      'banned',
    ],
    ['a code afterwards', { municipalities: [listed('25701000', '2025-12-31')] }, '25701000', 'free'],
  ])('%s', (_name, changes, oktmo, status) => {
    expect(judge([ban(changes)], '2026-01-01', oktmo)[0]).toBe(status);
  });
});

describe('since when a ban holds', () => {
  it.each<[string, BanRule[], string, string, string | null]>([
    ['the first day', [ban({})], '2025-01-01', 'banned', '2025-01-01'],
    ['the day before', [ban({})], '2024-12-31', 'free', null],
    ['the last day', [ban({})], '2031-03-15', 'banned', '2025-01-01'],
    ['the day after', [ban({})], '2031-03-16', 'free', null],
    [
      'no end stated',
      [ban({ period: { firstDay: day('2025-01-01'), lastDay: null } })],
      '2099-01-01',
      'banned',
      '2025-01-01',
    ],
    ['a winter before the new year', [ban({ season: winter })], '2026-12-31', 'banned', '2026-11-15'],
    ['the same winter after it', [ban({ season: winter })], '2027-03-15', 'banned', '2026-11-15'],
    ['the first free day', [ban({ season: winter })], '2027-03-16', 'free', null],
    ['the last free day', [ban({ season: winter })], '2026-11-14', 'free', null],
    ['a season cut by the start', [ban({ season: winter })], '2025-02-01', 'banned', '2025-01-01'],
    ['29 February', [ban({ season: winter })], '2028-02-29', 'banned', '2027-11-15'],
    ['a season within a year', [ban({ season: summer })], '2026-08-31', 'banned', '2026-06-01'],
    ['outside it', [ban({ season: summer })], '2026-09-01', 'free', null],
    [
      'a year-round ban that follows a season without a break',
      [
        ban({ id: 'A', season: winter, period: { firstDay: day('2025-01-01'), lastDay: day('2026-01-31') } }),
        ban({ id: 'B', period: { firstDay: day('2026-02-01'), lastDay: null } }),
      ],
      '2026-07-01',
      'banned',
      '2025-11-15',
    ],
    [
      'a year-round ban that follows after free days',
      [
        ban({ id: 'A', season: winter, period: { firstDay: day('2025-01-01'), lastDay: day('2026-01-31') } }),
        ban({ id: 'B', period: { firstDay: day('2026-02-02'), lastDay: null } }),
      ],
      '2026-07-01',
      'banned',
      '2026-02-02',
    ],
    [
      'a ban beside an unknown list: the ban decides',
      [ban({ municipalities: [], listComplete: false }), ban({ id: 'B' })],
      '2026-07-01',
      'banned',
      '2025-01-01',
    ],
  ])('%s', (_name, bans, iso, status, since) => {
    expect(judge(bans, iso)).toEqual([status, since && day(since)]);
  });
});
