import { TABLE } from '../../../src/uploads/formats/tables/table.format.js';
import { decoded, recognisedBy } from '../../support/decoded.js';

/** Hours that may be read either way: the first is neither midnight nor an interval after it. */
const UNLABELLED = [
  'meter;time;consumption kWh',
  ...[10, 11, 12, 13].map((hour) => `M1;2025-02-01 ${hour}:00;0,5`),
  '',
].join('\n');
const UNITLESS = [
  'meter;from;consumption',
  ...[10, 11, 12].map((hour) => `M1;2025-02-01 ${hour}:00;5`),
  '',
].join('\n');
const WITH_RATIO = [
  'meter;from;consumption kWh;CT ratio',
  ...[10, 11, 12].map((hour) => `M1;2025-02-01 ${hour}:00;5;200/5`),
  '',
].join('\n');
const NAMELESS = ['from;consumption kWh', ...[10, 11, 12].map((hour) => `2025-02-01 ${hour}:00;5`), ''].join(
  '\n',
);

const said = async (text: string) => JSON.stringify(await recognisedBy(TABLE, Buffer.from(text)));

describe('what a table leaves open, its upload answers', () => {
  it('which end its times name', async () => {
    expect(await said(UNLABELLED)).toContain('Say it with the upload (label=start or label=end)');
    for (const [label, hour] of [
      ['start', 10],
      ['end', 9],
    ] as const) {
      expect(await recognisedBy(TABLE, Buffer.from(UNLABELLED), null, { label })).toHaveProperty('kind');
      const { intervals } = await decoded(TABLE, UNLABELLED, { options: { label } });
      expect(intervals[0].start).toMatchObject({ localMinutes: Date.UTC(2025, 1, 1) / 60_000 });
      expect(intervals[0].wh.findIndex((value) => value === 500)).toBe(hour);
    }
  });

  it.each([
    ['kWh', 15_000],
    ['Wh', 15],
    ['MWh', 15_000_000],
    ['kW', 15_000],
  ] as const)('its unit: %s', async (unit, wh) => {
    expect(await said(UNITLESS)).toContain('unit=');
    const { totalsWh, assumed } = await decoded(TABLE, UNITLESS, { options: { unit } });
    expect(totalsWh).toEqual({ 'M1 import': wh });
    expect(assumed).toContain(`Values are in ${unit}, as the upload says.`);
  });

  it.each([
    [{ ct: 'applied' }, 15_000],
    [{ ct: 'not-applied', ct_ratio: 1 }, 600_000],
    [{ ct: 'twice', ct_ratio: 1 }, 375],
  ] as const)('its transformer ratio: %j', async (options, wh) => {
    expect((await decoded(TABLE, WITH_RATIO)).problems).toHaveLength(3);
    const { totalsWh, problems } = await decoded(TABLE, WITH_RATIO, { options });
    expect({ totalsWh, problems }).toEqual({ totalsWh: { 'M1 import': wh }, problems: [] });
  });

  it('a ratio that no row states', async () => {
    const options = { ct: 'not-applied', ct_ratio: 40 } as const;
    const { totalsWh } = await decoded(TABLE, NAMELESS, { options: { ...options, point: 'M2' } });
    expect(totalsWh).toEqual({ 'M2 import': 600_000 });
  });

  it('its metering point', async () => {
    expect(await said(NAMELESS)).toContain('point=123');
    const { totalsWh, assumed } = await decoded(TABLE, NAMELESS, { options: { point: 'HOME-17' } });
    expect(totalsWh).toEqual({ 'HOME-17 import': 15_000 });
    expect(assumed).toContain('The metering point is HOME-17, as the upload says.');
    // What the file says stands.
    expect((await decoded(TABLE, UNITLESS, { options: { unit: 'kWh', point: 'X' } })).totalsWh).toEqual({
      'M1 import': 15_000,
    });
  });
});
