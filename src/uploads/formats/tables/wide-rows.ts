import { offsetMinutesAtLocal, type Zone } from '../../../grid/domain/time-zone.js';
import { QUALITY } from '../../../readings/domain/quality.js';
import type { FoundTime } from '../format.js';
import type { TableRow } from './csv-rows.js';
import type { Channel, SlotColumn, WideTable } from './layout.js';
import { isMissing } from './numbers.js';
import { NET_NOTE, whPerValue, type RowReader } from './row-reader.js';
import type { CellTime } from './times.js';
import { isExport, isReactive } from './words.js';

const DAY_MINUTES = 1440;

/** The values of one row, of what is taken and of what is given. */
interface DayRow {
  readonly taken: Float64Array;
  readonly given: Float64Array;
  isNet: boolean;
}

/** Turns a row of a day's intervals into blocks. */
export class WideRows {
  constructor(
    private readonly layout: WideTable,
    private readonly reader: RowReader,
  ) {}

  row(row: TableRow, point: string, date: CellTime, ratio: number): void {
    const { layout, reader } = this;
    const { cells } = row;
    const word = cells[layout.registerColumn] ?? '';
    if (isReactive(word)) return reader.note('Rows of reactive energy are passed over.');
    const channel: Channel = layout.value.channel === 'export' || isExport(word) ? 'export' : 'import';
    const isLong = layout.extra.some((column) => !isMissing(cells[column] ?? ''));
    const day = Math.floor(date.localMinutes / DAY_MINUTES) * DAY_MINUTES;
    const hours = this.hoursOf(row, day, isLong);
    if (hours === null) return;
    const { intervalMinutes, slots } = layout;
    const extra = layout.extra.map((column, at) => ({ column, slot: DAY_MINUTES / intervalMinutes + at }));
    const read = hours === 'clock' ? slots.filter(({ pass }) => pass === undefined) : [...slots, ...extra];
    const values = this.values(row, read, ratio, channel);
    if (values === null) return;
    const from = this.startOf(day, date, hours);
    this.put(row, point, channel, from, values);
    if (hours !== 'clock') return;
    for (const slot of slots.filter(({ pass }) => pass === 'second')) {
      const again = this.values(row, [{ ...slot, slot: 0 }], ratio, channel, 1);
      if (again === null || Number.isNaN(again.taken[0])) continue;
      const localMinutes = day + slot.slot * intervalMinutes;
      this.put(row, point, channel, { localMinutes, zone: null, pass: 'second' }, again);
    }
  }

  /** A zone in which the row's hours are counted, or the clock that they are read off; null: nobody says the zone. */
  private hoursOf(row: TableRow, day: number, isLong: boolean): Zone | 'clock' | null {
    const { layout, reader } = this;
    const zone = layout.countedIn;
    if (layout.extra.length === 0) return 'clock';
    if (zone !== null) return isLong || hoursOfDay(zone, day) < 24 ? zone : 'clock';
    if (!isLong) return 'clock';
    reader.fault(
      row,
      '',
      'bad_time',
      'The row has values after the 24th hour, as on a day on which the clock is put back: say the zone of the file (zone=Europe/…).',
    );
    return null;
  }

  private startOf(day: number, { offsetMinutes }: CellTime, hours: Zone | 'clock'): FoundTime {
    if (hours !== 'clock') return { utcMs: (day - offsetAt(hours, day)) * 60_000 };
    return offsetMinutes === null
      ? { localMinutes: day, zone: null }
      : { utcMs: (day - offsetMinutes) * 60_000 };
  }

  private values(
    row: TableRow,
    slots: readonly SlotColumn[],
    ratio: number,
    channel: Channel,
    length = Math.max(0, ...slots.map(({ slot }) => slot)) + 1,
  ): DayRow | null {
    const { layout, reader } = this;
    const perValue = whPerValue(layout.value.unit, layout.intervalMinutes) * ratio;
    const day: DayRow = {
      taken: new Float64Array(length).fill(NaN),
      given: new Float64Array(length),
      isNet: false,
    };
    for (const { column, slot } of slots) {
      const read = reader.read(row, column, { ...layout.value, column, name: layout.names[column] });
      if (read === null) continue;
      const energy = read.number * perValue;
      if (energy < 0) {
        day.isNet = true;
        day.given[slot] = -energy;
        day.taken[slot] = 0;
      } else day.taken[slot] = energy;
    }
    if (day.isNet && channel === 'export') {
      reader.fault(row, '', 'negative', 'The row has negative values of what is given to the grid.');
      return null;
    }
    return day;
  }

  private put(row: TableRow, point: string, channel: Channel, start: FoundTime, day: DayRow): void {
    const { layout, reader } = this;
    const { intervalMinutes } = layout;
    const code = reader.qualityOf(row.cells);
    const quality =
      code === null || code === QUALITY.actual ? null : new Uint8Array(day.taken.length).fill(code);
    if (code === null) day.taken.fill(NaN);
    const place = { line: row.line, path: reader.path };
    const common = { kind: 'intervals', point, start, intervalMinutes, quality, place } as const;
    reader.found.push({ ...common, channel, wh: day.taken });
    if (!day.isNet) return;
    reader.note(NET_NOTE);
    reader.found.push({ ...common, channel: 'export', wh: day.given });
  }
}

function hoursOfDay(zone: Zone, day: number): number {
  return 24 + (offsetAt(zone, day) - offsetAt(zone, day + DAY_MINUTES)) / 60;
}

/** Minutes east of UTC at a local midnight. */
function offsetAt(zone: Zone, localMinutes: number): number {
  const offset = offsetMinutesAtLocal(zone, localMinutes * 60_000);
  return offset.kind === 'one' ? offset.offset : zone.standardOffsetMinutes;
}
