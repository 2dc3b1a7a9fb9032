import { QUALITY } from '../../../readings/domain/quality.js';
import type { TariffZone } from '../../../readings/domain/register-segments.js';
import type { FoundItem, FoundProblem, Recognised } from '../format.js';
import type { TableRow } from './csv-rows.js';
import { isMissing, numberFrom } from './numbers.js';
import { timeFrom } from './times.js';
import { normalised } from './words.js';

/** Where the columns of a household register report stand. */
export interface RegisterReport {
  readonly dataLine: number;
  readonly serial: number;
  readonly takenAt: number;
  readonly ratio: number;
  readonly registers: readonly {
    readonly column: number;
    readonly zone: TariffZone;
    readonly name: string;
  }[];
  readonly persons: readonly { readonly column: number; readonly name: string }[];
}

const HEADER_ROWS = 3;

/**
 * The register report of households that «Пирамида 2.0» and its like print: one row a flat, its registers at one time.
 * Layouts differ from company to company, so columns are found by their words; header and type rows are put together.
 * Null: another kind of sheet.
 */
export function registerReport(rows: readonly TableRow[]): RegisterReport | null {
  for (let first = 0; first < Math.min(rows.length, 40); first++) {
    for (let height = 1; height <= HEADER_ROWS; height++) {
      const names = namesOf(rows.slice(first, first + height));
      const found = columnsOf(names);
      if (found === null) continue;
      // A type row («число», «целое число») lies between the header and the data.
      const next = rows.slice(first + height).find(({ cells }) => /\d{4,}/.test(cells[found.serial] ?? ''));
      if (next === undefined) continue;
      const report = { ...found, dataLine: next.line };
      return fallsOften(report, rows.slice(first + height)) ? null : report;
    }
  }
  return null;
}

/** Columns T1, T2 … of several rows a meter that go up and down are what was used, and no registers. */
function fallsOften(
  { serial, takenAt, registers }: Pick<RegisterReport, 'serial' | 'takenAt' | 'registers'>,
  rows: readonly TableRow[],
): boolean {
  const last = new Map<string, { at: number; kwh: number }>();
  let falls = 0;
  let steps = 0;
  for (const { cells } of rows) {
    const at = timeFrom(cells[takenAt] ?? '', 'dmy')?.localMinutes;
    if (at === undefined) continue;
    for (const { column, zone } of registers) {
      const text = cells[column] ?? '';
      const kwh = numberFrom(text, text.includes(',') ? ',' : '.');
      if (kwh === null || Number.isNaN(kwh)) continue;
      const key = `${cells[serial] ?? ''} ${zone}`;
      const before = last.get(key);
      if (before !== undefined) {
        steps++;
        if ((kwh - before.kwh) * (at - before.at) < 0) falls++;
      }
      last.set(key, { at, kwh });
    }
  }
  return falls * 5 > steps;
}

function namesOf(rows: readonly TableRow[]): string[] {
  const width = Math.max(0, ...rows.map(({ cells }) => cells.length));
  const lasts = rows.map(() => '');
  return Array.from({ length: width }, (_, column) =>
    rows
      .map(({ cells }, at) => {
        const cell = cells[column] ?? '';
        if (cell !== '') lasts[at] = cell;
        // A merged cell of an upper row names the columns under it.
        return cell === '' && at < rows.length - 1 ? lasts[at] : cell;
      })
      .join(' '),
  );
}

function columnsOf(names: readonly string[]): Omit<RegisterReport, 'dataLine'> | null {
  const plain = names.map(normalised);
  const find = (words: RegExp, not: RegExp = /$^/) =>
    plain.findIndex((name) => words.test(name) && !not.test(name));
  const serial = find(/(заводской|серийный|номер (пу|прибор|счетчик)|№ (пу|прибор|счетчик))/, /дата/);
  const takenAt = find(
    /(дата.*(показан|снят|опрос|аскуэ|времен)|время.*(показан|снят|опрос)|^дата( и время)?$|метка времени)/,
    /установ|поверк|ввод/,
  );
  const ratio = find(/((^|\s)(кт|ктт)($|[\s,.])|коэф|к-т трансф)/);
  const registers = plain.flatMap((name, column) => {
    if (
      column === serial ||
      column === takenAt ||
      isDelta(name) ||
      isGiven(name) ||
      /дата|время|номер|№|реактив|квар/.test(name)
    )
      return [];
    const zone = zoneOf(name);
    return zone === null ? [] : [{ column, zone, name: names[column] }];
  });
  const first = new Map(registers.map((each) => [each.zone, each] as const).reverse());
  if (serial < 0 || takenAt < 0 || first.size === 0) return null;
  const persons = plain.flatMap((name, column) =>
    /(^кв|№ кв|квартир|лицев|л\/с|адрес|фио|абонент|потребитель|улиц|дом($|\s)|телефон|наименование точки)/.test(
      name,
    ) && column !== serial
      ? [{ column, name: names[column] }]
      : [],
  );
  return { serial, takenAt, ratio, registers: [...first.values()].reverse(), persons };
}

