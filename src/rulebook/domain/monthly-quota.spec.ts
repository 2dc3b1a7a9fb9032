import { describe, expect, it } from '@jest/globals';
import { judgeMonthlyQuota, quotaSentence } from './monthly-quota.js';

const quota = { ruleId: 'Q', limitKwh: 6000, countedPer: 'household' as const };
const judge = (unitKwh: number, hoursPresent: number, hoursExpected = 720) =>
  judgeMonthlyQuota({ unitKwh, hoursPresent, hoursExpected }, quota);

describe('judgeMonthlyQuota', () => {
  it.each([
    ['well below', 250, 720, { exceeded: false, overKwh: 0, meanKwToExceed: null, completenessRatio: 1 }],
    ['exactly the limit', 6000, 720, { exceeded: false, overKwh: 0, meanKwToExceed: null }],
    ['just above', 6000.5, 720, { exceeded: true, overKwh: 0.5, meanKwToExceed: null }],
    ['above in spite of gaps', 6500, 360, { exceeded: true, completenessRatio: 0.5, shortfallHours: 360 }],
    // (6000 - 5000) / 100 h = 10 kW
    ['open', 5000, 620, { exceeded: false, shortfallHours: 100, meanKwToExceed: 10, atLeastKwh: 5000 }],
    ['nothing metered', 0, 0, { exceeded: false, completenessRatio: 0, atLeastKwh: 0, shortfallHours: 720 }],
  ])('%s', (_name, unitKwh, hoursPresent, expected) => {
    expect(judge(unitKwh, hoursPresent)).toMatchObject(expected);
  });

  it('does not fill in: half the month at 8 kW stays at what was metered', () => {
    expect(judge(2880, 360)).toMatchObject({ exceeded: false, atLeastKwh: 2880 });
  });

  it('has no completeness of a month without hours', () => {
    expect(judge(0, 0, 0)).toMatchObject({ completenessRatio: 0, shortfallHours: 0, meanKwToExceed: null });
  });
});

describe('quotaSentence', () => {
  it('says that exceeding is not an offence', () => {
    const { ru, en } = quotaSentence(judge(7000, 720));
    expect(ru).toContain('Превышение само по себе не нарушение');
    expect(en).toContain('not an offence in itself');
  });

  it('says what the missing hours could change', () => {
    expect(quotaSentence(judge(5000, 620))).toEqual({
      ru:
        'Учтено 5000 кВт·ч за месяц при лимите 6000 (данных 86 %). ' +
        'Нет данных за 100 ч: лимит превышен, если в эти часы средняя мощность была выше 10,0 кВт.',
      en:
        '5000 kWh metered in the month against the quota of 6000 (86 % of the data). ' +
        '100 hours are missing: the quota was exceeded if the mean power in them was above 10.0 kW.',
    });
  });

  it('is short when nothing is missing', () => {
    expect(quotaSentence(judge(250, 720)).en).toBe(
      '250 kWh metered in the month against the quota of 6000 (100 % of the data).',
    );
  });
});
