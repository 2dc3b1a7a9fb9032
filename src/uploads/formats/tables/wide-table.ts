import { parseZone } from '../../../grid/domain/time-zone.js';
import type { Declined } from '../format.js';
import { NO_COLUMN, type Columns } from './columns.js';
import type { TableHead } from './header.js';
import type { CommonLayout, ValueColumn, WideTable } from './layout.js';
import type { Preset } from './presets.js';
import { declined } from './question.js';
import type { TableSettings } from './recognise-table.js';
import type { DaySlots } from './slots.js';
import { exportOf, markOf, numbersOf, unitByMagnitude, unitFor, unitSaid } from './values.js';

/** Cells by whose size a missing unit is told. */
const MOST_CELLS = 20_000;

export function wideTable(
  head: TableHead,
  columns: Columns,
  common: CommonLayout,
  { slots, intervalMinutes, isEnd, extra }: DaySlots,
  preset: Preset | null,
  settings: TableSettings,
): WideTable | Declined {
  const cells = slots.flatMap(({ column }) => columns.cells(column)).slice(0, MOST_CELLS);
  const value = oneValue(head, columns, cells, intervalMinutes, preset, settings);
  if ('declined' in value) return value;
  const zone = extra.length === 0 ? null : (settings.zone ?? parseZone(preset?.countedIn ?? ''));
  const assumed = [
    ...common.assumed,
    ...value.assumed,
    ...(isEnd ? ['The columns of the day are counted from 1, or name the ends of the intervals.'] : []),
    ...(extra.length > 0 && zone !== null
      ? [`A day with values after its 24th hour is counted through the local day of ${zone.name}.`]
      : []),
  ];
  return {
    ...common,
    form: 'wide',
    intervalMinutes,
    slots,
    extra,
    countedIn: zone,
    value: value.value,
    assumed,
  };
}

/** What all cells of a table have in common: unit, decimal mark, direction. */
export function oneValue(
  head: TableHead,
  columns: Columns,
  cells: readonly string[],
  intervalMinutes: number,
  preset: Preset | null,
  settings: TableSettings,
): { value: ValueColumn; assumed: readonly string[] } | Declined {
  const unit =
    unitFor(head.names[0] ?? '', head, preset) ??
    unitSaid(settings) ??
    unitByMagnitude(numbersOf(cells), intervalMinutes);
  if (unit === null)
    return declined('The file does not say the unit of its values', 'a column or a header with kWh', 'unit');
  const mark = markOf(cells, settings);
  if (mark === null)
    return declined(
      'The values may have a decimal comma or groups of thousands',
      'a file with decimals written with a point',
    );
  const channel = exportOf(
    [head.names[columns.find('register')] ?? '', ...head.preamble.flatMap((row) => row.cells)].join(' '),
  );
  const value = { column: NO_COLUMN, name: '', channel, unit: unit.unit, mark, point: null };
  return { value, assumed: unit.assumed };
}
