import { offsetMinutesAtLocal, type Zone } from '../../../grid/domain/time-zone.js';
import { remembered } from '../remembered.js';
import type { TableRow } from './csv-rows.js';
import type { Channel, LongTable, ValueColumn } from './layout.js';
import type { PointDays } from './point-days.js';
import { NET_NOTE, whPerValue, type RowReader } from './row-reader.js';
import { rowTime } from './row-time.js';
import type { CellTime } from './times.js';
import { isExport, isReactive, unitOf } from './words.js';

/** Where a row's values go. */
interface Target {
  readonly point: string;
  readonly channel: Channel;
  readonly register: string;
  readonly value: ValueColumn;
  readonly perValue: number;
  readonly minutes: number;
  readonly isInstant: boolean;
  readonly section: number;
}

/** What a row's word for its register says of it. */
interface Meaning {
  /** In a sentence; null: it is read. */
  readonly passedOver: string | null;
  readonly isExport: boolean;
}

const MOST_WORDS = 1_000;

/** Puts the readings of one row into the days of its point. */
export class LongRows {
  private readonly sums: boolean;
  private readonly hasExport: boolean;
  /** A column of registers has few words and many rows. */
  private readonly meaningOf = remembered(meaningOf, MOST_WORDS);

  constructor(
    private readonly layout: LongTable,
    private readonly reader: RowReader,
    private readonly days: PointDays,
  ) {
    const { values, registerColumn } = layout;
    this.sums = values.length > 1 || registerColumn >= 0;
    this.hasExport = values.some(({ channel }) => channel === 'export') || registerColumn >= 0;
  }

  row(
    row: TableRow,
    { point, time, ratio, section }: { point: string; time: CellTime; ratio: number; section: number },
  ): void {
    const { layout, reader } = this;
    const { cells } = row;
    if (this.isOtherInterval(cells))
      return reader.note(
        `Rows of other intervals than ${layout.intervalMinutes} minutes say the same again and are passed over.`,
      );
    const moment = this.momentOf(row, time);
    if (moment === null) return;
    const word = layout.registerColumn < 0 ? '' : (cells[layout.registerColumn] ?? '');
    const meaning = this.meaningOf(word);
    if (meaning.passedOver !== null) return reader.note(meaning.passedOver);
    const unitText = layout.unitColumn < 0 ? word : (cells[layout.unitColumn] ?? '');
    for (const value of layout.values) {
      const channel: Channel = value.channel === 'export' || meaning.isExport ? 'export' : 'import';
      const unit = value.unit ?? unitOf(unitText);
      if (unit === null) {
        if (isReactive(unitText)) reader.note('Rows of reactive energy are passed over.');
        else
          reader.fault(
            row,
            'unit',
            'bad_value',
            `${JSON.stringify(unitText)} is no unit of energy or power.`,
          );
        continue;
      }
      this.put(row, {
        point: value.point ?? point,
        channel,
        register: this.sums ? `${value.name}\0${word}` : '',
        value,
        perValue: whPerValue(unit, layout.intervalMinutes) * ratio,
        section,
        minutes: moment.minutes,
        isInstant: moment.isInstant,
      });
    }
  }

  private put(row: TableRow, target: Target): void {
    const { reader } = this;
    const { value, channel } = target;
    const read = reader.read(row, value.column, value);
    if (read === null) return;
    const wh = read.number * target.perValue;
    const isNet = wh < 0;
    if (isNet && (channel === 'export' || this.hasExport))
      return reader.fault(
        row,
        value.name,
        'negative',
        `${row.cells[value.column]} is negative, where what is given to the grid has a column of its own.`,
      );
    if (isNet) {
      reader.note(NET_NOTE);
      this.add(target, 'export', { wh: -wh, quality: read.quality, line: row.line });
    }
    if (!this.add(target, channel, { wh: isNet ? 0 : wh, quality: read.quality, line: row.line }))
      reader.fault(
        row,
        value.name,
        'wrong_columns',
        `The registers of ${target.point} stand too far apart in the file to be added: sort it by metering point and time.`,
      );
  }

  /** Field by field: to spread an object costs more than to read its row. */
  private add(
    { point, section, register, minutes, isInstant }: Target,
    channel: Channel,
    { wh, quality, line }: { wh: number; quality: number; line: number },
  ): boolean {
    return this.days.add({ point, channel, section, register, minutes, isInstant, wh, quality, line });
  }

  private isOtherInterval(cells: readonly string[]): boolean {
    const { intervalColumn, intervalMinutes } = this.layout;
    if (intervalColumn < 0) return false;
    const minutes = minutesOf(cells[intervalColumn] ?? '');
    return minutes !== null && minutes !== intervalMinutes;
  }

  /** The row's instant or wall-clock time of its interval's beginning; null when it has none, and that is told. */
  private momentOf(row: TableRow, time: CellTime): { minutes: number; isInstant: boolean } | null {
    const { layout, reader } = this;
    const end = layout.time.start < 0 && layout.time.range < 0 ? null : rowTime(row.cells, layout, 'end');
    const length =
      end === null || end.localMinutes <= time.localMinutes ? null : end.localMinutes - time.localMinutes;
    if (length !== null && length !== layout.intervalMinutes && length !== layout.intervalMinutes + 60) {
      reader.fault(
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
      reader.fault(
        row,
        '',
        'bad_time',
        'Hour 25 belongs to a day on which the clock is put back: say the zone of the file (zone=Europe/…).',
      );
      return null;
    }
    if (local % layout.intervalMinutes !== 0 && layout.intervalMinutes <= 60) {
      reader.fault(
        row,
        '',
        'off_interval',
        `The time is on no interval of ${layout.intervalMinutes} minutes.`,
      );
      return null;
    }
    return { minutes: local, isInstant: false };
  }
}

function meaningOf(word: string): Meaning {
  const isCumulative = /register/i.test(word) && /24|snapshot|cumul/i.test(word);
  const passedOver = isCumulative
    ? `Rows of «${word}» are cumulative and are passed over.`
    : isReactive(word)
      ? 'Rows of reactive energy are passed over.'
      : null;
  return { passedOver, isExport: isExport(word) };
}

/** `15min`, `60 min.`, `PT15M`, `PT1H`, `30`; null where it says no length. */
function minutesOf(text: string): number | null {
  const hours = /^(?:pt)?(\d)\s?h/i.exec(text);
  if (hours !== null) return Number(hours[1]) * 60;
  const minutes = /^(?:pt)?(\d+)\s?-?\s?(?:m|min.*|мин.*)?$/i.exec(text);
  return minutes === null ? null : Number(minutes[1]);
}

/** The instant of an hour that is counted from the midnight of its day, whatever the clock did meanwhile. */
function counted(zone: Zone, midnight: number, local: number): { minutes: number; isInstant: boolean } {
  const offset = offsetMinutesAtLocal(zone, midnight * 60_000);
  return {
    minutes: local - (offset.kind === 'one' ? offset.offset : zone.standardOffsetMinutes),
    isInstant: true,
  };
}