function zoneOf(name: string): TariffZone | null {
  const zone = /(?:тариф[а-я]*|зон[а-я]*|(?:^|[^а-яa-z0-9])[тt])\s?([1-4])(?!\d)/.exec(name)?.[1];
  if (zone !== undefined) return `T${zone}` as TariffZone;
  const isTotal = /(сумм|общ|итог|всего|total|(^|\s)a\+|(^|\s)а\+|показани)/.test(name);
  return isTotal ? 'total' : null;
}

function isDelta(name: string): boolean {
  return /(дельта|расход|потреблен|разност|delta)/.test(name);
}

/** A− is what the home gives. */
function isGiven(name: string): boolean {
  return /(а|a)\s?[-−–](?!\+)|отдач|обратн/.test(name);
}

/** What a report is, in the receipt's words. */
export function describedReport(report: RegisterReport, dialect: string): Recognised {
  return {
    kind: 'registers',
    recognised: `Register report of households, as «Пирамида 2.0» prints it (${dialect}).`,
    assumed: assumedOf(report),
  };
}

/** Reads the rows of a report, one flat each. */
export class ReportDecoder {
  private found: FoundItem[];

  constructor(
    private readonly report: RegisterReport,
    private readonly path = '',
  ) {
    this.found = assumedOf(report).map((sentence) => ({ kind: 'assumed', sentence }));
  }

  row(row: TableRow): void {
    if (row.line >= this.report.dataLine) this.found.push(...flatItems(this.report, row, this.path));
  }

  takeFound(_isEnd: boolean): FoundItem[] {
    const { found } = this;
    this.found = [];
    return found;
  }
}

function assumedOf({ persons, registers, ratio }: RegisterReport): string[] {
  const assumed = [
    `Registers of what is taken: ${registers.map(({ zone }) => zone).join(', ')}; A− and differences are not read.`,
    'The metering point is the meter’s serial number; another code is told by a mapping table.',
  ];
  if (persons.length > 0)
    assumed.push(
      `Columns of people, addresses and accounts were not read: ${persons.map(({ name }) => name.trim()).join(', ')}.`,
    );
  if (ratio >= 0)
    assumed.push(
      'Readings are taken as the meter shows them, still to be multiplied by the ratio beside them.',
    );
  return assumed;
}

/** The registers of one flat. */
function flatItems(report: RegisterReport, { line, cells }: TableRow, path: string): FoundItem[] {
  const place = { line, path };
  const at = (column: number) => (column < 0 ? '' : (cells[column] ?? ''));
  const serial = at(report.serial);
  if (serial === '' || !/\d/.test(serial)) return [];
  const raw = cells
    .map((cell, column) => (report.persons.some((person) => person.column === column) ? '…' : cell))
    .join(';')
    .slice(0, 4_000);
  const fault = (field: string, reason: FoundProblem['reason'], detail: string): FoundItem => ({
    kind: 'problem',
    place,
    field,
    reason,
    detail,
    raw,
  });
  const present = report.registers.filter(({ column }) => !isMissing(at(column)));
  // The meter did not answer: nothing of it is known, and that is no fault of the report.
  if (present.length === 0) return [];
  if (/e\+/i.test(serial))
    return [
      fault(
        'serial',
        'excel_id',
        `${JSON.stringify(serial)} is a number that the spreadsheet shortened: format the column as text.`,
      ),
    ];
  const time = timeFrom(at(report.takenAt), 'dmy');
  if (time === null)
    return [
      fault(
        'time',
        'bad_time',
        `${JSON.stringify(at(report.takenAt).slice(0, 40))} is no time of the readings.`,
      ),
    ];
  const ctRatio = ratioOf(at(report.ratio));
  if (ctRatio === null)
    return [
      fault(
        'ratio',
        'bad_value',
        `${JSON.stringify(at(report.ratio).slice(0, 40))} is no transformer ratio: write 40, 200/5 or 1/1.`,
      ),
    ];
  return present.map(({ column, zone, name }): FoundItem => {
    const kwh = numberFrom(at(column), at(column).includes(',') ? ',' : '.');
    if (kwh === null)
      return fault(name, 'bad_number', `${JSON.stringify(at(column).slice(0, 40))} is no number of kWh.`);
    if (kwh < 0) return fault(name, 'negative', `${at(column)} is negative: a register counts up.`);
    return {
      kind: 'register',
      point: serial,
      serial,
      zone,
      at: { localMinutes: time.localMinutes, zone: null },
      kwh,
      ctRatio,
      quality: QUALITY.actual,
      place,
    };
  });
}

/** `1/1`, `200/5`, `40`; 1 where there is none. */
function ratioOf(text: string): number | null {
  if (isMissing(text)) return 1;
  const match = /^(\d+(?:[.,]\d+)?)(?:\s*[/:]\s*(\d+(?:[.,]\d+)?))?$/.exec(text);
  if (match === null) return null;
  const [primary, secondary] = [match[1], match[2] ?? '1'].map((part) => Number(part.replace(',', '.')));
  const ratio = primary / secondary;
  return ratio > 0 && ratio < 22_000_000 ? ratio : null;
}
