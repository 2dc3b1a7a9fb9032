import { parseZone, type Zone } from '../../../grid/domain/time-zone.js';
import type { UploadOptions } from '../../domain/upload-options.js';
import type { Declined } from '../format.js';
import type { TableRow } from './csv-rows.js';
import { pointOfLine, tableHead, type TableHead } from './header.js';
import type { Channel, RegisterTable, TableLayout, TimeColumns, ValueColumn } from './layout.js';
import { decimalMarkOf, isMissing, looksNumeric, numberFrom, type DecimalMark } from './numbers.js';
import { presetOf, type Preset } from './presets.js';
import { slotsOf } from './slots.js';
import { labelledTime, rowTime } from './row-time.js';
import { dateOrderOf, looksLikeDate, timeFrom } from './times.js';
import {
  isConsumption,
  isExport,
  isRegisterName,
  isTotal,
  normalised,
  roleOf,
  saysWhichEnd,
  unitOf,
  type Role,
  type Unit,
} from './words.js';

/** What the sender says beside the file. */
export interface TableSettings {
  readonly zone: Zone | null;
  readonly options?: UploadOptions;
  /** Decimal comma where numbers alone don't tell: files cut by semicolons come from places that write one. */
  readonly delimiter: string;
  /** Of a sheet. */
  readonly sheet?: string;
}

const NO_COLUMN = -1;
const INTERVALS = [5, 10, 15, 20, 30, 60, 1440];
const ZONES = ['T1', 'T2', 'T3', 'T4'] as const;

/** The layout of a table by its first rows; null when it is no table of meters; declined, with the question that is open. */
export function recogniseTable(
  rows: readonly TableRow[],
  settings: TableSettings,
): TableLayout | Declined | null {
  const head = tableHead(rows);
  if (head === null) return null;
  const preset = presetOf(head.names);
  const columns = new Columns(head);
  const common = commonOf(head, columns, preset, settings);
  if (common === null) return null;
  if ('declined' in common) return common;
  const slots = slotsOf(head.names, settings.options?.label ?? null);
  if (slots === 'unclear')
    return declined(
      'The columns of the day are clock times that may be the beginnings of the intervals or their ends',
      'a header that says so',
      'label=start or label=end',
    );
  if (slots !== null) {
    const unit =
      unitFor('', head, preset) ??
      unitSaid(settings) ??
      unitByMagnitude(columns.numbers(slots.slots[0].column), slots.intervalMinutes);
    if (unit === null)
      return declined(
        'The file does not say the unit of its values',
        'a column or a header with kWh',
        'unit=kWh or another',
      );
    const mark = markOf(
      slots.slots.flatMap(({ column }) => columns.cells(column)),
      settings,
    );
    if (mark === null)
      return declined(
        'The values may have a decimal comma or groups of thousands',
        'a file with decimals written with a point',
      );
    const channel = exportOf(
      [head.names[columns.find('register')] ?? '', ...head.preamble.flatMap(({ cells }) => cells)].join(' '),
    );
    const value: ValueColumn = { column: NO_COLUMN, name: '', channel, unit: unit.unit, mark, point: null };
    const assumed = [
      ...common.assumed,
      ...unit.assumed,
      ...(slots.isEnd
        ? ['The columns of the day are counted from 1, or name the ends of the intervals.']
        : []),
    ];
    return {
      ...common,
      form: 'wide',
      intervalMinutes: slots.intervalMinutes,
      slots: slots.slots,
      value,
      assumed,
    };
  }
  return longOrRegisters(head, columns, common, preset, settings);
}

type Common = Omit<RegisterTable, 'form' | 'values'>;

