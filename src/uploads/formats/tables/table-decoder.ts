import { offsetMinutesAtLocal, type Zone } from '../../../grid/domain/time-zone.js';
import { QUALITY } from '../../../readings/domain/quality.js';
import type { UploadOptions } from '../../domain/upload-options.js';
import type { FoundItem, FoundProblem } from '../format.js';
import type { TableRow } from './csv-rows.js';
import { filled, pointOfLine } from './header.js';
import type { Channel, TableLayout, ValueColumn } from './layout.js';
import { isMissing, looksNumeric, numberFrom } from './numbers.js';
import { PointDays } from './point-days.js';
import { labelledTime, rowTime } from './row-time.js';
import type { CellTime } from './times.js';
import { isExport, isTotalsRow, normalised, qualityWord, unitOf } from './words.js';

const MOST_OF_RAW = 4_000;
const MOST_ID = 128;

/** Reads the rows of a table into items; the layout says where everything stands. */
export class TableDecoder {
  private found: FoundItem[] = [];
  private readonly days: PointDays;
  private readonly noted = new Set<string>();
  private point: string | null;
  private readonly sums: boolean;
  private section = 0;
  /** Of the row in hand. */
  private ratio = 1;

  constructor(
    private readonly layout: TableLayout,
    /** Places in a workbook begin with its sheet. */
    private readonly path = '',
    private readonly options: UploadOptions = {},
  ) {
    const interval = layout.form === 'registers' ? 60 : layout.intervalMinutes;
    this.days = new PointDays(interval, layout.form === 'long' && layout.isNewestFirst);
    this.point = layout.point;
    this.sums = layout.form === 'long' && (layout.values.length > 1 || layout.registerColumn >= 0);
    for (const sentence of layout.assumed) this.note(sentence);
    if (layout.point !== null)
      this.note(
        layout.point === options.point
          ? `The metering point is ${layout.point}, as the upload says.`
          : `The metering point is ${layout.point}, as the lines above the table say.`,
      );
  }

  row(row: TableRow): void {
    if (row.line < this.layout.dataLine) return;
    const cells = row.cells;
    // Most rows are data; only what has no time is looked at for what else it is.
    const time = labelledTime(cells, this.layout);
    if (time === null) return this.notData(row);
    // Blank where the file names none: the loader says so, once a day of readings.
    const point = this.pointOf(cells) ?? '';
    if (/^\d+[.,]?\d*e\+\d+$/i.test(point))
      return this.fault(
        row,
        'metering point',
        'excel_id',
        `${JSON.stringify(point)} is a number that a spreadsheet shortened: export the column as text.`,
      );
    if (point.length > MOST_ID)
      return this.fault(row, 'metering point', 'bad_id', 'The metering point is longer than any.');
    if (this.isOtherCommodity(cells)) return this.note('Rows of gas, water and heat are passed over.');
    const ratio = this.ratioOf(cells);
    if (ratio === null)
      return this.fault(
        row,
        'ratio',
        'bad_value',
        'The row states a transformer ratio: say whether its values are multiplied by it already (ct=applied, not-applied).',
      );
    this.ratio = ratio;
    if (this.layout.form === 'wide') this.wideRow(row, point, time);
    else if (this.layout.form === 'registers') this.registerRow(row, point, time);
    else this.longRow(row, point, time);
  }

  takeFound(isEnd: boolean): FoundItem[] {
    for (const block of this.days.take(isEnd))
      this.found.push(this.path === '' ? block : { ...block, place: { ...block.place, path: this.path } });
    const { found } = this;
    this.found = [];
    return found;
  }

