import { isoFromDay } from '../../grid/domain/calendar.js';
import { ABSENT, PRESENT } from './gaps.js';
import type { Scene } from './scene.js';

/*
 * Rows are written as bytes into a buffer that the caller keeps: a string per reading would cost more than the
 * simulation itself. Every function takes the place to write at and answers the place after what it wrote.
 */

const COMMA = 0x2c;
const POINT = 0x2e;
const NEWLINE = 0x0a;
const ZERO = 0x30;

/** Longest kWh we write, of 32-bit watt-hours: `4294967.295`. */
const KWH_BYTES = 11;
const STAMP_BYTES = ',2026-11-01T00:00+08:00,'.length;
const DATE_BYTES = ',2026-11-01'.length;

/** What the rows of all points of a place share, as bytes: `,2026-11-01T00:00+08:00,` by hour and `,2026-11-01` by day. */
export interface RowStamps {
  readonly hours: Uint8Array;
  readonly days: Uint8Array;
}

export function rowStamps({ place, firstDay, days }: Scene): RowStamps {
  const offset = offsetText(place.offsetMinutes);
  const dates = Array.from({ length: days }, (_, day) => isoFromDay(firstDay + day));
  const hours = dates.flatMap((date) =>
    Array.from({ length: 24 }, (_, hour) => `,${date}T${twoDigits(hour)}:00${offset},`),
  );
  const encoder = new TextEncoder();
  return {
    hours: encoder.encode(hours.join('')),
    days: encoder.encode(dates.map((date) => `,${date}`).join('')),
  };
}

/** Room that the rows of one id of `idBytes` need at most, in either layout. */
export function mostRowBytes(hours: number, idBytes: number): number {
  return hours * (idBytes + STAMP_BYTES + KWH_BYTES + 1);
}

/** Long layout, `metering_point,start,kwh`: one row an hour; absent hours have none, blank ones no value. */
export function putLongRows(
  out: Uint8Array,
  at: number,
  id: Uint8Array,
  stamps: RowStamps,
  wattHours: Uint32Array,
  delivery: Uint8Array,
): number {
  for (let hour = 0; hour < wattHours.length; hour++) {
    const delivered = delivery[hour];
    if (delivered === ABSENT) continue;
    at = putBytes(out, at, id, 0, id.length);
    at = putBytes(out, at, stamps.hours, hour * STAMP_BYTES, STAMP_BYTES);
    if (delivered === PRESENT) at = putKwh(out, at, wattHours[hour]);
    out[at++] = NEWLINE;
  }
  return at;
}

/** Wide layout, `metering_point,date,h00..h23`: one row a day, none when no hour of it was delivered. */
export function putWideRows(
  out: Uint8Array,
  at: number,
  id: Uint8Array,
  stamps: RowStamps,
  wattHours: Uint32Array,
  delivery: Uint8Array,
): number {
  for (let day = 0; day * 24 < wattHours.length; day++) {
    const firstHour = day * 24;
    if (isAbsent(delivery, firstHour)) continue;
    at = putBytes(out, at, id, 0, id.length);
    at = putBytes(out, at, stamps.days, day * DATE_BYTES, DATE_BYTES);
    for (let hour = firstHour; hour < firstHour + 24; hour++) {
      out[at++] = COMMA;
      if (delivery[hour] === PRESENT) at = putKwh(out, at, wattHours[hour]);
    }
    out[at++] = NEWLINE;
  }
  return at;
}

/** Daily sums, `metering_point,date,kwh`: one row a day, none when an hour of it was not delivered. */
export function putDailyRows(
  out: Uint8Array,
  at: number,
  id: Uint8Array,
  stamps: RowStamps,
  wattHours: Uint32Array,
  delivery: Uint8Array,
): number {
  for (let day = 0; day * 24 < wattHours.length; day++) {
    if (!isWhole(delivery, day * 24)) continue;
    at = putBytes(out, at, id, 0, id.length);
    at = putBytes(out, at, stamps.days, day * DATE_BYTES, DATE_BYTES);
    out[at++] = COMMA;
    at = putKwh(out, at, sumOfDay(wattHours, day * 24));
    out[at++] = NEWLINE;
  }
  return at;
}

/** kWh with three decimals: 1234 Wh is `1.234`. */
export function putKwh(out: Uint8Array, at: number, wattHours: number): number {
  const whole = Math.floor(wattHours / 1000);
  const rest = wattHours - whole * 1000;
  let digits = 1;
  for (let limit = 10; limit <= whole; limit *= 10) digits++;
  let value = whole;
  for (let place = at + digits - 1; place >= at; place--) {
    const tenth = Math.floor(value / 10);
    out[place] = ZERO + value - tenth * 10;
    value = tenth;
  }
  at += digits;
  out[at] = POINT;
  out[at + 1] = ZERO + Math.floor(rest / 100);
  out[at + 2] = ZERO + (Math.floor(rest / 10) % 10);
  out[at + 3] = ZERO + (rest % 10);
  return at + 4;
}

/** `+08:00` */
export function offsetText(offsetMinutes: number): string {
  const size = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

function putBytes(out: Uint8Array, at: number, bytes: Uint8Array, from: number, count: number): number {
  for (let i = 0; i < count; i++) out[at + i] = bytes[from + i]!;
  return at + count;
}

function isAbsent(delivery: Uint8Array, firstHour: number): boolean {
  for (let hour = firstHour; hour < firstHour + 24; hour++) if (delivery[hour] !== ABSENT) return false;
  return true;
}

function isWhole(delivery: Uint8Array, firstHour: number): boolean {
  for (let hour = firstHour; hour < firstHour + 24; hour++) if (delivery[hour] !== PRESENT) return false;
  return true;
}

function sumOfDay(wattHours: Uint32Array, firstHour: number): number {
  let sum = 0;
  for (let hour = firstHour; hour < firstHour + 24; hour++) sum += wattHours[hour];
  return sum;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