function commonOf(
  head: TableHead,
  columns: Columns,
  preset: Preset | null,
  settings: TableSettings,
): Common | Declined | null {
  const time = timeColumns(columns);
  const first = [time.range, time.start, time.end].find((column) => column >= 0);
  if (first === undefined) return null;
  const order = dateOrderOf(columns.cells(first));
  if (order === 'none') return null;
  const namesOrder = order ?? orderByWords(head.names);
  if (namesOrder === null)
    return declined(
      'Dates such as 01/02/2025 may be read day first or month first',
      'dates with the year in front (2025-02-01)',
    );
  const pointColumn = columns.find('point') >= 0 ? columns.find('point') : columns.find('serial');
  const named =
    head.preamble.map(({ cells }) => pointOfLine(cells)).findLast((found) => found !== null) ?? null;
  const sheet =
    settings.sheet === undefined ||
    /^(sheet|лист|tabelle|feuil|hoja|data|export|report|отч[её]т|blad|foglio)\s?\d*$/i.test(settings.sheet)
      ? null
      : settings.sheet;
  const persons = head.names.filter((name) => roleOf(name) === 'person');
  const assumed: string[] = [];
  if (persons.length > 0)
    assumed.push(`Columns of people and addresses were not read: ${persons.join(', ')}.`);
  const zone =
    preset?.countedIn === undefined || time.hoursFrom !== 1
      ? null
      : (settings.zone ?? parseZone(preset.countedIn));
  if (zone !== null)
    assumed.push(`Hours are counted through the local day of ${zone.name}, 23 to 25 of them.`);
  if (order === null) assumed.push('Dates are read day first, as in the language of the header.');
  return {
    title: preset?.title ?? '',
    dataLine: head.sample[0]?.line ?? 1,
    names: head.names,
    pointColumn,
    point: pointColumn >= 0 ? null : (named ?? settings.options?.point ?? sheet),
    serialColumn: columns.find('serial'),
    qualityColumn: columns.find('quality'),
    unitColumn: columns.find('unit'),
    registerColumn: columns.find('register'),
    commodityColumn: columns.isWordy('commodity') ? columns.find('commodity') : NO_COLUMN,
    intervalColumn: columns.isWordy('interval') ? columns.find('interval') : NO_COLUMN,
    ratioColumn: columns.find('ratio'),
    persons: head.names.flatMap((name, column) => (roleOf(name) === 'person' ? [column] : [])),
    dateOrder: namesOrder,
    time,
    assumed,
    countedIn: zone,
  };
}

function timeColumns(columns: Columns): TimeColumns {
  const dated = (role: Role) => {
    const column = columns.find(role);
    return column >= 0 && columns.cells(column).some(looksLikeDate) ? column : NO_COLUMN;
  };
  const range = columns.ranges();
  let start = dated('start');
  let startTime = NO_COLUMN;
  if (start < 0) {
    start = dated('date');
    startTime = columns.find('start-time') >= 0 ? columns.find('start-time') : columns.find('hour');
    if (startTime < 0 && start >= 0) startTime = columns.clockColumn('start');
  }
  const endDate = dated('end-date');
  const end = endDate >= 0 ? endDate : dated('end');
  const endTime = endDate >= 0 ? columns.find('end-time') : NO_COLUMN;
  if (start < 0 && end < 0 && range < 0) {
    start = dated('hour') >= 0 ? dated('hour') : columns.firstDated();
    if (startTime === start) startTime = NO_COLUMN;
  }
  const hours = startTime < 0 ? [] : columns.cells(startTime).filter((cell) => cell !== '');
  const isCounted = hours.length > 0 && hours.every((cell) => /^\d{1,2}$/.test(cell));
  const hoursFrom = isCounted ? (hours.some((cell) => Number(cell) === 0) ? 0 : 1) : null;
  return { range, start, startTime, end, endTime, hoursFrom };
}

/** Day first where a header is of a language that writes so; English says nothing (4 July or 7 April). */
function orderByWords(names: readonly string[]): 'dmy' | null {
  const plain = names.map(normalised).join(' ');
  return /[а-я]|fecha|giorno|datum|dato|\bfra\b|heure|volume eenheid|uhrzeit|mprn/.test(plain) ? 'dmy' : null;
}

