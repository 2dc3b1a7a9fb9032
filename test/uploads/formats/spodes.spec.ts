import { readFileSync } from 'node:fs';
import path from 'node:path';
import { meterEventMeaning } from '../../../src/readings/domain/meter-events.js';
import { eventsOfAlarm } from '../../../src/uploads/formats/spodes/push-alarm.js';
import { SPODES } from '../../../src/uploads/formats/spodes/spodes.format.js';
import { decoded, recognisedBy, survivesDamage } from '../../support/decoded.js';
import { describeWithRealData } from '../../support/shared-data.js';

const events = async (text: string) =>
  (await decoded(SPODES, text)).items.flatMap((item) =>
    item.kind === 'event' ? [[item.point, item.journal, item.code]] : [],
  );

describe('СПОДЭС events', () => {
  it.each([
    [
      'a table in Russian',
      'Отчёт по событиям\nСчётчик;Дата и время;Журнал;Код события\n="00077";01.02.2025 10:11:12;Внешние воздействия;1\n',
    ],
    ['journals by OBIS', 'meter,time,log_obis,code\n00077,2025-02-01T10:11:12+08:00,0.0.99.98.4.255,1\n'],
    ['packed codes', 'meter\ttime\tevent_code\n00077\t2025-02-01 10:11:12\t0x0401\n'],
    ['JSON', '[{"meter_id":"00077","timestamp":"2025-02-01T10:11:12Z","journal":4,"code":1}]'],
    [
      'JSON in a wrapper',
      '{"events":[\n{"serial":"00077","at":"2025-02-01T10:11:12Z","journal":"external_impact","code":1}\n]}',
    ],
    ['NDJSON', '{"serial":"00077","at":"2025-02-01T10:11:12Z","code":"4.1"}\n'],
    ['the alarm register', '{"meter":"00077","time":"2025-02-01T10:11:12Z","alarm":"0x00000008"}\n'],
  ])('reads %s', async (_, text) => {
    expect(await recognisedBy(SPODES, Buffer.from(text))).toMatchObject({ kind: 'events' });
    expect(await events(text)).toEqual([['00077', 4, 1]]);
  });

  it('keeps the seconds', async () => {
    const { items } = await decoded(
      SPODES,
      '{"meter":"7","time":"2025-02-01T10:11:12+08:00","journal":4,"code":3}\n',
    );
    expect(items[0]).toMatchObject({ at: { utcMs: Date.parse('2025-02-01T10:11:12+08:00') } });
  });

  it('reads every bit of the alarm register that is an event of a journal', () => {
    const { events: found, others } = eventsOfAlarm((1 << 3) | (1 << 14) | (1 << 25) | 1);
    expect(found).toEqual([
      { journal: 4, code: 1 },
      { journal: 1, code: 13 },
    ]);
    expect(others).toBe(2);
    expect(
      eventsOfAlarm(0xffff_ffff).events.every(
        ({ journal, code }) => meterEventMeaning(journal, code).kind !== 'other',
      ),
    ).toBe(true);
  });

  it.each([
    ['no journal', 'meter,time,journal,code\n7,2025-02-01T10:11Z,9,1\n', 'journal', 2],
    ['no time', 'meter,time,journal,code\n7,yesterday,4,1\n', 'time', 2],
    ['no code', 'meter,time,journal,code\n7,2025-02-01T10:11Z,4,0\n', 'code', 2],
    [
      'no meter',
      '[{"meter":"7","time":"2025-02-01","journal":4,"code":1},\n{"meter":"","time":"2025-02-01","journal":4,"code":1}]',
      'meter',
      2,
    ],
  ])('tells of %s', async (_, text, field, line) => {
    const { problems } = await decoded(SPODES, text);
    expect(problems).toEqual([expect.objectContaining({ field, place: { line, path: '' } })]);
  });

  it('leaves other files alone', async () => {
    for (const text of [
      '',
      '{}',
      '[1,2]',
      'meter,time,kwh\n1,2025-01-01,2\n',
      '{"meter":"7","time":"2025-02-01","code":1}',
    ])
      expect(await recognisedBy(SPODES, Buffer.from(text))).toBeNull();
  });

  it('survives damage', async () => {
    await survivesDamage(
      SPODES,
      Buffer.from(
        '[{"meter":"7","time":"2025-02-01T10:11:12Z","journal":4,"code":1},\n{"meter":"8","time":"2025-02-01","alarm":"8"}]',
      ),
    );
    await survivesDamage(
      SPODES,
      Buffer.from('Счётчик;Дата и время;Журнал;Код\n7;01.02.2025 10:11:12;4;1\n8;02.02.2025;4;3\n'),
    );
  });
});

describeWithRealData('СПОДЭС tables', (folder) => {
  const table = <T>(name: string) =>
    JSON.parse(readFileSync(path.join(folder, 'formats', 'spodes', name), 'utf8')) as T;

  it('each code of the table is read under its journal’s OBIS', async () => {
    const codes = table<{ log_obis: string; code: number }[]>('spodes_events.json');
    const lines = codes.map(({ log_obis, code }) =>
      JSON.stringify({ meter: '7', time: '2025-02-01T00:00:00Z', journal: log_obis, code }),
    );
    expect(await events(lines.join('\n'))).toEqual(
      codes.map(({ log_obis, code }) => ['7', Number(log_obis.split('.')[4]), code]),
    );
  });

  it('bits of the alarm register begin what the table says they begin', () => {
    const bits = table<Record<string, string>>('push_event_bits.json');
    for (const [bit, text] of Object.entries(bits)) {
      const [event] = eventsOfAlarm(2 ** Number(bit)).events;
      if (!/магнитного поля - начало|клеммной крышки - начало|корпуса - начало/.test(text)) continue;
      expect(event?.journal).toBe(4);
    }
  });
});
