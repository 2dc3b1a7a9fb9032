import type { Random } from './random.js';
import type { Scene } from './scene.js';
import { winterness } from './weather.js';

/** What kind of home it is, before chance makes it this one. */
export interface HomeKind {
  /** Median kWh a day without heating, and the spread between homes (sigma of the logarithm). */
  readonly dailyKwh: number;
  readonly dailySpread: number;
  /** Median kW of what is never off besides the refrigerator: standby, router, clocks. */
  readonly standbyKw: number;
  readonly fridgeKw: number;
}

export interface Home {
  readonly standbyKw: number;
  readonly fridgeKw: number;
  /** kWh a day of what people do: everything above standby and refrigerator. */
  readonly activityKwh: number;
  /** How the activity lies over the day: 24 weights with mean 1, on working days and on days of rest. */
  readonly workShape: Float64Array;
  readonly restShape: Float64Array;
  /** Share of the activity that runs smoothly (light, screens, cooling); the rest comes as events. */
  readonly smoothShare: number;
  /** Kettle, oven, washing machine: chance of one in an average hour. */
  readonly eventsPerHour: number;
  /** Sigma of the logarithm of a day's activity. */
  readonly dayToDay: number;
  readonly restFactor: number;
}

/** Of an event's energy, what falls into the hour it began in. */
const FIRST_HOUR_SHARE = 0.68;

/** Of the standby, what a dacha in winter or an empty flat keeps: the meter itself, a doorbell. */
const LEFT_ON_SHARE = 0.15;

/** No single event is larger: an oven and a washing machine together. */
const MOST_EVENT_KWH = 6;

/**
 * A home of the kind. The constants were set against the 52 SGSC homes (floor, load factor, daily shape, hour-to-hour
 * correlation); test/simulation compares them with the data.
 */
export function drawHome(random: Random, kind: HomeKind): Home {
  const standbyKw = Math.min(0.4, random.lognormal(kind.standbyKw, 0.85));
  const fridgeKw = kind.fridgeKw * random.between(0.6, 1.4);
  const dailyKwh = random.lognormal(kind.dailyKwh, kind.dailySpread);
  const atHomeByDay = random.between(0.55, 1.15);
  const morning = random.between(7, 8.8);
  const evening = random.between(18, 20.8);
  return {
    standbyKw,
    fridgeKw,
    activityKwh: Math.max(0.25 * dailyKwh, dailyKwh - 24 * (standbyKw + fridgeKw)),
    workShape: dailyShape(morning, evening, atHomeByDay, 1),
    restShape: dailyShape(morning + 1.5, evening - 0.5, Math.max(1, atHomeByDay), 0.8),
    smoothShare: random.between(0.2, 0.6),
    eventsPerHour: random.lognormal(0.18, 0.5),
    dayToDay: random.between(0.2, 0.4),
    restFactor: random.lognormal(1.08, 0.13),
  };
}

/**
 * Adds the home's everyday use in kW. `occupancy` by day: 1 at home, 0 away, another number for more or fewer
 * people than the home was drawn for; the refrigerator runs on, but for `unpluggedWhenAway` (a dacha in winter, an
 * empty flat).
 */
export function addEverydayUse(
  scene: Scene,
  home: Home,
  occupancy: Float32Array,
  unpluggedWhenAway: boolean,
  random: Random,
  kw: Float64Array,
): void {
  let mood = random.gaussian();
  let carriedKwh = 0;
  for (let day = 0; day < scene.days; day++) {
    const isRestDay = scene.isRestDay[day] === 1;
    const isPresent = occupancy[day] > 0;
    mood = 0.4 * mood + 0.917 * random.gaussian();
    // Light is on for longer in winter, and people stay in.
    const season = 1 + 0.12 * winterness(scene.firstDay + day);
    const activity = Math.exp(home.dayToDay * mood) * (isRestDay ? home.restFactor : 1) * season;
    const today = useOfDay(home, activity * occupancy[day], !isPresent && unpluggedWhenAway);
    const shape = isRestDay ? home.restShape : home.workShape;
    carriedKwh = addHours(kw, day * 24, today, shape, carriedKwh, random);
  }
}

interface DayUse {
  readonly standbyKw: number;
  readonly fridgeKw: number;
  readonly smoothKw: number;
  /** Chance of an event in an hour of weight 1, and its mean energy. */
  readonly eventChance: number;
  readonly eventKwh: number;
}