function longOrRegisters(
  head: TableHead,
  columns: Columns,
  common: Common,
  preset: Preset | null,
  settings: TableSettings,
): TableLayout | Declined | null {
  const candidates = columns.values();
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
    return registerTable(head, columns, common, registers, preset, settings);
  const meters =
    named.length === 0 &&
    common.pointColumn < 0 &&
    candidates.every((column) => /\d/.test(head.names[column]));
  const chosen = meters ? candidates : named.length > 0 ? named : candidates.length === 1 ? candidates : [];
  if (chosen.length === 0) return null;
  const totals = chosen.filter((column) => isTotal(head.names[column]));
  // A total beside its parts would count them twice.
  const used = totals.length > 0 && totals.length < chosen.length && !meters ? totals : chosen;
  const interval = intervalOf(head, common, columns);
  if (interval === null) return null;
  const values: ValueColumn[] = [];
  const assumed = [...common.assumed];
  for (const column of used) {
    const name = head.names[column];
    const mark = markOf(columns.cells(column), settings);
    if (mark === null)
      return declined(
        `The values of «${name}» may have a decimal comma or groups of thousands`,
        'a file with decimals written with a point',
      );
    const ofRow =
      (common.unitColumn >= 0 && columns.cells(common.unitColumn).some((cell) => unitOf(cell) !== null)) ||
      (common.registerColumn >= 0 &&
        columns.cells(common.registerColumn).some((cell) => unitOf(cell) !== null));
    const found = ofRow
      ? { unit: null, assumed: [] }
      : (unitFor(name, head, preset) ??
        unitSaid(settings) ??
        unitByMagnitude(columns.numbers(column), interval));
    if (found === null)
      return declined(
        'The file does not say the unit of its values',
        'a header with kWh',
        'unit=kWh or another',
      );
    assumed.push(...found.assumed);
    values.push({
      column,
      name,
      channel: exportOf(name),
      unit: found.unit,
      mark,
      point: meters ? meterOf(name) : null,
    });
  }
  const finest = onlyFinest(values);
  if (finest.length < values.length)
    assumed.push(
      `Of columns of several interval lengths one is read: ${finest.map(({ name }) => name).join(', ')}.`,
    );
  const label = labelOf(head, common, columns, preset, settings, interval);
  if (label === null)
    return declined(
      `The times in «${head.names[common.time.start]}» may be the beginnings of the intervals or their ends`,
      'a header that says so',
      'label=start or label=end',
    );
  if (label.assumed !== null) assumed.push(label.assumed);
  const table: TableLayout = {
    ...common,
    form: 'long',
    label: label.label,
    intervalMinutes: interval,
    values: finest,
    isNewestFirst: label.isNewestFirst,
    assumed: [...new Set(assumed)],
  };
  return isCumulative(table, head)
    ? declined(
        'The values only grow, as a register’s do, and the header does not call them readings of one',
        'a header that says so, or energies by interval',
      )
    : table;
}

function registerTable(
  head: TableHead,
  columns: Columns,
  common: Common,
  found: readonly number[],
  preset: Preset | null,
  settings: TableSettings,
): RegisterTable | Declined {
  const imports = found.filter((column) => exportOf(head.names[column]) === 'import');
  const ofLiander = preset?.title.startsWith('Liander') ?? false;
  const used = (ofLiander ? imports.slice(0, 2) : imports).slice(0, 5);
  const values = used.map((column, at): RegisterTable['values'][number] => {
    const name = head.names[column];
    const said = /[tт]\s?([1-4])|(?:tarief|zone|зона|тариф)\s?([1-4])/i.exec(name);
    const number = said === null ? null : Number(said[1] ?? said[2]);
    const zone =
      isTotal(name) || (used.length === 1 && number === null) ? 'total' : ZONES[(number ?? at + 1) - 1];
    const unit = (unitFor(name, head, preset) ?? unitSaid(settings))?.unit ?? {
      whPerUnit: 1000,
      isPower: false,
    };
    return {
      column,
      name,
      channel: 'import',
      unit,
      mark: markOf(columns.cells(column), settings) ?? '.',
      point: null,
      zone,
    };
  });
  const assumed = [
    ...common.assumed,
    'Dates without a time are taken for readings at their midnight.',
    ...(ofLiander
      ? [
          'reading1 and reading2 are taken for the tariffs of what is delivered; reading3 and reading4, what is returned, are not read.',
        ]
      : []),
  ];
  return { ...common, form: 'registers', values, assumed };
}

