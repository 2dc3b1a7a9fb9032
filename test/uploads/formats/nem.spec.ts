import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NEM } from '../../../src/uploads/formats/nem/nem.format.js';
import { decoded, recognisedBy, survivesDamage } from '../../support/decoded.js';
import { describeWithRealData } from '../../support/shared-data.js';

const HEADER = '100,NEM12,202505011135,MDP,RET\n';

const values = (count: number, value = '0.5') => Array.from({ length: count }, () => value).join(',');
const day = (date: string, count: number, flag = 'A', value = '0.5') =>
  `300,${date},${values(count, value)},${flag},,,20250502000000,\n`;
const register = (suffix: string, { config = suffix, minutes = 30, unit = 'kWh', nmi = 'NMI1' } = {}) =>
  `200,${nmi},${config},1,${suffix},N1,SER1,${unit},${minutes},\n`;

describe('NEM12', () => {
  it.each([
    [5, 288],
    [15, 96],
    [30, 48],
    [1, 1440],
  ])('reads intervals of %i minutes, from midnight of market time', async (minutes, slots) => {
    const { intervals, totalsWh } = await decoded(
      NEM,
      `${HEADER}${register('E1', { minutes })}${day('20250401', slots)}900\n`,
    );
    expect(intervals).toHaveLength(1);
    expect(intervals[0]).toMatchObject({
      point: 'NMI1',
      channel: 'import',
      intervalMinutes: minutes,
      start: { utcMs: Date.parse('2025-03-31T14:00:00Z') },
      quality: null,
    });
    expect(totalsWh).toEqual({ 'NMI1 import': slots * 500 });
  });

  it.each([
    ['Wh', 500],
    ['MWh', 500_000_000],
    ['KWH', 500_000],
    ['kW', 250_000],
  ])('reads the unit %s', async (unit, wh) => {
    const { totalsWh } = await decoded(
      NEM,
      register('E1', { unit }) + day('20250401', 48, 'A', String(1000 / 48)),
    );
    expect(totalsWh['NMI1 import']).toBe(wh * 2);
  });

  it('reads fields that a program for tables has put into quotation marks', async () => {
    const plain = `${HEADER}${register('E1')}${day('20250401', 48)}900\n`;
    const text = plain.replace(/[^,\n]+/g, '"$&"');
    expect(await recognisedBy(NEM, Buffer.from(text))).toMatchObject({ kind: 'readings' });
    expect((await decoded(NEM, text)).totalsWh).toEqual({ 'NMI1 import': 24_000 });
  });

  it('adds the registers of a direction, and keeps the two directions apart', async () => {
    const config = 'E1E2B1Q1';
    const { totalsWh, intervals } = await decoded(
      NEM,
      HEADER +
        register('E1', { config }) +
        day('20250401', 48) +
        register('E2', { config, minutes: 15 }) +
        day('20250401', 96, 'E52', '0.1') +
        register('B1', { config }) +
        day('20250401', 48, 'A', '0.2') +
        register('Q1', { config, unit: 'kVArh' }) +
        day('20250401', 48, 'A', '9'),
    );
    expect(totalsWh).toEqual({ 'NMI1 import': 24_000 + 9_600, 'NMI1 export': 9_600 });
    const imported = intervals.find(({ channel }) => channel === 'import');
    expect(imported).toMatchObject({ intervalMinutes: 30, quality: new Uint8Array(48).fill(1) });
  });

  it('calls a day doubtful when a register of its direction is missing', async () => {
    const { intervals, assumed } = await decoded(
      NEM,
      register('E1', { config: 'E1E2' }) + day('20250401', 48),
    );
    expect(intervals[0].quality).toEqual(new Uint8Array(48).fill(3));
    expect(assumed).toContainEqual(expect.stringContaining('E2'));
  });

  it('does not let a second register that comes apart replace the first', async () => {
    const config = 'E1E2';
    const { totalsWh, problems } = await decoded(
      NEM,
      register('E1', { config }) +
        day('20250401', 48) +
        register('E1', { nmi: 'NMI2' }) +
        day('20250401', 48) +
        register('E2', { config }) +
        day('20250401', 48, 'A', '9'),
    );
    expect(totalsWh).toEqual({ 'NMI1 import': 24_000, 'NMI2 import': 24_000 });
    expect(problems).toEqual([expect.objectContaining({ place: { line: 6, path: '' }, field: 'NMISuffix' })]);
  });

  it('takes the qualities of 400 records, N for a missing value', async () => {
    const text = `${register('E1')}${day('20250401', 48, 'V')}400,1,20,F14,76,\n400,21,24,N,,\n400,25,40,E52,,\n`;
    const { intervals, problems } = await decoded(NEM, text);
    const [{ wh, quality }] = intervals;
    expect([wh[0], wh[20], wh[24]]).toEqual([500, NaN, 500]);
    expect([quality?.[0], quality?.[24], quality?.[40]]).toEqual([2, 1, 3]);
    expect(problems).toEqual([
      expect.objectContaining({
        place: { line: 2, path: '' },
        detail: expect.stringContaining('8 of its intervals'),
      }),
    ]);
  });

  it('reads a record that goes on over several lines, also where a value is 300', async () => {
    const text = `${register('E1')}300,20250401,\n${values(24)},\n300,${values(23)},A,,,,\n${day('20250402', 48)}`;
    const { totalsWh, problems } = await decoded(NEM, text, { chunkBytes: 37 });
    expect(problems).toEqual([]);
    expect(totalsWh).toEqual({ 'NMI1 import': 23_500 + 300_000 + 24_000 });
  });

  it('counts the same whatever the chunks and line ends', async () => {
    const text = HEADER + register('E1') + day('20250401', 48) + day('20250402', 48, 'A', '.125');
    for (const chunkBytes of [1, 7, 64, 1000]) {
      const { totalsWh } = await decoded(NEM, `\ufeff${text.replaceAll('\n', '\r\n')}`, { chunkBytes });
      expect(totalsWh).toEqual({ 'NMI1 import': 30_000 });
    }
  });

  it.each([
    ['96 values for 30 minutes', day('20250401', 96), 'wrong_columns', '96 would be intervals of 15 minutes'],
    ['too few values', day('20250401', 47), 'wrong_columns', 'holds 47 values'],
    ['no values', '300,20250401,V,,,20250402000000,\n', 'wrong_columns', 'holds 0 values'],
    ['no such day', day('20250231', 48), 'bad_time', '20250231'],
    ['a word', day('20250401', 48).replace('0.5', 'x'), 'bad_number', 'Value 1 is "x"'],
    ['below zero', day('20250401', 48).replace('0.5', '-0.5'), 'negative', '1 values'],
    ['an unknown flag', day('20250401', 48, 'Z'), 'bad_quality', '"Z"'],
    ['what is no record', 'hello\n', 'wrong_columns', 'none of the record numbers'],
  ])('tells of %s where it stands', async (_, line, reason, words) => {
    const { problems } = await decoded(NEM, HEADER + register('E1') + line + day('20250402', 48));
    expect(problems).toEqual([
      expect.objectContaining({
        place: { line: 3, path: '' },
        reason,
        detail: expect.stringContaining(words),
      }),
    ]);
  });

  it('takes the index of an event record for a register reading', async () => {
    const text = `${register('E1')}${day('20250401', 48)}500,C,S1,20250401101101,001123.5\n`;
    const { items } = await decoded(NEM, text);
    expect(items.find(({ kind }) => kind === 'register')).toMatchObject({
      point: 'NMI1',
      serial: 'SER1',
      kwh: 1123.5,
      at: { utcMs: Date.parse('2025-04-01T00:11:01Z') },
    });
  });

  it('recognises a file without header, and nothing else', async () => {
    expect(await recognisedBy(NEM, Buffer.from(register('E1') + day('20250401', 48)))).toMatchObject({
      kind: 'readings',
    });
    for (const other of ['', '200,5\n', '100;NEM12\n', 'metering_point,start,kwh\n', '300,20250401,1,2,3\n'])
      expect(await recognisedBy(NEM, Buffer.from(other))).toBeNull();
  });

  it('refuses a file that holds nothing', async () => {
    await expect(decoded(NEM, `${HEADER}900\n`)).rejects.toThrow('The file holds no readings');
  });

  it('survives damage', () =>
    survivesDamage(
      NEM,
      Buffer.from(
        `${HEADER}${register('E1')}${day('20250401', 48, 'V')}400,1,48,S14,1,\n500,C,S1,20250401101101,1\n900\n`,
      ),
    ));
});

