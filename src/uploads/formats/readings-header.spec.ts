import { describe, expect, it } from '@jest/globals';
import { parseReadingsHeader } from './readings-header.js';

const hours = Array.from({ length: 24 }, (_, hour) => `h${String(hour).padStart(2, '0')}`);
const days = Array.from({ length: 31 }, (_, day) => `d${String(day + 1).padStart(2, '0')}`);
const halfHours = Array.from(
  { length: 48 },
  (_, i) => `${String(i >> 1).padStart(2, '0')}:${i % 2 ? '30' : '00'}`,
);

describe('parseReadingsHeader', () => {
  it.each([
    ['metering_point,start,kwh', ',', -1],
    ['metering_point;start;kwh', ';', -1],
    ['metering_point\tstart\tkwh\tquality', '\t', 3],
    ['\ufeffMetering_Point,"Start",KWH', ',', -1],
    ['meter_id,start,kwh', ',', -1],
    ['transformer,start,kwh', ',', -1],
  ])('long: %j', (header, delimiter, qualityColumn) => {
    expect(parseReadingsHeader(header)).toMatchObject({
      layout: 'long',
      delimiter: delimiter.charCodeAt(0),
      idColumn: 0,
      startColumn: 1,
      kwhColumn: 2,
      qualityColumn,
    });
  });

  it.each([
    ['h00…h23', ['metering_point', 'date', ...hours], 60],
    ['00:00…23:30', ['meter_id', 'date', ...halfHours], 30],
    ['00:00-00:30…', ['meter_id', 'date', ...halfHours.map((label) => `${label}-23:59`)], 30],
    ['1…24', ['meter', 'date', ...hours.map((_, i) => String(i + 1))], 60],
    ['h0…h95', ['meter', 'date', ...Array.from({ length: 96 }, (_, i) => `h${i}`)], 15],
  ])('wide: %s', (_, columns, intervalMinutes) => {
    const layout = parseReadingsHeader(columns.join(';'));
    expect(layout).toMatchObject({ layout: 'wide', dateColumn: 1, intervalMinutes, ignoredColumns: [] });
    if (layout.layout !== 'wide') throw new Error('wide expected');
    expect([...layout.slotOfColumn].slice(0, 4)).toEqual([-1, -1, 0, 1]);
    expect(layout.slotOfColumn.at(-1)).toBe(1440 / intervalMinutes - 1);
  });

  it.each([
    [
      'a column called date',
      'metering_point,date,kwh',
      { layout: 'long', startColumn: 1, kwhColumn: 2, daily: true },
    ],
    ['a start', 'metering_point,start,kwh', { daily: false }],
    ['d01…d31', `meter,month,${days.join(',')}`, { layout: 'month', monthColumn: 1, intervalMinutes: 1440 }],
    ['1…31', `meter;month;${days.map((_, i) => i + 1).join(';')}`, { layout: 'month', monthColumn: 1 }],
  ])('days: %s', (_, header, expected) => {
    expect(parseReadingsHeader(header)).toMatchObject(expected);
  });

  it('names the columns it does not read', () => {
    const layout = parseReadingsHeader('operator,metering_point,start,kwh,gridwarden_line');
    expect(layout).toMatchObject({ idColumn: 1, ignoredColumns: ['operator', 'gridwarden_line'] });
  });

  it.each([
    ['', 'first line is empty'],
    ['metering_point|start|kwh', 'separated by «|»'],
    ['4001,2026-01-01T00:00,0.5', 'no header line'],
    ['a,b,c', 'No column metering_point'],
    ['metering_point,start,value', 'no kwh column'],
    ['metering_point,kwh,value', 'no start column'],
    [`metering_point,month,${days.slice(1).join(',')}`, 'metering_point,month,d01..d31'],
    [`metering_point,date,${hours.slice(1).join(',')}`, 'not 24, 48, 96 or 288'],
    ['just some text', 'not a header of readings'],
  ])('refuses %j', (header, reason) => {
    expect(() => parseReadingsHeader(header)).toThrow(reason);
  });
});
