import { describe, expect, it } from '@jest/globals';
import { parseZone } from './time-zone.js';
import { allRegions, foreignTerritory, resolveTerritory, suggestRegion } from './territories.js';

describe('the table of regions', () => {
  it('has the 83 regions ISO knows and the six it does not', () => {
    const codes = allRegions().map((region) => region.code);
    expect(new Set(codes).size).toBe(89);
    expect(codes.filter((code) => code.startsWith('RU-'))).toHaveLength(83);
  });

  it('names no OKTMO prefix twice', () => {
    expect(new Set(allRegions().map((region) => region.oktmoPrefix)).size).toBe(89);
  });

  it('names zones that exist, with a whole hour from +02:00 to +12:00', () => {
    const wrong = allRegions().filter((region) => {
      const offset = parseZone(region.ianaZone)?.standardOffsetMinutes ?? -1;
      return offset < 120 || offset > 720 || offset % 60 !== 0;
    });
    expect(wrong).toEqual([]);
  });
});

describe('resolveTerritory', () => {
  it.each([
    ['RU-IRK', 'RU-IRK', 'RU-IRK', null, 'Asia/Irkutsk'],
    [' ru-irk ', 'RU-IRK', 'RU-IRK', null, 'Asia/Irkutsk'],
    ['25', 'RU-IRK', 'RU-IRK', null, 'Asia/Irkutsk'],
    ['25000000', 'RU-IRK', 'RU-IRK', null, 'Asia/Irkutsk'],
    ['25600000', 'RU-IRK', 'RU-IRK', null, 'Asia/Irkutsk'],
    ['25701000', '25701000', 'RU-IRK', '25701000', 'Asia/Irkutsk'],
    ['25701000000', '25701000', 'RU-IRK', '25701000', 'Asia/Irkutsk'],
    ['25701000001', '25701000001', 'RU-IRK', '25701000001', 'Asia/Irkutsk'],
    ['01701000', '01701000', 'RU-ALT', '01701000', 'Asia/Barnaul'],
    ['45000000', 'RU-MOW', 'RU-MOW', null, 'Europe/Moscow'],
    ['63701000', '63701000', 'RU-SAR', '63701000', 'Europe/Saratov'],
    ['69701000', '69701000', 'RU-TOM', '69701000', 'Asia/Tomsk'],
    ['RU-KAM', 'RU-KAM', 'RU-KAM', null, 'Asia/Kamchatka'],
    ['71000000', 'RU-TYU', 'RU-TYU', null, 'Asia/Yekaterinburg'],
    ['71800000', 'RU-KHM', 'RU-KHM', null, 'Asia/Yekaterinburg'],
    ['71871000', '71871000', 'RU-KHM', '71871000', 'Asia/Yekaterinburg'],
    ['11811476101', '11811476101', 'RU-NEN', '11811476101', 'Europe/Moscow'],
    ['11701000', '11701000', 'RU-ARK', '11701000', 'Europe/Moscow'],
    ['21', '21000000', '21000000', null, 'Europe/Moscow'],
    ['74701000', '74701000', '74000000', '74701000', 'Europe/Moscow'],
  ])('%s', (text, code, region, oktmo, zone) => {
    expect(resolveTerritory(text)).toMatchObject({ code, region, oktmo, zone: { name: zone } });
  });

  it.each(['', 'RU', 'RU-XXX', 'AU-NSW', 'UA-14', '55000000', '2570100', '257010000', 'Иркутская область'])(
    'does not know "%s"',
    (text) => {
      expect(resolveTerritory(text)).toBeNull();
    },
  );
});

describe('suggestRegion', () => {
  it.each([
    ['RU-IRC', 'RU-IRK'],
    ['RU_IRK', 'RU-IRK'],
    ['Иркутская область', 'RU-IRK'],
    ['иркутская обл.', 'RU-IRK'],
    ['Dagestan', 'RU-DA'],
    ['1701000', 'RU-ALT'],
    ['AU-NSW', null],
    ['', null],
    ['999', null],
  ])('%s: %s', (text, code) => {
    expect(suggestRegion(text)?.code ?? null).toBe(code);
  });
});

describe('foreignTerritory', () => {
  const sydney = parseZone('Australia/Sydney')!;

  it('takes an ISO 3166-2 code with the zone the uploader states', () => {
    expect(foreignTerritory('au-nsw', sydney)).toMatchObject({
      code: 'AU-NSW',
      region: 'AU-NSW',
      zone: sydney,
    });
  });

  it.each(['RU-XXX', 'Sydney', '', '12345678'])('refuses "%s"', (text) => {
    expect(foreignTerritory(text, sydney)).toBeNull();
  });
});
