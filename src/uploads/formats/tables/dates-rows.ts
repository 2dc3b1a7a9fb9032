import type { TableRow } from './csv-rows.js';
import type { DatesTable } from './layout.js';
import type { PointDays } from './point-days.js';
import { NET_NOTE, whPerValue, type RowReader } from './row-reader.js';

/** Puts a row of a table of dates into the days of its point. False: the row is no interval of the day. */
export function datesRow(
  layout: DatesTable,
  reader: RowReader,
  days: PointDays,
  row: TableRow,
  { point, ratio, section }: { point: string; ratio: number; section: number },
): boolean {
  const name = layout.slots === null ? '' : (row.cells[layout.slots.column] ?? '');
  const slot = layout.slots === null ? 0 : layout.slots.of.get(name);
  if (slot === undefined) return false;
  const perValue = whPerValue(layout.value.unit, layout.intervalMinutes) * ratio;
  for (const { column, localMinutes } of layout.days) {
    const read = reader.read(row, column, { ...layout.value, column, name: layout.names[column] });
    if (read === null) continue;
    const { number, quality } = read;
    const wh = number * perValue;
    // A blank is said by no value: of the hour that comes twice, only the day of 25 hours has the second.
    if (Number.isNaN(wh)) continue;
    const minutes = localMinutes + slot * layout.intervalMinutes;
    const common = { point, section, register: '', minutes, isInstant: false, quality, line: row.line };
    if (wh < 0) {
      reader.note(NET_NOTE);
      days.add({ ...common, channel: 'export', wh: -wh });
    }
    days.add({ ...common, channel: layout.value.channel, wh: Math.max(0, wh) });
  }
  return true;
}
