import type { DayNumber } from '../../grid/domain/calendar.js';
import type { Climate, Place } from './places.js';
import { Random } from './random.js';

/** Share of a day's departure from the season that the next day keeps: cold spells last about a week. */
const PERSISTENCE = 0.8;

/** Days of departures run before the first day: 0.8^60 of the unknown beginning is left, 2e-6. */
const RUN_UP_DAYS = 60;

/** A house feels the outdoor temperature through its walls: first-order lag of 18 hours, usual for timber and brick. */
const BUILDING_LAG_HOURS = 18;

/**
 * Outdoor temperature in °C, hour by hour: the season's mean, a departure that persists from day to day, and the
 * distance between night and afternoon. The same calendar day is as cold in every region of the same seed, whatever
 * window it is seen through.
 */
export function outdoorTemperature(
  seed: number,
  place: Place,
  firstDay: DayNumber,
  days: number,
): Float32Array {
  const { climate } = place;
  const temperature = new Float32Array(days * 24);
  let departure = 0;
  for (let day = firstDay - RUN_UP_DAYS; day < firstDay + days; day++) {
    const random = new Random(seed, 'weather', place.code, day);
    departure = PERSISTENCE * departure + Math.sqrt(1 - PERSISTENCE ** 2) * random.gaussian();
    // Clear days have both: they are colder in winter, and their nights are further from their afternoons.
    const dayNightK = climate.dayNightK * random.between(0.5, 1.5);
    if (day < firstDay) continue;
    const mean = seasonMean(climate, day) + departure * spread(climate, day);
    const start = (day - firstDay) * 24;
    for (let hour = 0; hour < 24; hour++) {
      temperature[start + hour] = mean + dayNightK * Math.cos(((hour - 15) / 24) * 2 * Math.PI);
    }
  }
  return temperature;
}

/** The outdoor temperature as a heated building feels it, °C, hour by hour. */
export function feltByBuildings(outdoorC: Float32Array): Float32Array {
  const felt = new Float32Array(outdoorC.length);
  let lagged = mean(outdoorC.subarray(0, Math.min(24, outdoorC.length)));
  for (let hour = 0; hour < outdoorC.length; hour++) {
    lagged += (outdoorC[hour] - lagged) / BUILDING_LAG_HOURS;
    felt[hour] = lagged;
  }
  return felt;
}

function seasonMean(climate: Climate, day: DayNumber): number {
  const middle = (climate.julyC + climate.januaryC) / 2;
  return middle - ((climate.julyC - climate.januaryC) / 2) * winterness(day);
}

function spread(climate: Climate, day: DayNumber): number {
  const winterShare = (1 + winterness(day)) / 2;
  return winterShare * climate.winterSpreadK + (1 - winterShare) * climate.summerSpreadK;
}

/** 1 in the middle of January, −1 in the middle of July. */
export function winterness(day: DayNumber): number {
  const days = day - MID_JANUARY;
  return Math.cos((days / 365.2425) * 2 * Math.PI);
}

/** 15 January 1970. */
const MID_JANUARY: DayNumber = 14;

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