  private longRow(row: TableRow, point: string, time: CellTime): void {
    const { layout } = this;
    if (layout.form !== 'long') return;
    const { cells } = row;
    const minutesOfRow =
      layout.intervalColumn < 0
        ? null
        : Number(/(\d+)\s?-?\s?min/i.exec(cells[layout.intervalColumn] ?? '')?.[1] ?? NaN);
    if (minutesOfRow !== null && minutesOfRow !== layout.intervalMinutes)
      return this.note(
        `Rows of other intervals than ${layout.intervalMinutes} minutes say the same again and are passed over.`,
      );
    const moment = this.momentOf(row, time);
    if (moment === null) return;
    const word = layout.registerColumn < 0 ? '' : (cells[layout.registerColumn] ?? '');
    if (/register/i.test(word) && /24|snapshot|cumul/i.test(word))
      return this.note(`Rows of «${word}» are cumulative and are passed over.`);
    if (/(reactive|kvar|реактив)/i.test(word)) return this.note('Rows of reactive energy are passed over.');
    const unitText = layout.unitColumn < 0 ? word : (cells[layout.unitColumn] ?? '');
    for (const value of layout.values) {
      const channel: Channel = value.channel === 'export' || isExport(word) ? 'export' : 'import';
      const unit = value.unit ?? unitOf(unitText);
      if (unit === null) {
        this.fault(row, 'unit', 'bad_value', `${JSON.stringify(unitText)} is no unit of energy or power.`);
        continue;
      }
      const perValue = unit.isPower ? (unit.whPerUnit * layout.intervalMinutes) / 60 : unit.whPerUnit;
      this.put(row, {
        point: value.point ?? point,
        channel,
        register: `${value.name}\0${word}`,
        value,
        perValue: perValue * this.ratio,
        ...moment,
      });
    }
  }

  private put(
    row: TableRow,
    {
      point,
      channel,
      register,
      value,
      perValue,
      minutes,
      isInstant,
    }: {
      point: string;
      channel: Channel;
      register: string;
      value: ValueColumn;
      perValue: number;
      minutes: number;
      isInstant: boolean;
    },
  ): void {
    const read = this.read(row, value.column, value);
    if (read === null) return;
    const { line } = row;
    const { quality } = read;
    const wh = read.number * perValue;
    const isNet = wh < 0;
    if (isNet && (channel === 'export' || this.hasExport()))
      return this.fault(
        row,
        value.name,
        'negative',
        `${row.cells[value.column]} is negative, where what is given to the grid has a column of its own.`,
      );
    if (isNet) {
      this.note('Negative values are net: what the home gives to the grid.');
      this.days.add({
        point,
        channel: 'export',
        section: this.section,
        register,
        minutes,
        isInstant,
        wh: -wh,
        quality,
        line,
      });
    }
    const isTaken = this.days.add({
      point,
      channel,
      section: this.section,
      register: this.sums ? register : '',
      minutes,
      isInstant,
      wh: isNet ? 0 : wh,
      quality,
      line,
    });
    if (!isTaken)
      this.fault(
        row,
        value.name,
        'wrong_columns',
        `The registers of ${point} stand too far apart in the file to be added: sort it by metering point and time.`,
      );
  }

  private wideRow(row: TableRow, point: string, date: CellTime): void {
    const { layout } = this;
    if (layout.form !== 'wide') return;
    const { cells, line } = row;
    const { value, intervalMinutes, slots } = layout;
    const unit = value.unit ?? { whPerUnit: 1000, isPower: false };
    const perValue = unit.isPower ? (unit.whPerUnit * intervalMinutes) / 60 : unit.whPerUnit;
    const channel: Channel =
      value.channel === 'export' || isExport(cells[layout.registerColumn] ?? '') ? 'export' : 'import';
    const wh = new Float64Array(slots.length).fill(NaN);
    const day = Math.floor(date.localMinutes / 1440) * 1440;
    const given = new Float64Array(slots.length).fill(0);
    let isNet = false;
    for (const { column, slot } of slots) {
      const read = this.read(row, column, { ...value, column, name: layout.names[column] });
      if (read === null) continue;
      const energy = read.number * perValue * this.ratio;
      if (energy < 0) {
        isNet = true;
        given[slot] = -energy;
        wh[slot] = 0;
      } else wh[slot] = energy;
    }
    if (isNet && channel === 'export')
      return this.fault(row, '', 'negative', 'The row has negative values of what is given to the grid.');
    const code = this.qualityOf(cells);
    const quality = code === null || code === QUALITY.actual ? null : new Uint8Array(slots.length).fill(code);
    if (code === null) wh.fill(NaN);
    const start = { localMinutes: day, zone: null };
    const place = { line, path: this.path };
    const offset = date.offsetMinutes;
    const from = offset === null ? start : { utcMs: (day - offset) * 60_000 };
    this.found.push({ kind: 'intervals', point, channel, start: from, intervalMinutes, wh, quality, place });
    if (isNet) {
      this.note('Negative values are net: what the home gives to the grid.');
      this.found.push({
        kind: 'intervals',
        point,
        channel: 'export',
        start: from,
        intervalMinutes,
        wh: given,
        quality,
        place,
      });
    }
    if (
      cells.slice(slots[slots.length - 1].column + 1).filter((cell) => looksNumeric(cell)).length ===
      60 / intervalMinutes
    )
      this.note('Columns after the 24th hour, of the day on which the clock is put back, are passed over.');
  }

