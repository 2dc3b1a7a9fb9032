import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RefusedError } from '../../../src/config/errors.js';
import { decoded, intervalsOf, problemsOf, recognised, shown } from './found.js';
import { bytesOf, halfHours, xml80020 } from './xml-80020-text.js';

const P = '610000000000001';

describe('XML 80020', () => {
  it('is recognised by its structure, and 80040 with it', async () => {
    expect((await recognised(bytesOf({ areas: [] })))?.format.name).toBe('xml-80020');
    const other = await recognised(bytesOf({ class: '80040', areas: [{ [P]: { '01': [1] } }] }));
    expect(other?.found).toMatchObject({
      kind: 'readings',
      recognised: expect.stringContaining('XML 80040, version 2'),
    });
    expect(await recognised('<message class="1"><text/></message>')).toBeNull();
  });

  it('reads half hours with 2330–0000, decimals with comma or point, blanks as missing', async () => {
    const values = [
      ...halfHours(1).slice(0, 45),
      '<value> 2,5 </value>',
      '<value status="1">0.25</value>',
      null,
    ];
    const items = await decoded(bytesOf({ areas: [{ [P]: { '01': values } }] }), 50);
    const [block] = intervalsOf(items);
    expect(shown(block)).toMatchObject({
      point: P,
      channel: 'import',
      from: '2026-03-01T00:00',
      minutes: 30,
    });
    expect([...block.wh.slice(44)]).toEqual([1000, 2500, 250, NaN]);
    expect([...block.quality!.slice(44)]).toEqual([0, 0, 3, 0]);
    expect(items.find(({ kind }) => kind === 'message')).toMatchObject({
      family: '80020',
      sender: '7700000001',
      number: '1',
      createdAt: '20260302010000',
      period: '2026-03-01',
    });
  });

  it('takes 48 empty values for missing, never for zero', async () => {
    const values = halfHours(0).map(() => '<value status="1"></value>');
    const [block] = intervalsOf(await decoded(bytesOf({ areas: [{ [P]: { '01': values } }] })));
    expect(block.wh.every(Number.isNaN)).toBe(true);
  });

  it('parts consumption from export, passes over reactive energy and names what is no channel', async () => {
    const items = await decoded(bytesOf({ areas: [{ [P]: { '02': [1], '3': [9], '01': [2], '05': [7] } }] }));
    expect(intervalsOf(items).map(({ channel, wh }) => [channel, wh[0]])).toEqual([
      ['export', 1000],
      ['import', 2000],
    ]);
    expect(problemsOf(items)).toMatchObject([
      { reason: 'unknown_channel', raw: '05', place: { line: expect.any(Number) } },
    ]);
    expect(items).toContainEqual({ kind: 'assumed', sentence: expect.stringContaining('reactive') });
  });

  it('reads tags in any case, the day and the sender after the values, and other lengths of period', async () => {
    const text = xml80020({ minutes: 60, areas: [{ [P]: { '01': [1, 2] } }] });
    const [start, datetime, sender] = [/<\?xml[^]*?\n<mess[^]*?\n/, /<datetime>.*\r\n/, /<sender>.*\r\n/].map(
      (part) => part.exec(text)![0],
    );
    const turned = text
      .replace(datetime, '')
      .replace(sender, '')
      .replace('</message>', `${sender}${datetime}</message>`);
    const upper = turned
      .replace(start, '')
      .replaceAll(/<(\/?)(\w)/g, (_, slash: string, letter: string) => `<${slash}${letter.toUpperCase()}`);
    const root = start.replace('<message', '<Message');
    const items = await decoded(Buffer.from(root + upper, 'latin1'), 90);
    expect(items[0]).toMatchObject({ kind: 'assumed' });
    expect(intervalsOf(items).map(shown)).toEqual([
      { point: P, channel: 'import', from: '2026-03-01T00:00', minutes: 60, kwh: [1, 2] },
    ]);
  });

  it('tells the second pass of an hour that stands twice', async () => {
    const hour = '<period start="0200" end="0230"><value>1</value></period>';
    const twice = xml80020({ day: '20141026', areas: [{ [P]: { '01': [1] } }] }).replace(
      '</measuringchannel>',
      `${hour}${hour}</measuringchannel>`,
    );
    const starts = intervalsOf(await decoded(Buffer.from(twice, 'latin1'))).map(({ start }) => start);
    expect(starts).toEqual([
      { localMinutes: 16369 * 1440, zone: null },
      { localMinutes: 16369 * 1440 + 120, zone: null },
      { localMinutes: 16369 * 1440 + 120, zone: null, pass: 'second' },
    ]);
  });

  it('names the place of what it can’t take, and takes the rest', async () => {
    const text = xml80020({ areas: [{ [P]: { '01': [1, '<value>abc</value>', 3] } }] }).replace(
      'end="0130"',
      'end="0061"',
    );
    const items = await decoded(Buffer.from(text, 'latin1'));
    expect(problemsOf(items)).toMatchObject([
      {
        reason: 'bad_number',
        field: 'period 0030',
        place: { path: `measuringpoint ${P}, channel 01` },
        raw: 'abc',
      },
      { reason: 'bad_time', field: 'period', raw: 'start="0100" end="0061"' },
    ]);
    expect(intervalsOf(items).map(({ wh }) => [...wh])).toEqual([[1000, NaN]]);
  });

  it('keeps what stands before the place where the file breaks off, and refuses one that breaks before any value', async () => {
    const whole = bytesOf({ areas: [{ [P]: { '01': [1] }, other: { '01': [2] } }] });
    const items = await decoded(whole.subarray(0, whole.indexOf('other')));
    expect(intervalsOf(items)).toHaveLength(1);
    expect(problemsOf(items)).toMatchObject([
      { reason: 'bad_xml', detail: expect.stringContaining('cut off') },
    ]);
    await expect(decoded(whole.subarray(0, 300))).rejects.toThrow(RefusedError);
    const withoutDay = xml80020({ areas: [{ [P]: { '01': [1] } }] }).replace(/<day>.*<\/day>/, '');
    await expect(decoded(Buffer.from(withoutDay, 'latin1'))).rejects.toThrow('which day');
  });

  it('makes of any damage items or a refusal, whatever the pieces it arrives in', async () => {
    const whole = bytesOf({ areas: [{ [P]: { '01': [1, null, 3], '02': [1] } }, { other: { '01': [2] } }] });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 20, max: 2000 }),
        async (changes, pieceBytes) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          if ((await recognised(bytes))?.format.name !== 'xml-80020') return;
          try {
            for (const item of await decoded(bytes, pieceBytes)) {
              if (item.kind === 'intervals') expect(item.wh.length).toBeGreaterThan(0);
              if (item.kind === 'problem') expect(item.place.line).toBeGreaterThan(0);
            }
          } catch (error) {
            if (!(error instanceof RefusedError)) throw error;
            expect(error.message).toMatch(/^Line \d+|^The message/);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
