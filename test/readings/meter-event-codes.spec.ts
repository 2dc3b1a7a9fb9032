import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { meterEventMeaning, type MeterEventKind } from '../../src/readings/domain/meter-events.js';
import { describeWithRealData } from '../support/shared-data.js';

interface Described {
  readonly log_obis: string;
  readonly code: number;
  readonly ru: string;
}

/** Words of the standard's own Russian descriptions, and the kind they must come out as; the first that fits. */
const WORDS: readonly [RegExp, number[], MeterEventKind][] = [
  [
    /наличие тока при отсутствии напряжения|по наличию тока при отсутствии/i,
    [1, 2],
    'current_without_voltage',
  ],
  [/наличие тока при выключенном реле/i, [1], 'current_with_relay_off'],
  [/магнитно/i, [2, 4], 'magnetic_field'],
  [/ВЧ поля/, [4], 'radio_field'],
  [/крышки клеммников/i, [4], 'terminal_cover_opened'],
  [/пломбы корпуса/i, [4], 'cover_opened'],
  [/последовательность фаз /i, [0], 'phase_reversed'],
  [/^Фаза .*(пропадание|восстановление) напряжения/i, [0], 'phase_lost'],
  [/экспорт/i, [1], 'reverse_flow'],
  [/обрыв трансформатора тока|восстановление трансформатора тока/i, [1], 'ct_broken'],
  [/замыкани. трансформатора тока/i, [1], 'ct_shorted'],
  [/разбаланс токов/i, [1], 'current_imbalance'],
  [/коэффициента трансформации/i, [3], 'ratio_changed'],
  [/^Установка времени$|^Коррекция времени|часового пояса/i, [3], 'clock_changed'],
  [/несанкционированного доступа/i, [6], 'unauthorised_access'],
];

describeWithRealData('the standard’s list of events', (folder) => {
  const file = path.join(folder, 'formats', 'spodes', 'spodes_events.json');
  const events = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Described[]) : [];

  it('means what its words say', () => {
    const wrong: string[] = [];
    let checked = 0;
    for (const { log_obis, code, ru } of events) {
      const journal = Number(log_obis.split('.')[4]);
      const { kind, edge } = meterEventMeaning(journal, code);
      const wanted = WORDS.find(([words, journals]) => journals.includes(journal) && words.test(ru))?.[2];
      if (wanted !== undefined) checked++;
      if (wanted !== undefined && kind !== wanted) wrong.push(`${journal},${code} ${ru}: ${kind}`);
      if (kind === 'programmed' || kind === 'other') continue;
      if (/начало/i.test(ru) && edge !== 'start') wrong.push(`${journal},${code} ${ru}: ${edge}`);
      if (/окончание|завершение/i.test(ru) && edge !== 'end') wrong.push(`${journal},${code} ${ru}: ${edge}`);
    }
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(40);
  });
});
