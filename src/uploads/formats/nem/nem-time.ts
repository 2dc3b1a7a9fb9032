import { dayFromIso } from '../../../grid/domain/calendar.js';
import { remembered } from '../remembered.js';

/** Market time: UTC+10 in every state and all year, whatever the clocks there show. */
const MARKET_OFFSET_MS = 10 * 3_600_000;
const MS_PER_DAY = 86_400_000;
const FIRST_YEAR = '2000';
const MOST_DAYS = 40_000;

/** Days since 1970 of `YYYYMMDD`, or null when there is no such day in this century. */
export function marketDay(text: string): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)$/.exec(text.trim());
  if (match === null || match[1] < FIRST_YEAR || match[1] > '2199') return null;
  return dayFromIso(`${match[1]}-${match[2]}-${match[3]}`);
}

/** Reads the eight bytes of `YYYYMMDD`; remembers the days of a file, which are few. */
export class MarketDays {
  private readonly dayOf = remembered((key: number) => marketDay(String(key)), MOST_DAYS);

  /** Null when the bytes up to `end` are no day of this century. */
  read(bytes: Uint8Array, at: number, end: number): number | null {
    if (end - at !== 8) return null;
    let key = 0;
    for (let i = at; i < end; i++) {
      const digit = bytes[i] - 0x30;
      if (digit < 0 || digit > 9) return null;
      key = key * 10 + digit;
    }
    return this.dayOf(key);
  }
}

/** The instant at which a market day begins. */
export function marketDayStart(day: number): number {
  return day * MS_PER_DAY - MARKET_OFFSET_MS;
}

/** The instant of `YYYYMMDDhhmmss` (seconds may be left out), or null. */
export function marketInstant(text: string): number | null {
  const match = /^(\d{8})([01]\d|2[0-3])([0-5]\d)([0-5]\d)?$/.exec(text.trim());
  const day = match === null ? null : marketDay(match[1]);
  if (match === null || day === null) return null;
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
  return marketDayStart(day) + seconds * 1000;
}