describe('NEM13', () => {
  it('passes registers of export over, by direction and by suffix', async () => {
    const text = (suffix: string, direction: string) =>
      `100,NEM13,202511101030,MDP,RET\n250,NMI1,11,01,${suffix},11,SER,${direction},21.2,20250101000000,A,,,534.5,20250201000000,A,,,513.3,kWh,,20250202000000,\n900\n`;
    for (const exported of [text('B1', ''), text('11', 'I')]) {
      const { items, assumed } = await decoded(NEM, exported);
      expect(items.filter(({ kind }) => kind === 'register')).toEqual([]);
      expect(assumed).toContainEqual(expect.stringContaining('of export'));
    }
  });

  const record = (quantity: string, config = '11', suffix = '11') =>
    `250,NMI1,${config},1,${suffix},11,SER1,E,006342.8,20251005093055,A,,,007654.9,20251107100333,E64,,,${quantity},kWh,,,\n`;

  it('reads both readings, and the ratio that their quantity tells', async () => {
    const { items } = await decoded(NEM, `100,NEM13,202511101030,MDP,RET\n${record('52484')}900\n`);
    expect(items).toEqual([
      expect.objectContaining({ kind: 'register', kwh: 6342.8, ctRatio: 40, zone: 'total', quality: 0 }),
      expect.objectContaining({ at: { utcMs: Date.parse('2025-11-07T00:03:33Z') }, kwh: 7654.9, quality: 1 }),
    ]);
  });

  it('gives the registers of one point tariff zones in their order', async () => {
    const { items } = await decoded(NEM, record('1312.1', '1112', '12'));
    expect(items[0]).toMatchObject({ zone: 'T2', ctRatio: 1 });
  });
});

describeWithRealData('NEM samples', (folder) => {
  const samples = path.join(folder, 'formats', 'nem12');
  const plain = readdirSync(samples).filter((name) => name.endsWith('.csv'));

  it.each(plain)('%s is read without a problem', async (name) => {
    const bytes = readFileSync(path.join(samples, name));
    expect(await recognisedBy(NEM, bytes)).not.toBeNull();
    const { items, problems } = await decoded(NEM, bytes, { chunkBytes: 1000 });
    expect(items.length).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });

  it.each([
    ['Example_NEM12_30min_200_15min_300.csv', /15 minutes/],
    ['Example_NEM12_incomplete_interval.csv', /holds 0 values/],
    ['Example_NEM12_empty.csv', /holds no readings/],
  ])('%s has a clear problem', async (name, words) => {
    const bytes = readFileSync(path.join(folder, 'formats', 'nem12-invalid', name));
    const said = await decoded(NEM, bytes).then(
      ({ problems }) => problems.map(({ detail }) => detail).join(' '),
      (error: Error) => error.message,
    );
    expect(said).toMatch(words);
  });
});
