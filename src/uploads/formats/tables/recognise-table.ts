import { parseZone, type Zone } from '../../../grid/domain/time-zone.js';
import type { Declined } from '../format.js';
import { Columns, NO_COLUMN } from './columns.js';
import type { TableRow } from './csv-rows.js';
import { datesHead, datesTable, NO_TIME } from './dates-table.js';
import { epochColumnOf, withoutEpoch } from './epoch.js';
import { pointAbove, tableHead, type TableHead } from './header.js';
import type { CommonLayout, TableLayout, TimeColumns } from './layout.js';
import { longOrRegisters } from './long-table.js';
import { presetOf, type Preset } from './presets.js';
import { declined } from './question.js';
import { slotsOf } from './slots.js';
import { orderBySteps, orderByWords, timeColumns } from './time-columns.js';
import { dateOrderOf, type DateOrder } from './times.js';
import type { NumberSettings } from './values.js';
import { wideTable } from './wide-table.js';
import { roleOf } from './words.js';

/** What the sender says beside the file. */
export interface TableSettings extends NumberSettings {
  readonly zone: Zone | null;
  /** Of a sheet. */
  readonly sheet?: string;
}

/** The layout of a table by its first rows; null when it is no table of meters; declined, with the question that is open. */
export function recogniseTable(
  rows: readonly TableRow[],
  settings: TableSettings,
): TableLayout | Declined | null {
  const dates = datesHead(rows);
  if (dates !== null) {
    const columns = new Columns(dates);
    const preset = presetOf(dates.names);
    const common = commonOf(dates, columns, preset, { time: NO_TIME, order: 'ymd', assumed: [] }, settings);
    return datesTable(dates, columns, common, preset, settings);
  }
  const head = tableHead(rows);
  if (head === null) return ofEpochs(rows, settings);
  const preset = presetOf(head.names);
  const columns = new Columns(head);
  const moments = momentsOf(head, columns);
  if (moments === null || 'declined' in moments) return moments;
  const common = commonOf(head, columns, preset, moments, settings);
  const slots = slotsOf(head.names, settings.options?.label ?? null);
  if (slots === 'unclear')
    return declined(
      'The columns of the day are clock times that may be the beginnings of the intervals or their ends',
      'a header that says so',
      'label',
    );
  return slots === null
    ? longOrRegisters(head, columns, common, preset, settings)
    : wideTable(head, columns, common, slots, preset, settings);
}

function ofEpochs(rows: readonly TableRow[], settings: TableSettings): TableLayout | Declined | null {
  const epochColumn = epochColumnOf(rows);
  if (epochColumn < 0) return null;
  const layout = recogniseTable(
    rows.map((row) => withoutEpoch(row, epochColumn)),
    settings,
  );
  return layout === null || 'declined' in layout ? layout : { ...layout, epochColumn };
}

interface Moments {
  readonly time: TimeColumns;
  readonly order: DateOrder;
  readonly assumed: readonly string[];
}

function momentsOf(head: TableHead, columns: Columns): Moments | Declined | null {
  const time = timeColumns(columns, head.names);
  const first = [time.range, time.start, time.end].find((column) => column >= 0);
  if (first === undefined) return null;
  const cells = columns.cells(first);
  const order = dateOrderOf(cells);
  if (order === 'none') return null;
  if (order !== null) return { time, order, assumed: [] };
  const bySteps = orderBySteps(cells);
  if (bySteps !== null)
    return {
      time,
      order: bySteps,
      assumed: [
        `Dates are read ${bySteps === 'dmy' ? 'day' : 'month'} first: only so do the file’s days follow one another.`,
      ],
    };
  const byWords = orderByWords(head.names);
  if (byWords === null)
    return declined(
      'Dates such as 01/02/2025 may be read day first or month first',
      'dates with the year in front (2025-02-01)',
    );
  return { time, order: byWords, assumed: ['Dates are read day first, as in the language of the header.'] };
}

function commonOf(
  head: TableHead,
  columns: Columns,
  preset: Preset | null,
  { time, order, assumed: ofTime }: Moments,
  settings: TableSettings,
): CommonLayout {
  const assumed = [...ofTime];
  const named = pointAbove(head);
  const point = pointColumnOf(columns, time, named ?? settings.options?.point ?? null);
  if (point.isGuess)
    assumed.push(
      `The metering point is what «${head.names[point.column]}» names, though its header does not say so.`,
    );
  const persons = head.names.filter((name) => roleOf(name) === 'person');
  if (persons.length > 0)
    assumed.push(`Columns of people and addresses were not read: ${persons.join(', ')}.`);
  const zone =
    preset?.countedIn === undefined || time.hoursFrom !== 1
      ? null
      : (settings.zone ?? parseZone(preset.countedIn));
  if (zone !== null)
    assumed.push(`Hours are counted through the local day of ${zone.name}, 23 to 25 of them.`);
  if (time.isUtc) assumed.push('Times are UTC, as the header says.');
  return {
    title: preset?.title ?? '',
    dataLine: head.sample[0]?.line ?? 1,
    names: head.names,
    pointColumn: point.column,
    point: point.column >= 0 ? null : (named ?? settings.options?.point ?? sheetName(settings)),
    serialColumn: columns.find('serial'),
    qualityColumn: columns.find('quality'),
    unitColumn: columns.find('unit'),
    registerColumn: columns.find('register'),
    commodityColumn: columns.isWordy('commodity') ? columns.find('commodity') : NO_COLUMN,
    intervalColumn: columns.isWordy('interval') ? columns.find('interval') : NO_COLUMN,
    ratioColumn: columns.find('ratio'),
    persons: head.names.flatMap((name, column) => (roleOf(name) === 'person' ? [column] : [])),
    dateOrder: order,
    time,
    assumed,
    countedIn: zone,
    epochColumn: NO_COLUMN,
  };
}

/** By its header; else, where nothing else names the point, by cells that look like ids. */
function pointColumnOf(
  columns: Columns,
  time: TimeColumns,
  said: string | null,
): { column: number; isGuess: boolean } {
  const named = columns.find('point') >= 0 ? columns.find('point') : columns.find('serial');
  if (named >= 0 || said !== null) return { column: named, isGuess: false };
  const column = columns.idByContent([time.start, time.startTime, time.end, time.endTime, time.range]);
  return { column, isGuess: column >= 0 };
}

function sheetName({ sheet }: TableSettings): string | null {
  const isPlain = /^(sheet|лист|tabelle|feuil|hoja|data|export|report|отч[её]т|blad|foglio)\s?\d*$/i;
  return sheet === undefined || isPlain.test(sheet) ? null : sheet;
}