/** `activity` relative to the home's mean day, 0 = nobody there. */
function useOfDay(home: Home, activity: number, isUnplugged: boolean): DayUse {
  const activityKw = (home.activityKwh / 24) * activity;
  // A livelier day has somewhat larger events; a quiet one has fewer of them.
  const eventChance = activity > 0 ? home.eventsPerHour * Math.min(1, 0.5 + 0.5 * activity) : 0;
  return {
    standbyKw: isUnplugged ? LEFT_ON_SHARE * home.standbyKw : home.standbyKw,
    fridgeKw: isUnplugged ? 0 : home.fridgeKw,
    smoothKw: activityKw * home.smoothShare,
    eventChance,
    eventKwh: eventChance > 0 ? (activityKw * (1 - home.smoothShare)) / eventChance : 0,
  };
}

/** Adds one day's hours; answers the energy of its last event that falls into the next hour. */
function addHours(
  kw: Float64Array,
  from: number,
  today: DayUse,
  shape: Float64Array,
  carriedKwh: number,
  random: Random,
): number {
  const { standbyKw, fridgeKw, smoothKw, eventChance, eventKwh } = today;
  for (let hour = 0; hour < 24; hour++) {
    const weight = shape[hour];
    let load = standbyKw + fridgeKw * (0.4 + 1.2 * random.uniform()) + carriedKwh;
    carriedKwh = 0;
    if (smoothKw > 0) {
      // A lognormal of mean 1: −σ²/2 in the exponent undoes its skew.
      load += smoothKw * weight * Math.exp(0.5 * random.gaussian() - 0.125);
      if (random.uniform() < eventChance * weight) {
        const energy = Math.min(MOST_EVENT_KWH, random.exponential(eventKwh));
        load += FIRST_HOUR_SHARE * energy;
        carriedKwh = (1 - FIRST_HOUR_SHARE) * energy;
      }
    }
    kw[from + hour] += load;
  }
  return carriedKwh;
}

/** Somebody always lives there, but for about two journeys a year of 3 to 14 days. */
export function livedIn(scene: Scene, random: Random): Float32Array {
  const occupancy = new Float32Array(scene.days).fill(1);
  for (let day = 0; day < scene.days; day++) {
    if (!random.chance(2 / 365)) continue;
    const back = day + random.whole(3, 14);
    occupancy.fill(0, day, back);
    day = back;
  }
  return occupancy;
}

/** A dacha: most weekends from May to September, and weeks of the summer. */
export function weekendsInSummer(scene: Scene, random: Random): Float32Array {
  const occupancy = new Float32Array(scene.days);
  let holidayUntil = -1;
  for (let day = 0; day < scene.days; day++) {
    // Warmer than the turn of April to May and of September to October.
    const isSeason = winterness(scene.firstDay + day) < -0.27;
    if (isSeason && random.chance(0.02)) holidayUntil = day + random.whole(7, 21);
    const isWeekend = scene.isRestDay[day] === 1 && random.chance(0.75);
    if (isSeason && (isWeekend || day < holidayUntil)) occupancy[day] = 1;
  }
  return occupancy;
}

export function nobody(scene: Scene): Float32Array {
  return new Float32Array(scene.days);
}

/** Empty until somebody moves in: an innocent step up. */
export function movingIn(scene: Scene, random: Random): Float32Array {
  const moves = Math.floor(scene.days * random.between(0.25, 0.75));
  return new Float32Array(scene.days).fill(1, moves);
}

/** From a day on more people (a child, a parent taken in), fewer, or nobody any more. */
export function householdChanges(scene: Scene, random: Random): Float32Array {
  const changes = Math.floor(scene.days * random.between(0.2, 0.8));
  const after = random.pick([random.between(1.4, 2.2), random.between(0.35, 0.65), 0]);
  return new Float32Array(scene.days).fill(1, 0, changes).fill(after, changes);
}

/** A low night, a peak around breakfast, what goes on by day, and a wide peak in the evening; mean 1. */
function dailyShape(morning: number, evening: number, byDay: number, morningSize: number): Float64Array {
  const shape = new Float64Array(24);
  let sum = 0;
  for (let hour = 0; hour < 24; hour++) {
    const day = byDay * bump(hour, (morning + evening) / 2, 4.2);
    const weight =
      0.36 + 0.68 * morningSize * bump(hour, morning, 1.4) + 0.62 * day + 0.66 * bump(hour, evening, 2.6);
    shape[hour] = weight;
    sum += weight;
  }
  for (let hour = 0; hour < 24; hour++) shape[hour] *= 24 / sum;
  return shape;
}

/** A bell over the circle of 24 hours, 1 at its centre. */
function bump(hour: number, centre: number, width: number): number {
  const distance = Math.abs(((hour - centre + 36) % 24) - 12);
  return Math.exp(-0.5 * (distance / width) ** 2);
}
