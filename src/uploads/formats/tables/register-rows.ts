import type { FoundTime } from '../format.js';
import type { TableRow } from './csv-rows.js';
import type { RegisterTable } from './layout.js';
import type { RowReader } from './row-reader.js';
import type { CellTime } from './times.js';

/** What the registers of one row show. */
export function registerRow(
  layout: RegisterTable,
  reader: RowReader,
  row: TableRow,
  { point, time, ratio }: { point: string; time: CellTime; ratio: number },
): void {
  const { cells, line } = row;
  const serial = layout.serialColumn < 0 ? '' : (cells[layout.serialColumn] ?? '');
  // Dutch meters say by their first letter what they count.
  if (/^G\d{5,}/.test(serial) && layout.title.startsWith('Liander'))
    return reader.note('Rows of gas, water and heat are passed over.');
  const at: FoundTime =
    time.offsetMinutes === null
      ? { localMinutes: time.localMinutes, zone: null }
      : { utcMs: (time.localMinutes - time.offsetMinutes) * 60_000 };
  for (const value of layout.values) {
    const read = reader.read(row, value.column, value);
    if (read === null || Number.isNaN(read.number)) continue;
    if (read.number < 0) {
      reader.fault(row, value.name, 'negative', `${cells[value.column]} is negative: a register counts up.`);
      continue;
    }
    reader.found.push({
      kind: 'register',
      point,
      serial,
      zone: value.zone,
      at,
      kwh: (read.number * ratio * (value.unit?.whPerUnit ?? 1000)) / 1000,
      ctRatio: 1,
      quality: read.quality,
      place: { line, path: reader.path },
    });
  }
}
