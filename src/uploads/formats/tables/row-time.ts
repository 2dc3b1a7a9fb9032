import type { TableLayout } from './layout.js';
import { clockFrom, timeFrom, type CellTime } from './times.js';

type Timed = Pick<TableLayout, 'time' | 'dateOrder'>;

/** The moment at which a row's interval starts or ends, as the row writes it; null when it does not. */
export function rowTime(
  cells: readonly string[],
  { time, dateOrder }: Timed,
  which: 'start' | 'end',
): CellTime | null {
  if (time.range >= 0) {
    const [start, end] = (cells[time.range] ?? '').split(/\s+(?:to|-|–|—|до)\s+/);
    return timeFrom(((which === 'start' ? start : end) ?? '').trim(), dateOrder);
  }
  const column = which === 'start' ? time.start : time.end;
  if (column < 0) return null;
  const found = timeFrom(cells[column] ?? '', dateOrder);
  const clockColumn = which === 'start' ? time.startTime : time.endTime;
  if (found === null || clockColumn < 0) return found;
  const text = cells[clockColumn] ?? '';
  if (which === 'start' && time.hoursFrom !== null) {
    if (!/^\d{1,2}$/.test(text) || Number(text) > 25) return null;
    const hour = Number(text) - time.hoursFrom;
    if (hour < 0) return null;
    return {
      ...found,
      localMinutes: found.localMinutes + hour * 60,
      hasTime: true,
      midnight: found.localMinutes,
    };
  }
  const clock = clockFrom(text);
  if (clock === null) return null;
  return {
    ...found,
    localMinutes: found.localMinutes + clock.minutes,
    hasTime: true,
    isLastSecond: clock.isLastSecond,
    is24: clock.minutes === 1440,
  };
}

/** The moment that a row is labelled by: its start where it has one, else its end. */
export function labelledTime(cells: readonly string[], table: Timed): CellTime | null {
  const { start, range } = table.time;
  return rowTime(cells, table, start >= 0 || range >= 0 ? 'start' : 'end');
}
