import type { DayNumber } from '../../grid/domain/calendar.js';
import type { Place } from './places.js';
import { feltByBuildings, outdoorTemperature } from './weather.js';

/** What every household of a place shares: its calendar and its weather. Hour `h` of day `d` lies at `d * 24 + h`. */
export interface Scene {
  readonly place: Place;
  readonly firstDay: DayNumber;
  readonly days: number;
  readonly hours: number;
  /** °C by hour. */
  readonly outdoorC: Float32Array;
  readonly feltC: Float32Array;
  /** 1 on Saturdays and Sundays. */
  readonly isRestDay: Uint8Array;
}

export function sceneOf(seed: number, place: Place, firstDay: DayNumber, days: number): Scene {
  const outdoorC = outdoorTemperature(seed, place, firstDay, days);
  return {
    place,
    firstDay,
    days,
    hours: days * 24,
    outdoorC,
    feltC: feltByBuildings(outdoorC),
    isRestDay: Uint8Array.from({ length: days }, (_, day) => (weekday(firstDay + day) % 6 === 0 ? 1 : 0)),
  };
}

/** 0 = Sunday … 6 = Saturday; day 0, 1 January 1970, was a Thursday. */
export function weekday(day: DayNumber): number {
  return (((day + 4) % 7) + 7) % 7;
}