  private registerRow(row: TableRow, point: string, time: CellTime): void {
    const { layout } = this;
    if (layout.form !== 'registers') return;
    const { cells, line } = row;
    const serial = layout.serialColumn < 0 ? '' : (cells[layout.serialColumn] ?? '');
    // Dutch meters say by their first letter what they count.
    if (/^G\d{5,}/.test(serial) && layout.title.startsWith('Liander'))
      return this.note('Rows of gas, water and heat are passed over.');
    const at =
      time.offsetMinutes === null
        ? { localMinutes: time.localMinutes, zone: null }
        : { utcMs: (time.localMinutes - time.offsetMinutes) * 60_000 };
    for (const value of layout.values) {
      const read = this.read(row, value.column, value);
      if (read === null || Number.isNaN(read.number)) continue;
      if (read.number < 0) {
        this.fault(row, value.name, 'negative', `${cells[value.column]} is negative: a register counts up.`);
        continue;
      }
      const kwh = (read.number * this.ratio * (value.unit?.whPerUnit ?? 1000)) / 1000;
      this.found.push({
        kind: 'register',
        point,
        serial,
        zone: value.zone,
        at,
        kwh,
        ctRatio: 1,
        quality: read.quality,
        place: { line, path: this.path },
      });
    }
  }

  /** The row's instant or wall-clock time of its interval's beginning; null when it has none, and that is told. */
  private momentOf(row: TableRow, time: CellTime): { minutes: number; isInstant: boolean } | null {
    const { layout } = this;
    if (layout.form !== 'long') return null;
    const end = layout.time.start < 0 && layout.time.range < 0 ? null : rowTime(row.cells, layout, 'end');
    const length =
      end === null || end.localMinutes <= time.localMinutes ? null : end.localMinutes - time.localMinutes;
    if (length !== null && length !== layout.intervalMinutes && length !== layout.intervalMinutes + 60) {
      this.fault(
        row,
        '',
        'off_interval',
        `The row is of ${length} minutes, where the file's rows are of ${layout.intervalMinutes}.`,
      );
      return null;
    }
    const shift = layout.label === 'end' && layout.time.hoursFrom === null ? layout.intervalMinutes : 0;
    const local = time.localMinutes - shift;
    if (time.offsetMinutes !== null) return { minutes: local - time.offsetMinutes, isInstant: true };
    if (layout.countedIn !== null && time.midnight !== undefined)
      return counted(layout.countedIn, time.midnight, local);
    if (time.midnight !== undefined && local - time.midnight >= 1440) {
      this.fault(
        row,
        '',
        'bad_time',
        'Hour 25 belongs to a day on which the clock is put back: say the zone of the file (zone=Europe/…).',
      );
      return null;
    }
    if (local % layout.intervalMinutes !== 0 && layout.intervalMinutes <= 60) {
      this.fault(row, '', 'off_interval', `The time is on no interval of ${layout.intervalMinutes} minutes.`);
      return null;
    }
    return { minutes: local, isInstant: false };
  }

  private read(
    row: TableRow,
    column: number,
    value: ValueColumn,
  ): { number: number; quality: number } | null {
    const text = this.cellOf(row, column);
    const number = numberFrom(text, value.mark);
    if (number === null) {
      this.fault(row, value.name, 'bad_number', `${JSON.stringify(text.slice(0, 60))} is no number.`);
      return null;
    }
    const quality = this.qualityOf(row.cells);
    return quality === null ? { number: NaN, quality: 0 } : { number, quality };
  }

  /** Of «1,234» in a file cut by commas, both halves: one real sender leaves its decimals without quotation marks. */
  private cellOf({ cells }: TableRow, column: number): string {
    const { names } = this.layout;
    const text = cells[column] ?? '';
    const isCut =
      cells.length === names.length + 1 &&
      this.layout.form === 'long' &&
      this.layout.values.length === 1 &&
      cells[cells.length - 1] !== '';
    const rest = cells[column + 1] ?? '';
    return isCut && /^-?\d+$/.test(text) && /^\d+$/.test(rest) ? `${text}.${rest}` : text;
  }