function labelOf(
  head: TableHead,
  common: Common,
  columns: Columns,
  preset: Preset | null,
  settings: TableSettings,
  interval: number,
): { label: 'start' | 'end'; isNewestFirst: boolean; assumed: string | null } | null {
  const { time } = common;
  const times = head.sample
    .map((row) => labelledTime(row.cells, common)?.localMinutes)
    .filter((each) => each !== undefined);
  const isNewestFirst = times.length > 1 && times[0] > times[times.length - 1];
  const is = (label: 'start' | 'end', assumed: string | null = null) => ({ label, isNewestFirst, assumed });
  if (settings.options?.label !== undefined) return is(settings.options.label);
  if (time.range >= 0 || interval === 1440) return is('start');
  if (time.start < 0) return is('end');
  const startName = head.names[time.startTime >= 0 ? time.startTime : time.start];
  if (time.end >= 0 || saysWhichEnd(startName)) return is('start');
  if (preset?.label !== undefined) return is(preset.label);
  if (time.hoursFrom === 0) return is('start', 'Hours are counted from 0.');
  const clocks = columns.cells(time.startTime >= 0 ? time.startTime : time.start);
  if (
    clocks.some(
      (cell) => /24[:.]00|[:.]59([:.]59)?$/.test(cell) || (time.hoursFrom === 1 && Number(cell) >= 24),
    )
  )
    return is('end', 'Times run to 24:00: they are the ends of the intervals.');
  if (times.length === 0) return null;
  const edge = isNewestFirst ? times[0] : Math.min(...times.slice(0, 50));
  const minute = ((edge % 1440) + 1440) % 1440;
  if (isNewestFirst ? minute === 1440 - interval : minute === 0)
    return is(
      'start',
      'The file begins at 00:00 and its times are taken for the beginnings of the intervals.',
    );
  if (isNewestFirst ? minute === 0 : minute === interval)
    return is(
      'end',
      'The file does not begin at 00:00 but one interval later: its times are taken for the ends of the intervals.',
    );
  return null;
}

/** Minutes between readings of one point, or null when it is none that is read. */
function intervalOf(head: TableHead, common: Common, columns: Columns): number | null {
  const { time } = common;
  const stated = head.names
    .map((name) => /(?:kwh|квтч)\s(15|30|60)\s/.exec(normalised(name))?.[1])
    .find((found) => found !== undefined);
  if (stated !== undefined) return Number(stated);
  const steps: number[] = [];
  const byPoint = new Map<string, number[]>();
  for (const { cells } of head.sample) {
    const start = labelledTime(cells, common);
    if (start === null) continue;
    const end = common.time.start < 0 && common.time.range < 0 ? null : rowTime(cells, common, 'end');
    // Where the clock is put back a row may end where it began.
    if (end !== null && end.localMinutes > start.localMinutes)
      steps.push(end.localMinutes - start.localMinutes);
    const key = `${cells[common.pointColumn] ?? ''} ${cells[common.intervalColumn] ?? ''} ${cells[common.commodityColumn] ?? ''}`;
    const times = byPoint.get(key) ?? [];
    byPoint.set(key, times);
    times.push(start.localMinutes);
  }
  if (steps.length === 0) {
    for (const times of byPoint.values()) {
      const sorted = [...new Set(times)].sort((a, b) => a - b);
      for (let at = 1; at < sorted.length; at++) steps.push(sorted[at] - sorted[at - 1]);
    }
  }
  if (steps.length === 0)
    return time.startTime < 0 && time.range < 0 && columns.isDateOnly(time.start) ? 1440 : null;
  const step = Math.min(...steps);
  return INTERVALS.includes(step) || 60 % step === 0 ? step : null;
}

