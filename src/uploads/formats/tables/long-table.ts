import type { Declined } from '../format.js';
import { NO_COLUMN, type Columns } from './columns.js';
import type { TableHead } from './header.js';
import { intervalOf, isCumulative, onlyFinest, repeatsTimes } from './intervals.js';
import { labelOf } from './label.js';
import type { CommonLayout, LongTable, RegisterTable, ValueColumn } from './layout.js';
import type { Preset } from './presets.js';
import { declined } from './question.js';
import type { TableSettings } from './recognise-table.js';
import { registerTable } from './register-table.js';
import { exportOf, markOf, unitByMagnitude, unitFor, unitSaid } from './values.js';
import {
  isConsumption,
  isExport,
  isReactive,
  isRegisterName,
  isTariff,
  isTotal,
  roleOf,
  unitOf,
} from './words.js';

/** A table of one reading a line: energies by interval, or readings of registers. */
export function longOrRegisters(
  head: TableHead,
  columns: Columns,
  found: CommonLayout,
  preset: Preset | null,
  settings: TableSettings,
): LongTable | RegisterTable | Declined | null {
  const candidates = columns.values([found.time.startTime, found.pointColumn]);
  if (candidates.length === 0) return null;
  const registers = candidates.filter((column) => isRegisterName(head.names[column]));
  const named = candidates.filter(
    (column) =>
      !registers.includes(column) &&
      (isConsumption(head.names[column]) ||
        isExport(head.names[column]) ||
        unitOf(head.names[column]) !== null),
  );
  if (registers.length > 0 && (named.length === 0 || preset?.title.startsWith('Liander')))
    return registerTable(head, columns, found, registers, preset, settings);
  const meters =
    named.length === 0 &&
    found.pointColumn < 0 &&
    candidates.every((column) => /\d/.test(head.names[column]));
  const chosen = meters ? candidates : named.length > 0 ? named : candidates.length === 1 ? candidates : [];
  if (chosen.length === 0) return null;
  const common = withRegisters(head, columns, found);
  if ('declined' in common) return common;
  const interval = intervalOf(head, common, columns);
  if (interval === null) return null;
  const read = valuesOf(
    head,
    columns,
    common,
    usedOf(head, chosen, meters),
    meters,
    interval,
    preset,
    settings,
  );
  if ('declined' in read) return read;
  const label = labelOf(head, common, columns, preset, settings, interval);
  if (label === null)
    return declined(
      `The times in «${head.names[common.time.start]}» may be the beginnings of the intervals or their ends`,
      'a header that says so',
      'label',
    );
  const table: LongTable = {
    ...common,
    form: 'long',
    label: label.label,
    intervalMinutes: interval,
    values: read.values,
    isNewestFirst: label.isNewestFirst,
    assumed: [
      ...new Set([...common.assumed, ...read.assumed, ...(label.assumed === null ? [] : [label.assumed])]),
    ],
  };
  return isCumulative(table, head)
    ? declined(
        'The values only grow, as a register’s do, and the header does not call them readings of one',
        'a header that says so, or energies by interval',
      )
    : table;
}

/** Of the columns of energy, those that are read: no total beside its parts, no power beside energy. */
function usedOf(head: TableHead, chosen: readonly number[], meters: boolean): readonly number[] {
  if (meters) return chosen;
  const energies = chosen.filter((column) => unitOf(head.names[column])?.isPower !== true);
  const plain = energies.some((column) => unitOf(head.names[column]) !== null) ? energies : chosen;
  const totals = plain.filter((column) => isTotal(head.names[column]));
  return totals.length > 0 && totals.length < plain.length ? totals : plain;
}

/** Rows that say one time again are told apart by a column that no header names: by its words, or not at all. */
function withRegisters(head: TableHead, columns: Columns, common: CommonLayout): CommonLayout | Declined {
  if (!repeatsTimes(head, common)) return common;
  const names = columns.wordy().filter((column) => column !== common.pointColumn);
  const registerColumn =
    common.registerColumn >= 0
      ? NO_COLUMN
      : (names.find((column) =>
          columns
            .cells(column)
            .some((cell) => isExport(cell) || isReactive(cell) || isTariff(cell) || unitOf(cell) !== null),
        ) ?? NO_COLUMN);
  const told = { ...common, registerColumn };
  if (registerColumn >= 0 && !repeatsTimes(head, told)) return told;
  return declined(
    'Several rows of a metering point state the same time, and no column says what tells them apart',
    'a file with a column of hours or times, or with one direction and one meter a row',
  );
}

function valuesOf(
  head: TableHead,
  columns: Columns,
  common: CommonLayout,
  used: readonly number[],
  meters: boolean,
  interval: number,
  preset: Preset | null,
  settings: TableSettings,
): { values: readonly ValueColumn[]; assumed: readonly string[] } | Declined {
  const values: ValueColumn[] = [];
  const assumed: string[] = [];
  const statesUnit = (column: number) =>
    column >= 0 && columns.cells(column).some((cell) => unitOf(cell) !== null);
  const isOfRow = statesUnit(common.unitColumn) || statesUnit(common.registerColumn);
  for (const column of used) {
    const name = head.names[column];
    const mark = markOf(columns.cells(column), settings);
    if (mark === null)
      return declined(
        `The values of «${name}» may have a decimal comma or groups of thousands`,
        'a file with decimals written with a point',
      );
    const found = isOfRow
      ? { unit: null, assumed: [] }
      : (unitFor(name, head, preset) ??
        unitSaid(settings) ??
        unitByMagnitude(columns.numbers(column), interval));
    if (found === null)
      return declined('The file does not say the unit of its values', 'a header with kWh', 'unit');
    assumed.push(...found.assumed);
    const point = meters ? meterOf(name) : null;
    values.push({ column, name, channel: exportOf(name), unit: found.unit, mark, point });
  }
  const finest = onlyFinest(values);
  if (finest.length < values.length)
    assumed.push(
      `Of columns of several interval lengths one is read: ${finest.map(({ name }) => name).join(', ')}.`,
    );
  const left = columns
    .values()
    .filter(
      (column) =>
        !used.includes(column) && unitOf(head.names[column]) !== null && roleOf(head.names[column]) === null,
    );
  if (left.length > 0 && !meters)
    assumed.push(
      `Beside what is read, these are not added: ${left.map((column) => head.names[column]).join(', ')}.`,
    );
  return { values: finest, assumed };
}

/** `IN-859182400100000001-D` is written with what the number is of. */
function meterOf(name: string): string {
  return name.replace(/\s*\(?(kwh|квт\W?ч)\)?\s*$/i, '').trim();
}
