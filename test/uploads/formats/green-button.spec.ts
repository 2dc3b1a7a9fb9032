import { describe, expect, it } from '@jest/globals';
import { decoded, intervalsOf, problemsOf, recognised, shown } from './found.js';
import { damaged } from './damaged.js';
import { bareBlock, block, feed, meterReading, readingType, usagePoint } from './green-button-text.js';

/** 2026-03-08T05:00Z: midnight in New York on the day its clock goes forward. */
const SPRING = Date.UTC(2026, 2, 8, 5) / 1000;
const one = [usagePoint('METER-1'), readingType('a'), meterReading('METER-1', 'r', 'a')];

describe('Green Button', () => {
  it('is recognised by its namespace, and an Atom feed of anything else is not', async () => {
    expect((await recognised(feed(...one)))?.format.name).toBe('green-button');
    expect(await recognised('<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>')).toBeNull();
  });

  it.each([
    ['in the order of the links', [...one, block('r', SPRING, [500, 250])]],
    ['with the block before all that it needs', [block('r', SPRING, [500, 250]), ...[...one].reverse()]],
  ])('joins the parts by their links, %s', async (_, entries) => {
    expect(intervalsOf(await decoded(feed(...entries), 200)).map(shown)).toEqual([
      { point: 'METER-1', channel: 'import', from: '2026-03-08T05:00Z', minutes: 60, kwh: [0.5, 0.25] },
    ]);
  });

  it('gives each item once when it must read a feed twice', async () => {
    const late = [usagePoint('METER-2'), readingType('b'), meterReading('METER-2', 's', 'b')];
    const entries = [...one, block('r', SPRING, [1]), block('s', SPRING, [2]), ...late];
    const found = intervalsOf(await decoded(feed(...entries), 300));
    expect(found.map(({ point, wh }) => [point, wh[0]])).toEqual([
      ['METER-1', 1],
      ['METER-2', 2],
    ]);
  });

  it('has 23 hours on the day the clock goes forward, and stops at a gap', async () => {
    const hours = Array.from({ length: 23 }, () => 100);
    const entries = [...one, block('r', SPRING, hours), block('r', SPRING + 25 * 3600, [7])];
    expect(intervalsOf(await decoded(feed(...entries))).map(({ wh }) => wh.length)).toEqual([23, 1]);
  });

  it('counts readings that state no time from the block’s start by the type’s intervalLength', async () => {
    const [bare] = intervalsOf(await decoded(feed(...one, bareBlock('r', SPRING, [1000, 2000]))));
    expect(shown(bare)).toMatchObject({ from: '2026-03-08T05:00Z', minutes: 60, kwh: [1, 2] });
    const started = block('r', SPRING, [1000, 2000]).replaceAll(
      /(<espi:timePeriod>)<espi:duration>\d+<\/espi:duration>/g,
      '$1',
    );
    expect(intervalsOf(await decoded(feed(...one, started))).map(shown)).toEqual([shown(bare)]);
    const unknown = [
      usagePoint('METER-1'),
      readingType('a', { intervalLength: 0 }),
      meterReading('METER-1', 'r', 'a'),
    ];
    expect(problemsOf(await decoded(feed(...unknown, started)))).toMatchObject([
      { reason: 'bad_time' },
      { reason: 'bad_time' },
    ]);
  });

  it('multiplies by the power of ten, and average power by its interval', async () => {
    const kWh = [
      usagePoint('METER-1'),
      readingType('a', { powerOfTenMultiplier: 3 }),
      meterReading('METER-1', 'r', 'a'),
    ];
    expect(intervalsOf(await decoded(feed(...kWh, block('r', SPRING, ['0.25']))))[0].wh[0]).toBe(250);
    const watt = [usagePoint('METER-1'), readingType('a', { uom: 38 }), meterReading('METER-1', 'r', 'a')];
    const found = await decoded(feed(...watt, block('r', SPRING, [400], { seconds: 900 })));
    expect(intervalsOf(found)[0].wh[0]).toBe(100);
    expect(found).toContainEqual({ kind: 'assumed', sentence: expect.stringContaining('Average power') });
  });

  it('parts net readings by sign, and passes over net where both directions are there', async () => {
    const net = [
      usagePoint('METER-1'),
      readingType('n', { flowDirection: 4 }),
      meterReading('METER-1', 'n', 'n'),
    ];
    const values = block('n', SPRING, [300, -200]);
    expect(intervalsOf(await decoded(feed(...net, values))).map(shown)).toMatchObject([
      { channel: 'import', kwh: [0.3, 0] },
      { channel: 'export', kwh: [0, 0.2] },
    ]);
    const reverse = [readingType('x', { flowDirection: 19 }), meterReading('METER-1', 'x', 'x')];
    const all = [...net, values, ...one, block('r', SPRING, [400]), ...reverse, block('x', SPRING, [100])];
    expect(intervalsOf(await decoded(feed(...all))).map(({ channel, wh }) => [channel, wh[0]])).toEqual([
      ['import', 400],
      ['export', 100],
    ]);
  });

  it('tells qualities, registers, missing values and what is no energy', async () => {
    const [estimated] = intervalsOf(await decoded(feed(...one, block('r', SPRING, [1, ''], { quality: 8 }))));
    expect([...estimated.quality!]).toEqual([1, 1]);
    expect([...estimated.wh]).toEqual([1, NaN]);
    const register = [
      usagePoint('METER-1'),
      readingType('a', { accumulationBehaviour: 3 }),
      meterReading('METER-1', 'r', 'a'),
    ];
    expect(await decoded(feed(...register, block('r', SPRING, [12_345_678])))).toContainEqual(
      expect.objectContaining({ kind: 'register', kwh: 12_345.678, at: { utcMs: (SPRING + 3600) * 1000 } }),
    );
    const gas = [usagePoint('METER-1'), readingType('a', { uom: 42 }), meterReading('METER-1', 'r', 'a')];
    const found = await decoded(feed(...gas, block('r', SPRING, [5])));
    expect(intervalsOf(found)).toEqual([]);
    expect(found).toContainEqual({ kind: 'assumed', sentence: expect.stringContaining('no active energy') });
  });

  it('names a block that no link joins, and bad readings, and takes the rest', async () => {
    const found = await decoded(feed(...one, block('nowhere', SPRING, [1]), block('r', SPRING, [1, 'x', 3])));
    expect(problemsOf(found)).toMatchObject([
      { reason: 'missing_value', field: 'link', place: { path: 'Blocks/nowhere/1' } },
      { reason: 'bad_number', field: 'value', place: { line: expect.any(Number) } },
    ]);
    expect(intervalsOf(found).map(({ wh }) => [...wh])).toEqual([[1], [3]]);
  });

  it('makes of any damage items or a refusal', () =>
    damaged('green-button', Buffer.from(feed(...one, block('r', SPRING, [1, 2, 3])))));
});