/** Where one reading stands in columns of several interval lengths («60 min», «15 min»), those of the shortest. */
function onlyFinest(values: readonly ValueColumn[]): ValueColumn[] {
  const minutes = values.map(({ name }) => Number(/(?:^|\D)(5|15|30|60)\s?-?\s?min/i.exec(name)?.[1] ?? NaN));
  const stated = minutes.filter((each) => !Number.isNaN(each));
  if (new Set(stated).size < 2) return [...values];
  const finest = Math.min(...stated);
  return values.filter((_, at) => minutes[at] === finest);
}

function isCumulative(
  { values, pointColumn }: TableLayout & { form: 'long' },
  { sample }: TableHead,
): boolean {
  if (values.length !== 1) return false;
  const [{ column, mark }] = values;
  const first = sample[0]?.cells[pointColumn];
  const numbers = sample
    .filter(({ cells }) => cells[pointColumn] === first)
    .map(({ cells }) => numberFrom(cells[column] ?? '', mark) ?? NaN)
    .filter((value) => !Number.isNaN(value));
  if (numbers.length < 20) return false;
  const steps = numbers.slice(1).map((value, at) => value - numbers[at]);
  const grows = steps.every((step) => step >= 0) || steps.every((step) => step <= 0);
  const largest = Math.max(...steps.map(Math.abs));
  return grows && largest > 0 && Math.min(...numbers) > 10 * largest;
}

interface FoundUnit {
  readonly unit: Omit<Unit, 'text'> | null;
  readonly assumed: readonly string[];
}

function unitFor(name: string, head: TableHead, preset: Preset | null): FoundUnit | null {
  const own = unitOf(name);
  if (own !== null) return { unit: own, assumed: ofPower(own) };
  const above =
    unitOf(head.preamble.flatMap(({ cells }) => cells).join(' ')) ??
    unitOf(head.names.filter((each) => roleOf(each) === null).join(' '));
  if (above !== null) return { unit: above, assumed: ofPower(above) };
  if (preset?.unit === undefined) return null;
  return {
    unit: { whPerUnit: 1000, isPower: false },
    assumed: [`Values are in ${preset.unit}, as ${preset.title} sends them.`],
  };
}

function ofPower({ isPower, text }: Unit): string[] {
  return isPower ? [`Values in ${text} are average power: each × its interval is taken for the energy.`] : [];
}

function unitSaid({ options }: TableSettings): FoundUnit | null {
  const unit = options?.unit === undefined ? null : unitOf(options.unit);
  return unit === null ? null : { unit, assumed: [`Values are in ${unit.text}, as the upload says.`] };
}

