import type { UploadOptions } from '../../domain/upload-options.js';
import type { FoundItem } from '../format.js';
import type { TableRow } from './csv-rows.js';
import { datesRow } from './dates-rows.js';
import { withoutEpoch } from './epoch.js';
import { filled, pointOfLine } from './header.js';
import type { TableLayout } from './layout.js';
import { LongRows } from './long-rows.js';
import { looksNumeric } from './numbers.js';
import { PointDays } from './point-days.js';
import { registerRow } from './register-rows.js';
import { RowReader } from './row-reader.js';
import { labelledTime } from './row-time.js';
import type { CellTime } from './times.js';
import { WideRows } from './wide-rows.js';
import { isTotalsRow, normalised } from './words.js';

const MOST_ID = 128;

/** Reads the rows of a table into items; the layout says where everything stands. */
export class TableDecoder {
  private readonly reader: RowReader;
  private readonly days: PointDays;
  private readonly decode: (row: TableRow, point: string, time: CellTime | null, ratio: number) => void;
  private point: string | null;
  private section = 0;

  constructor(
    private readonly layout: TableLayout,
    /** Places in a workbook begin with its sheet. */
    private readonly path = '',
    options: UploadOptions = {},
  ) {
    const interval = layout.form === 'registers' ? 60 : layout.intervalMinutes;
    this.reader = new RowReader(layout, path, options);
    this.days = new PointDays(interval, layout.form === 'long' && layout.isNewestFirst);
    this.point = layout.point;
    this.decode = this.decoderOf(layout);
    for (const sentence of layout.assumed) this.reader.note(sentence);
    if (layout.point !== null)
      this.reader.note(
        layout.point === options.point
          ? `The metering point is ${layout.point}, as the upload says.`
          : `The metering point is ${layout.point}, as the lines above the table say.`,
      );
  }

  row(given: TableRow): void {
    const { layout, reader } = this;
    if (given.line < layout.dataLine) return;
    const row = layout.epochColumn < 0 ? given : withoutEpoch(given, layout.epochColumn);
    const { cells } = row;
    // Most rows are data; only what has no time is looked at for what else it is.
    const time = layout.form === 'dates' ? null : labelledTime(cells, layout);
    if (layout.form === 'dates' ? this.isNoDates(cells) : time === null) return this.notData(row);
    // Blank where the file names none: the loader says so, once a day of readings.
    const point = this.pointOf(cells) ?? '';
    if (point.includes('+') && /^\d+[.,]?\d*e\+\d+$/i.test(point))
      return reader.fault(
        row,
        'metering point',
        'excel_id',
        `${JSON.stringify(point)} is a number that a spreadsheet shortened: export the column as text.`,
      );
    if (point.length > MOST_ID)
      return reader.fault(row, 'metering point', 'bad_id', 'The metering point is longer than any.');
    if (this.isOtherCommodity(cells)) return reader.note('Rows of gas, water and heat are passed over.');
    const ratio = reader.ratioOf(cells);
    if (ratio === null)
      return reader.fault(
        row,
        'ratio',
        'bad_value',
        'The row states a transformer ratio: say whether its values are multiplied by it already (ct=applied, not-applied).',
      );
    this.decode(row, point, time, ratio);
  }

  takeFound(isEnd: boolean): FoundItem[] {
    const { reader, path } = this;
    for (const block of this.days.take(isEnd))
      reader.found.push(path === '' ? block : { ...block, place: { ...block.place, path } });
    const { found } = reader;
    reader.found = [];
    return found;
  }

  private decoderOf(layout: TableLayout): TableDecoder['decode'] {
    const { reader, days } = this;
    switch (layout.form) {
      case 'long': {
        const rows = new LongRows(layout, reader, days);
        return (row, point, time, ratio) => {
          if (time !== null) rows.row(row, { point, time, ratio, section: this.section });
        };
      }
      case 'wide': {
        const rows = new WideRows(layout, reader);
        return (row, point, time, ratio) => {
          if (time !== null) rows.row(row, point, time, ratio);
        };
      }
      case 'registers':
        return (row, point, time, ratio) => {
          if (time !== null) registerRow(layout, reader, row, { point, time, ratio });
        };
      case 'dates':
        return (row, point, _, ratio) => {
          if (!datesRow(layout, reader, days, row, { point, ratio, section: this.section }))
            this.notData(row);
        };
    }
  }

  private pointOf(cells: readonly string[]): string | null {
    const { layout } = this;
    if (layout.pointColumn >= 0) {
      const point = cells[layout.pointColumn] ?? '';
      // An apostrophe in front keeps a spreadsheet from making a number of it.
      return point.startsWith("'") ? point.replace(/^'(?=\d)/, '') : point;
    }
    if (layout.form === 'long' && layout.values.every(({ point }) => point !== null))
      return layout.values[0].point;
    return this.point;
  }

  private isOtherCommodity(cells: readonly string[]): boolean {
    const { commodityColumn } = this.layout;
    return commodityColumn >= 0 && /(gas|water|warm|heat|газ|вода|тепло)/i.test(cells[commodityColumn] ?? '');
  }

  /** A row of totals, or of words between the parts of a table of dates. */
  private isNoDates(cells: readonly string[]): boolean {
    const first = cells.find((cell) => cell !== '') ?? '';
    return isTotalsRow(normalised(first)) || filled(cells) < 2;
  }

  private notData(row: TableRow): void {
    const { cells } = row;
    const { reader, layout } = this;
    const first = cells.find((cell) => cell !== '') ?? '';
    if (isTotalsRow(normalised(first))) return reader.note('Rows of totals are passed over.');
    if (cells.length > 0 && normalised(cells[0]) === normalised(layout.names[0] ?? '')) {
      this.section++;
      reader.note(
        'The table begins anew in the file: of an interval that its parts state, the largest value stands (delivered, returned and net energy of one meter).',
      );
      return;
    }
    const named = pointOfLine(cells);
    if (named !== null && layout.pointColumn < 0) {
      this.point = named;
      return;
    }
    // A line of words between the sections of a report.
    if (filled(cells) < 2 || !cells.some(looksNumeric)) return;
    const { time, names } = layout;
    reader.fault(
      row,
      '',
      'bad_time',
      `The row has no time that can be read (${names[Math.max(0, time.start, time.end)] ?? ''}).`,
    );
  }
}
