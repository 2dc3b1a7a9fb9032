import { READINGS_NDJSON } from '../../../src/uploads/formats/ndjson/readings-ndjson.js';
import { SPODES } from '../../../src/uploads/formats/spodes/spodes.format.js';
import { decoded, recognisedBy, survivesDamage } from '../../support/decoded.js';

const one = '{"metering_point":"00077","start":"2026-03-01T00:00+08:00","kwh":0.5}';
const two = '{"metering_point":"00077","start":"2026-03-01T01:00+08:00","kwh":1.5}';

describe('readings in NDJSON', () => {
  it.each([
    ['a line each', `${one}\n${two}\n`],
    ['lines of Windows, without an end, after a byte-order mark', `\ufeff${one}\r\n\r\n${two}`],
    ['an array', `[${one},${two}]`],
    ['an array over lines', `[\n  ${one},\n  ${two}\n]\n`],
    ['a wrapper', `{"readings":[${one},${two}]}`],
    ['an object over lines', `${one.replaceAll(',', ',\n').replace('{', '{\n')}\n${two}`],
  ])('reads %s, however it is cut', async (_, text) => {
    expect(await recognisedBy(READINGS_NDJSON, Buffer.from(text))).toMatchObject({ kind: 'readings' });
    for (const chunkBytes of [1, 7, 1 << 16]) {
      const { totalsWh, problems, intervals } = await decoded(READINGS_NDJSON, text, { chunkBytes });
      expect({ totalsWh, problems }).toEqual({ totalsWh: { '00077 import': 2000 }, problems: [] });
      expect(intervals).toHaveLength(1);
      expect(intervals[0].start).toEqual({ utcMs: Date.parse('2026-02-28T16:00Z') });
    }
  });

  it('keeps qualities, gaps, other intervals and the order of what is sent', async () => {
    const at = (start: string, more: object) => JSON.stringify({ metering_point: 5, start, kwh: 1, ...more });
    const { intervals } = await decoded(
      READINGS_NDJSON,
      [
        at('2026-03-01T00:15Z', { interval_minutes: 15, quality: 'estimated' }),
        at('2026-03-01T00:30Z', { interval_minutes: 15, quality: 'missing' }),
        at('2026-03-01T00:00Z', { interval_minutes: 15 }),
        at('2026-03-01T00:00Z', { interval_minutes: 1440 }),
      ].join('\n'),
    );
    expect(intervals.map(({ intervalMinutes, wh, quality }) => [intervalMinutes, [...wh], quality])).toEqual([
      [15, [1000, NaN], Uint8Array.of(1, 0)],
      [15, [1000], null],
      [1440, [1000], null],
    ]);
  });

  it.each([
    ['no meter', '{"start":"2026-03-01T00:00Z","kwh":1}', 'metering_point', 'bad_id'],
    ['no offset', '{"metering_point":"A","start":"2026-03-01T00:00","kwh":1}', 'start', 'bad_time'],
    ['a day that is none', '{"metering_point":"A","start":"2026-02-30T00:00Z","kwh":1}', 'start', 'bad_time'],
    ['no energy', '{"metering_point":"A","start":"2026-03-01T00:00Z"}', 'kwh', 'bad_number'],
    ['a word', '{"metering_point":"A","start":"2026-03-01T00:00Z","kwh":"much"}', 'kwh', 'bad_number'],
    ['less than nothing', '{"metering_point":"A","start":"2026-03-01T00:00Z","kwh":-1}', 'kwh', 'negative'],
    [
      'no interval',
      '{"metering_point":"A","start":"2026-03-01T00:00Z","kwh":1,"interval_minutes":0}',
      'interval_minutes',
      'bad_interval',
    ],
    ['no object', '"A"', '', 'bad_value'],
    ['half an object', '{"metering_point":"A",', '', 'bad_value'],
    ['a line without an end', `{"metering_point":"${'A'.repeat(70_000)}"}`, '', 'line_too_long'],
  ])('rejects %s and reads on', async (_, line, field, reason) => {
    const { problems, totalsWh } = await decoded(READINGS_NDJSON, `${one}\n${line}\n${two}\n`);
    expect(problems).toMatchObject([{ place: { line: 2 }, field, reason }]);
    expect(totalsWh).toEqual({ '00077 import': 2000 });
  });

  it('says that an array was cut off', async () => {
    const { problems, intervals } = await decoded(READINGS_NDJSON, `[${one},\n${two.slice(0, 40)}`);
    expect(problems).toMatchObject([{ place: { line: 2 }, reason: 'bad_value' }]);
    expect(intervals).toHaveLength(1);
  });

  it('leaves events and other JSON to others', async () => {
    const event = '{"meter":"00077","time":"2025-02-01T10:11:12Z","journal":4,"code":1}';
    expect(await recognisedBy(READINGS_NDJSON, Buffer.from(event))).toBeNull();
    expect(await recognisedBy(SPODES, Buffer.from(one))).toBeNull();
    expect(await recognisedBy(READINGS_NDJSON, Buffer.from('metering_point,start,kwh\n'))).toBeNull();
  });

  it('survives whatever is sent', async () => {
    await survivesDamage(READINGS_NDJSON, Buffer.from(`${one}\n${two}\n`));
    await survivesDamage(READINGS_NDJSON, Buffer.from(`[${one},\n${two}]`));
  });
});