/** No home takes 50 kW an hour, none is metered to a thousandth of a Wh: what lies between stays a question. */
function unitByMagnitude(values: readonly number[], intervalMinutes: number): FoundUnit | null {
  const present = values.filter((value) => !Number.isNaN(value) && value !== 0).map(Math.abs);
  if (present.length < 10) return null;
  const perHour = 60 / Math.min(intervalMinutes, 60);
  const largest = Math.max(...present) * perHour;
  const isFractional = present.some((value) => !Number.isInteger(value));
  const text =
    isFractional && largest < (intervalMinutes === 1440 ? 1000 : 50)
      ? 'kWh'
      : !isFractional && largest > 500 && median(present) * perHour > 20
        ? 'Wh'
        : null;
  if (text === null) return null;
  return {
    unit: { whPerUnit: text === 'kWh' ? 1000 : 1, isPower: false },
    assumed: [`The file states no unit; by their size the values are taken for ${text}.`],
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function markOf(cells: readonly string[], { delimiter }: TableSettings): DecimalMark | null {
  const mark = decimalMarkOf(cells.filter((cell) => looksNumeric(cell)));
  if (mark === 'none') return '.';
  if (mark !== null) return mark;
  return delimiter === ',' ? null : ',';
}

function exportOf(name: string): Channel {
  return isExport(name) ? 'export' : 'import';
}

/** `IN-859182400100000001-D` is written with what the number is of. */
function meterOf(name: string): string {
  return name.replace(/\s*\(?(kwh|квт\W?ч)\)?\s*$/i, '').trim();
}

/** `said`: the option by which the upload answers it; null: the file alone can. */
function declined(what: string, instead: string, said: string | null = null): Declined {
  const answer = said === null ? `Send ${instead}.` : `Say it with the upload (${said}), or send ${instead}.`;
  return { declined: `${what}; that is not guessed. ${answer}` };
}

/** The columns of a table's beginning by their roles. */
class Columns {
  private readonly roles: readonly (Role | null)[];

  constructor(private readonly head: TableHead) {
    this.roles = head.names.map(roleOf);
  }

  find(role: Role): number {
    return this.roles.indexOf(role);
  }

  cells(column: number): string[] {
    return this.head.sample.map(({ cells }) => cells[column] ?? '');
  }

  numbers(column: number): number[] {
    const cells = this.cells(column);
    const mark = decimalMarkOf(cells.filter(looksNumeric));
    return cells.map((cell) => numberFrom(cell, mark === ',' ? ',' : '.') ?? NaN);
  }

  /** A column whose cells are two times: «… to …», «… - …». */
  ranges(): number {
    return this.head.names.findIndex(
      (_, column) =>
        this.cells(column)
          .slice(0, 20)
          .every((cell) => /\d\s*(to|-|–|—|до)\s*\d{4}-|\d\s+(to|-|–|—|до)\s+\d/.test(cell)) &&
        this.cells(column).some(looksLikeDate),
    );
  }

  firstDated(): number {
    return this.head.names.findIndex(
      (name, column) =>
        roleOf(name) === null &&
        this.cells(column)
          .slice(0, 20)
          .every((cell) => looksLikeDate(cell)) &&
        this.cells(column).some((cell) => timeFrom(cell, 'dmy') !== null || timeFrom(cell, 'mdy') !== null),
    );
  }

  /** The column of clock times beside that of dates, where its header says start or end. */
  clockColumn(role: 'start'): number {
    const column = this.find(role);
    return column >= 0 && this.cells(column).some((cell) => /^\d{1,2}:\d{2}/.test(cell)) ? column : NO_COLUMN;
  }

  isDateOnly(column: number): boolean {
    return (
      column >= 0 &&
      this.cells(column).every((cell) => cell === '' || timeFrom(cell, 'dmy')?.hasTime !== true)
    );
  }

  isWordy(role: Role): boolean {
    const column = this.find(role);
    return column >= 0 && this.cells(column).some((cell) => /\p{L}/u.test(cell));
  }

  /** Columns of numbers whose header gives them no other role. */
  values(): number[] {
    return this.head.names.flatMap((name, column) => {
      const role = this.roles[column];
      if (role !== null) return [];
      const cells = this.cells(column);
      const present = cells.filter((cell) => !isMissing(cell));
      const numeric = present.filter(looksNumeric).length;
      const isValue =
        present.length === 0 ? isConsumption(name) || unitOf(name) !== null : numeric >= present.length * 0.6;
      return isValue && !present.every(looksLikeDate) ? [column] : [];
    });
  }
}