  /** Null: the row says that there is no value. */
  private qualityOf(cells: readonly string[]): number | null {
    const { qualityColumn, names } = this.layout;
    if (qualityColumn < 0) return QUALITY.actual;
    // Where a decimal comma cut the row, what stands after it moved on by one.
    const text =
      cells[
        cells.length === names.length + 1 && cells[cells.length - 1] !== ''
          ? qualityColumn + 1
          : qualityColumn
      ] ?? '';
    const word = qualityWord(text);
    if (word === 'questionable')
      this.note(`The quality «${text.slice(0, 40)}» is not known: its values are stored as questionable.`);
    return word === 'missing' ? null : QUALITY[word];
  }

  private pointOf(cells: readonly string[]): string | null {
    const { layout } = this;
    if (layout.pointColumn >= 0) return cells[layout.pointColumn] ?? '';
    if (layout.form === 'long' && layout.values.every(({ point }) => point !== null))
      return layout.values[0].point;
    return this.point;
  }

  private isOtherCommodity(cells: readonly string[]): boolean {
    const { commodityColumn } = this.layout;
    return commodityColumn >= 0 && /(gas|water|warm|heat|газ|вода|тепло)/i.test(cells[commodityColumn] ?? '');
  }

  /** What the row's values are multiplied by; null: it states a transformer ratio, and nobody says whether it is in them. */
  private ratioOf(cells: readonly string[]): number | null {
    const { ratioColumn } = this.layout;
    const text = ratioColumn < 0 ? '' : (cells[ratioColumn] ?? '');
    const isOne = text === '' || isMissing(text) || /^1([.,]0+)?(\s*[/:]\s*1)?$/.test(text);
    const { ct, ct_ratio: said = 1 } = this.options;
    if (ct === undefined) return isOne ? 1 : null;
    if (ct === 'applied') return 1;
    const [over, under = 1] = text.split(/[/:]/).map((part) => Number(part.trim().replace(',', '.')));
    const stated = over / under;
    const ratio = ratioColumn < 0 || !(stated > 0 && Number.isFinite(stated)) ? said : stated;
    return ct === 'twice' ? 1 / ratio : ratio;
  }

  private hasExport(): boolean {
    return (
      this.layout.form === 'long' &&
      (this.layout.values.some(({ channel }) => channel === 'export') || this.layout.registerColumn >= 0)
    );
  }

  private notData(row: TableRow): void {
    const { cells } = row;
    const first = cells.find((cell) => cell !== '') ?? '';
    if (isTotalsRow(normalised(first))) return this.note('Rows of totals are passed over.');
    if (cells.length > 0 && normalised(cells[0]) === normalised(this.layout.names[0] ?? '')) {
      this.section++;
      this.note(
        'The table begins anew in the file: of an interval that its parts state, the largest value stands (delivered, returned and net energy of one meter).',
      );
      return;
    }
    const named = pointOfLine(cells);
    if (named !== null && this.layout.pointColumn < 0) {
      this.point = named;
      return;
    }
    // A line of words between the sections of a report.
    if (filled(cells) < 2 || !cells.some(looksNumeric)) return;
    this.badTime(row);
  }

  private badTime(row: TableRow): void {
    this.fault(
      row,
      '',
      'bad_time',
      `The row has no time that can be read (${this.layout.names[Math.max(0, this.layout.time.start, this.layout.time.end)] ?? ''}).`,
    );
  }

  private note(sentence: string): void {
    if (this.noted.has(sentence) || this.noted.size > 200) return;
    this.noted.add(sentence);
    this.found.push({ kind: 'assumed', sentence });
  }

  private fault(
    { line, cells }: TableRow,
    field: string,
    reason: FoundProblem['reason'],
    detail: string,
  ): void {
    this.found.push({
      kind: 'problem',
      place: { line, path: this.path },
      field,
      reason,
      detail,
      raw: this.withoutPeople(cells),
    });
  }

  /** A rejected row is kept; names and addresses in it are not. */
  private withoutPeople(cells: readonly string[]): string {
    const { names, persons } = this.layout;
    const kept = cells.map((cell, column) => (persons.includes(column) ? '…' : cell));
    return kept
      .slice(0, Math.max(names.length, 1) + 2)
      .join(';')
      .slice(0, MOST_OF_RAW);
  }
}

/** The instant of an hour that is counted from the midnight of its day, whatever the clock did meanwhile. */
function counted(zone: Zone, midnight: number, local: number): { minutes: number; isInstant: boolean } {
  const offset = offsetMinutesAtLocal(zone, midnight * 60_000);
  return {
    minutes: local - (offset.kind === 'one' ? offset.offset : zone.standardOffsetMinutes),
    isInstant: true,
  };
}
