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
    return asUtc(timeFrom(((which === 'start' ? start : end) ?? '').trim(), dateOrder), time);
  }
  const column = which === 'start' ? time.start : time.end;
  if (column < 0) return null;
  const found = asUtc(timeFrom(cells[column] ?? '', dateOrder), time);
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
  const clock = clockFrom(text) ?? hourOfRange(text);
  if (clock === null) return null;
  return {
    ...found,
    localMinutes: found.localMinutes + clock.minutes,
    hasTime: true,
    isLastSecond: clock.isLastSecond,
    is24: clock.minutes === 1440,
  };
}

function asUtc(found: CellTime | null, { isUtc }: Timed['time']): CellTime | null {
  return found !== null && isUtc && found.offsetMinutes === null ? { ...found, offsetMinutes: 0 } : found;
}

/** `0-1` … `23-24` */
function hourOfRange(text: string): { minutes: number; isLastSecond: boolean } | null {
  const match = /^(\d{1,2})\s*[-–—]\s*(\d{1,2})$/.exec(text);
  const hour = Number(match?.[1] ?? 24);
  return hour < 24 && (hour + 1) % 24 === Number(match?.[2]) % 24
    ? { minutes: hour * 60, isLastSecond: false }
    : null;
}

/** The moment that a row is labelled by: its start where it has one, else its end. */
export function labelledTime(cells: readonly string[], table: Timed): CellTime | null {
  const { start, range } = table.time;
  return rowTime(cells, table, start >= 0 || range >= 0 ? 'start' : 'end');
}
