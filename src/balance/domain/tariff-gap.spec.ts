import { loadRulebook } from '../../rulebook/rulebook-file.js';
import { dayFromIso } from '../../grid/domain/calendar.js';
import { projectRoot } from '../../config/project-root.js';
import { sumIndependent } from './regional-sum.js';
import { bandLoss, householdTariff, splitByBand } from './tariff-gap.js';

describe('splitByBand', () => {
  it.each([
    ['the worked example', 3000, 8000, [3900, 6000], [900, 2100, 2000]],
    ['within one band', 100, 200, [3900, 6000], [100, 0, 0]],
    ['nothing', 500, 500, [3900], [0, 0]],
    ['no bands known', 0, 700, [], [700]],
  ])('%s', (_name, from, to, edges, parts) => {
    expect(splitByBand(from, to, edges)).toEqual(parts);
  });
});

describe('bandLoss', () => {
  it('of the worked example', () => {
    expect(bandLoss({ unmeteredKwh: 1000, meteredKwh: 2000 }, 1.78, 7)).toEqual({
      unpaidRub: 1780,
      gapRub: 17_440,
    });
  });

  it.each([
    ['no commercial price', { unmeteredKwh: 10, meteredKwh: 10 }, 2, null, { unpaidRub: 20, gapRub: null }],
    ['no household price', { unmeteredKwh: 10, meteredKwh: 10 }, null, 7, { unpaidRub: null, gapRub: null }],
    [
      'what nobody paid needs no household price',
      { unmeteredKwh: 10, meteredKwh: 0 },
      null,
      7,
      { unpaidRub: null, gapRub: 70 },
    ],
  ])('%s: says that it does not know', (_name, kwh, household, commercial, loss) => {
    expect(bandLoss(kwh, household, commercial)).toEqual(loss);
  });
});

describe('householdTariff by rulebook/ru.json', () => {
  const rules = loadRulebook(`${projectRoot}/rulebook/ru.json`).document.rules.filter(
    (rule) => rule.kind === 'tariff_band',
  );
  it.each<[string, string, string | null, string, readonly number[], readonly number[] | null]>([
    ['urban Irkutsk', 'RU-IRK', 'urban', '2026-10-31', [3900, 6000], [1.78, 3.31, 6.5]],
    ['rural Irkutsk before July 2025', 'RU-IRK', 'rural', '2025-06-30', [3900, 6000], [1.106, 1.778, 3.43]],
    ['rural Irkutsk since: no price is known', 'RU-IRK', 'rural', '2025-07-01', [3900, 6000], null],
    ['electric heating', 'RU-IRK', 'electric_heating', '2025-02-01', [7020, 10_800], [1.106, 1.778, 3.43]],
    ['elsewhere', 'RU-NVS', 'urban', '2026-10-31', [3900, 6000], null],
    ['a category of its own', 'RU-IRK', 'commercial', '2026-10-31', [3900, 6000], null],
    ['no category', 'RU-IRK', null, '2026-10-31', [3900, 6000], null],
    ['before there were bands', 'RU-IRK', 'urban', '2024-12-31', [], null],
    ['abroad', 'KZ-ALA', 'urban', '2026-10-31', [], null],
  ])('%s', (_name, region, category, day, edgesKwh, rubPerKwh) => {
    expect(householdTariff(rules, { region, category, day: dayFromIso(day)! })).toMatchObject({
      edgesKwh,
      rubPerKwh,
    });
  });
});

describe('sumIndependent', () => {
  it('of the worked example', () => {
    const { kw, lowerKw, upperKw } = sumIndependent([
      { kw: 6, lowerKw: 5, upperKw: 7 },
      { kw: 8, lowerKw: 7, upperKw: 9 },
    ]);
    expect([kw, lowerKw, upperKw].map((value) => Math.round(value * 10) / 10)).toEqual([14, 12.6, 15.4]);
  });

  it('of nothing is nothing', () => {
    expect(sumIndependent([])).toEqual({ kw: 0, lowerKw: 0, upperKw: 0 });
  });
});
