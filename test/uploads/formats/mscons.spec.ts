import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MSCONS } from '../../../src/uploads/formats/mscons/mscons.format.js';
import { decoded, recognisedBy, survivesDamage } from '../../support/decoded.js';
import { describeWithRealData } from '../../support/shared-data.js';

const head =
  "UNB+UNOC:3+A:500+B:500+251201:0430+ref++TL'UNH+1+MSCONS:D:04B:UN:2.2e'BGM+7+1+9'DTM+137:202512010000:203'NAD+MS+A::293'UNS+D'NAD+DP'LOC+172+CH100'";
const tail = "UNT+9+1'UNZ+1+ref'";
const value = (hour: number, kwh: string, qualifier = '220') => {
  const at = (h: number) => `20251201${String(h).padStart(2, '0')}00?+01:303`;
  return `QTY+${qualifier}:${kwh}'DTM+163:${at(hour)}'DTM+164:${at(hour + 1)}'`;
};

describe('MSCONS', () => {
  it('reads quantities with their own intervals, across any chunks', async () => {
    const text = `${head}LIN+1'PIA+5+1-1?:1.29.0*255:SRW'${value(0, '1.5')}${value(1, '2.25', '67')}${value(5, '4')}LIN+2'PIA+5+1-1?:2.29.0:SRW'${value(0, '7')}${tail}`;
    for (const chunkBytes of [7, 64, 10_000]) {
      const { intervals, problems, totalsWh } = await decoded(MSCONS, text, { chunkBytes });
      expect(problems).toEqual([]);
      expect(totalsWh).toEqual({ 'CH100 import': 7750, 'CH100 export': 7000 });
      expect(intervals[0]).toMatchObject({
        start: { utcMs: Date.parse('2025-11-30T23:00:00Z') },
        intervalMinutes: 60,
        quality: Uint8Array.of(0, 2),
      });
      expect(intervals).toHaveLength(3);
    }
  });

  it('takes average power times its interval, and passes gas over', async () => {
    const quarter = (qty: string) => `${qty}DTM+163:202512010000?+01:303'DTM+164:202512010015?+01:303'`;
    const text = `${head}LIN+1'PIA+5+1-1?:1.5.0:SRW'${quarter("QTY+220:2'")}LIN+2'PIA+5+1-1?:1.29.0:SRW'${quarter("QTY+220:4:KWT'")}LIN+3'PIA+5+7-1?:1.29.0:SRW'${quarter("QTY+220:9'")}${tail}`;
    const { totalsWh, assumed } = await decoded(MSCONS, text);
    expect(totalsWh).toEqual({ 'CH100 import': 500 + 1000 });
    expect(assumed).toContain('Average power is taken times the interval.');
  });

  it('is written with the signs that its UNA says', async () => {
    const text =
      'UNA^|,! ~UNB|UNOC^3|A^500|B^500|251201^0430|ref~UNH|1|MSCONS^D^04B^UN^2.2e~LOC|172|CH100~LIN|1~' +
      'PIA|5|1-1:1.29.0^SRW~QTY|220^1,5~DTM|163^202512010000+01^303~DTM|164^202512010100+01^303~UNT|9|1~';
    expect(await recognisedBy(MSCONS, Buffer.from(text))).toMatchObject({ kind: 'readings' });
    expect((await decoded(MSCONS, text, { chunkBytes: 11 })).totalsWh).toEqual({ 'CH100 import': 1500 });
  });

  it('reads a list of values that states its start once', async () => {
    const text = `${head}LIN+1'PIA+5+1-1?:1.29.0:SRW'DTM+163:202512010000?+00:303'DTM+672:15:806'QTY+46:1'QTY+46:2'QTY+79:3'${tail}`;
    const { intervals } = await decoded(MSCONS, text);
    expect(intervals).toEqual([
      expect.objectContaining({
        intervalMinutes: 15,
        start: { utcMs: Date.parse('2025-12-01T00:00:00Z') },
        quality: Uint8Array.of(0, 0, 1),
      }),
    ]);
    expect([...intervals[0].wh]).toEqual([1000, 2000, 3000]);
  });

  it('reads registers, of their meter and tariff, where a quantity has one time', async () => {
    const register = (obis: string, kwh: number, dtm: string) =>
      `LIN+1'PIA+5+1-1?:${obis}:SRW'QTY+220:${kwh}'${dtm}`;
    const text =
      `${head}RFF+MG:1EBZ0100'${register('1.8.0', 12345.6, "DTM+9:20251202:102'DTM+7:202512010000?+01:303'")}` +
      `${register('1.8.2', 77, "DTM+9:202512010600?+00:303'")}${register('2.8.0', 5, "DTM+9:20251201:102'")}` +
      `${register('1.8.1', 8, '')}${tail}`;
    const { items, problems } = await decoded(MSCONS, text);
    const registers = items.flatMap((item) => (item.kind === 'register' ? [item] : []));
    expect(registers).toMatchObject([
      {
        point: 'CH100',
        serial: '1EBZ0100',
        zone: 'total',
        kwh: 12345.6,
        at: { utcMs: Date.parse('2025-11-30T23:00Z') },
      },
      { zone: 'T2', kwh: 77, at: { utcMs: Date.parse('2025-12-01T06:00Z') } },
    ]);
    expect(problems).toMatchObject([{ reason: 'bad_time' }]);
  });

  it('passes over reactive energy and tells of what it can’t place', async () => {
    const text = `${head}LIN+1'PIA+5+1-1?:3.29.0:SRW'${value(0, '9')}LIN+2'PIA+5+1-1?:1.29.0:SRW'QTY+220:5'${value(1, '-3')}${tail}`;
    const { problems, totalsWh } = await decoded(MSCONS, `${text}`).catch(() => ({
      problems: [],
      totalsWh: {},
    }));
    expect(totalsWh).toEqual({});
    expect(problems.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['bad_time', 'negative']));
  });

  it('names other messages and declines them', async () => {
    const found = await recognisedBy(
      MSCONS,
      Buffer.from("UNA:+.? 'UNB+UNOC:3+A+B+251201:0430+r'UNH+1+INVOIC:D:06A:UN'"),
    );
    expect(found).toEqual({ declined: expect.stringContaining('INVOIC') });
    expect(await recognisedBy(MSCONS, Buffer.from('a,b\n1,2\n'))).toBeNull();
  });

  it('tells where a file was cut off', async () => {
    const { problems, intervals } = await decoded(
      MSCONS,
      `${head}LIN+1'PIA+5+1-1?:1.29.0:SRW'${value(0, '1')}QTY+220`,
    );
    expect(intervals).toHaveLength(1);
    expect(problems).toEqual([expect.objectContaining({ detail: expect.stringContaining('cut off') })]);
  });

  it('survives damage', () =>
    survivesDamage(
      MSCONS,
      Buffer.from(`${head}LIN+1'PIA+5+1-1?:1.29.0:SRW'${value(0, '1')}${value(1, '2')}${tail}`),
    ));
});

describeWithRealData('MSCONS samples', (folder) => {
  const samples = path.join(folder, 'formats', 'mscons');
  it.each(readdirSync(samples))('%s', async (name) => {
    const { intervals, problems } = await decoded(MSCONS, readFileSync(path.join(samples, name)));
    expect(problems).toEqual([]);
    expect(intervals.reduce((count, { wh }) => count + wh.length, 0)).toBe(96);
  });
});
