import { type DayNumber, isoFromDay } from '../../grid/domain/calendar.js';
import type { Random } from './random.js';
import type { Scene } from './scene.js';
import { winterness } from './weather.js';

/** Adds one thing's use to a household's load, kW by hour, with sizes and habits drawn from the household's stream. */
export type Load = (scene: Scene, random: Random, kw: Float64Array) => void;

/** A 7 kW wall box, three to five nights a week, until the battery is full. */
export const electricCar: Load = (scene, random, kw) => {
  const powerKw = random.between(6.4, 7.4);
  const plugsInAt = random.pick([21.5, 22, 23, 24, 25]);
  const nightsAWeek = random.whole(3, 5);
  for (let day = 0; day < scene.days; day++) {
    if (!random.chance(nightsAWeek / 7)) continue;
    addBlock(kw, day * 24 + plugsInAt + random.between(0, 0.4), random.between(1.5, 5.5), powerKw);
  }
};

/** Heats up at full power, then holds the heat; Saturdays nearly always, another evening now and then. */
export const sauna: Load = (scene, random, kw) => {
  const powerKw = random.between(6, 9);
  const startsAt = random.between(16.5, 19.5);
  for (let day = 0; day < scene.days; day++) {
    if (!random.chance(scene.isRestDay[day] === 1 ? 0.5 : 0.06)) continue;
    const from = day * 24 + startsAt + random.between(-0.5, 0.5);
    addBlock(kw, from, 1.2, powerKw);
    addBlock(kw, from + 1.2, random.between(1, 2.5), 0.55 * powerKw);
  }
};

/** Lamps on a timer: 18 hours a day while the plants grow, 12 while they bloom, then days without; a fan throughout. */
export const growLights: Load = (scene, random, kw) => {
  const lampsKw = random.between(1, 3);
  const fanKw = 0.05 * lampsKw;
  const onAt = random.whole(0, 23);
  const phases = [
    { hoursOn: 18, days: random.whole(28, 42) },
    { hoursOn: 12, days: random.whole(54, 63) },
    { hoursOn: 0, days: random.whole(4, 12) },
  ];
  const cycleDays = phases.reduce((sum, phase) => sum + phase.days, 0);
  const startedDaysAgo = random.whole(0, cycleDays - 1);
  for (let day = 0; day < scene.days; day++) {
    let dayOfCycle = (startedDaysAgo + day) % cycleDays;
    const phase = phases.find(({ days }) => (dayOfCycle -= days) < 0)!;
    if (phase.hoursOn > 0) addBlock(kw, day * 24, 24, fanKw);
    addBlock(kw, day * 24 + onAt, phase.hoursOn, lampsKw);
  }
};

/** A well pump by day, the garden on dry summer evenings, and the heating's circulation pump while it is cold. */
export const pumps: Load = (scene, random, kw) => {
  const circulationKw = random.between(0.06, 0.14);
  const wellKwh = random.between(0.15, 0.5);
  const gardenKw = random.between(0.7, 1.5);
  for (let hour = 0; hour < scene.hours; hour++) {
    const hourOfDay = hour % 24;
    if (scene.feltC[hour] < 10) kw[hour] += circulationKw;
    if (hourOfDay >= 6 && hourOfDay < 23 && random.chance(0.3)) kw[hour] += wellKwh;
    const mayWater = hourOfDay === 19 && winterness(dayOf(scene, hour)) < -0.5;
    if (mayWater && random.chance(0.5)) addBlock(kw, hour, random.between(1, 3), gardenKw);
  }
};

/** Machines that never sleep, in the power class of a few personal computers. */
export const homeServer: Load = (scene, random, kw) => {
  const powerKw = random.between(0.1, 0.5);
  for (let hour = 0; hour < scene.hours; hour++) kw[hour] += powerKw * (1 + 0.03 * random.gaussian());
};

/** A carpenter or a car mechanic at home: most working days from nine to six, in bursts. */
export const workshop: Load = (scene, random, kw) => {
  const lightKw = random.between(0.2, 0.5);
  const toolsKw = random.between(0.8, 2.5);
  for (let day = 0; day < scene.days; day++) {
    if (!random.chance(scene.isRestDay[day] === 1 ? 0.25 : 0.85)) continue;
    for (let hour = 9; hour < 18; hour++) {
      if (hour !== 13) kw[day * 24 + hour] += lightKw + Math.min(8, random.exponential(toolsKw));
    }
  }
};

/** Refrigeration day and night, a little more in the heat; lights and tills while the shop is open. */
export const smallShop: Load = (scene, random, kw) => {
  const refrigerationKw = random.between(0.7, 2.2);
  const openKw = random.between(0.8, 2.5);
  const opensAt = random.whole(8, 10);
  const closesAt = random.whole(19, 22);
  for (let hour = 0; hour < scene.hours; hour++) {
    const heat = 1 + 0.012 * Math.max(0, scene.outdoorC[hour] - 5);
    kw[hour] += refrigerationKw * heat * (1 + 0.06 * random.gaussian());
    const hourOfDay = hour % 24;
    if (hourOfDay >= opensAt && hourOfDay < closesAt) kw[hour] += openKw * random.between(0.8, 1.2);
  }
};

/** Weeks of tools by day, and fan heaters that dry the plaster day and night for some days: flat, steep and innocent. */
export const renovation: Load = (scene, random, kw) => {
  const firstDay = Math.floor(scene.days * random.between(0.1, 0.6));
  const lastDay = Math.min(scene.days, firstDay + random.whole(18, 50));
  const toolsKw = random.between(0.3, 0.9);
  for (let day = firstDay; day < lastDay; day++) {
    for (let hour = 9; hour < 19; hour++) {
      kw[day * 24 + hour] += Math.min(5, random.exponential(toolsKw));
    }
  }
  const dryingFrom = firstDay + random.between(3, 10);
  addBlock(kw, dryingFrom * 24, random.between(4, 9) * 24, random.pick([2, 2, 3, 4]));
};

/** Seedlings on the sills and in a heated greenhouse: lamps by day from the middle of February to the middle of May. */
export const seedlingLights: Load = (scene, random, kw) => {
  const lampsKw = random.between(0.2, 0.8);
  const onAt = random.whole(5, 8);
  const hoursOn = random.whole(12, 16);
  for (let day = 0; day < scene.days; day++) {
    const date = isoFromDay(scene.firstDay + day).slice(5);
    if (date >= '02-15' && date < '05-15') addBlock(kw, day * 24 + onAt, hoursOn, lampsKw);
  }
};

/** 200 to 500 l: a pump day and night, lamps on a timer, a heater whose thermostat works more in a cool room. */
export const aquarium: Load = (scene, random, kw) => {
  const pumpKw = random.between(0.02, 0.05);
  const lampsKw = random.between(0.04, 0.2);
  const heaterKw = random.between(0.15, 0.3);
  const onAt = random.whole(8, 13);
  for (let hour = 0; hour < scene.hours; hour++) {
    const roomC = Math.min(28, Math.max(20, 21 + 0.2 * scene.feltC[hour]));
    const heating = Math.min(1, Math.max(0, ((26 - roomC) / 12) * random.between(0.7, 1.3)));
    const isLit = (hour - onAt + 24) % 24 < 9;
    kw[hour] += pumpKw + heaterKw * heating + (isLit ? lampsKw : 0);
  }
};

/**
 * An oxygen concentrator: 0.3 to 0.5 kW, the ratings of those that give 5 to 10 l a minute, prescribed for 15 hours a day
 * and more. A third of them come within the window: flat, steep, small, and the last load to accuse.
 */
export const medicalDevice: Load = (scene, random, kw) => {
  const powerKw = random.between(0.3, 0.5);
  const hoursADay = random.pick([16, 20, 24, 24, 24]);
  const from = random.chance(1 / 3) ? Math.floor(scene.hours * random.between(0.1, 0.8)) : 0;
  for (let hour = from; hour < scene.hours; hour++) {
    const isOn = (hour + 4) % 24 < hoursADay;
    if (isOn) kw[hour] += powerKw * (1 + 0.015 * random.gaussian());
  }
};

/** A split system of 0.6 to 1.2 kW (2 to 3.5 kW of cold): works from 23 °C outdoors, in full at 32, evenings first. */
export const airConditioner: Load = (scene, random, kw) => {
  const powerKw = random.between(0.6, 1.2);
  const isHomeByDay = random.chance(0.4);
  const isOnAtNight = random.chance(0.3);
  for (let hour = 0; hour < scene.hours; hour++) {
    // Walls give the day's heat back in the evening.
    const feelsC = Math.max(scene.outdoorC[hour], scene.feltC[hour] + 3);
    if (feelsC < 23) continue;
    const hourOfDay = hour % 24;
    const isNight = hourOfDay < 7;
    const isDay = hourOfDay >= 9 && hourOfDay < 17 && scene.isRestDay[Math.floor(hour / 24)] === 0;
    const chance = isNight ? Number(isOnAtNight) : isDay ? Number(isHomeByDay) : 1;
    if (random.chance(0.9 * chance)) kw[hour] += powerKw * Math.min(1, 0.3 + 0.078 * (feelsC - 23));
  }
};

/** The filter of a garden pool, 0.4 to 1.1 kW for six to twelve hours by day, from June to the first days of September. */
export const poolPump: Load = (scene, random, kw) => {
  const powerKw = random.between(0.4, 1.1);
  const startsAt = random.whole(7, 11);
  const hoursOn = random.whole(6, 12);
  for (let day = 0; day < scene.days; day++) {
    if (winterness(scene.firstDay + day) < -0.6) addBlock(kw, day * 24 + startsAt, hoursOn, powerKw);
  }
};

/**
 * A hunter's, fisher's or trader's chest freezers: 0.3 to 0.6 kW together at 18 °C, day and night, 2.5 % more per kelvin
 * of the room they stand in; compressors come and go, so an hour swings by a tenth.
 */
export const bigFreezers: Load = (scene, random, kw) => {
  const powerKw = random.between(0.3, 0.6);
  for (let hour = 0; hour < scene.hours; hour++) {
    const roomC = Math.min(35, Math.max(5, scene.feltC[hour]));
    kw[hour] += powerKw * (1 + 0.025 * (roomC - 18)) * (1 + 0.1 * random.gaussian());
  }
};

/**
 * Pensioners' fan heaters, 1 to 2 kW, switched by hand: in the weeks before the district heating starts (below 8 °C for
 * five days), and when it does not manage the frost. For an evening, a day, or left on for several.
 */
export const retiredHeaters: Load = (scene, random, kw) => {
  const powerKw = random.pick([1, 1.5, 2]) * random.between(0.93, 1.03);
  const frostC = random.between(-28, -18);
  for (let hour = 0; hour < scene.hours; hour++) {
    const feltC = scene.feltC[hour];
    const isChilly = feltC >= 6 && feltC < 11;
    const hourOfDay = hour % 24;
    if ((!isChilly && feltC > frostC) || hourOfDay < 6 || hourOfDay > 21) continue;
    if (!random.chance(0.04)) continue;
    const hours = random.pick([random.between(2, 6), random.between(2, 6), 14, random.between(24, 120)]);
    addBlock(kw, hour + random.uniform(), hours, powerKw);
    hour += Math.ceil(hours);
  }
};

/** A bathroom's floor or two, left on from the first cold to the last: 0.4 to 1 kW, night and day, in winter only. */
export const underFloorHeating: Load = (scene, random, kw) => {
  const powerKw = random.between(0.4, 1);
  const onBelowC = random.between(0, 8);
  let isOn = scene.feltC[0] < onBelowC + 2;
  for (let hour = 0; hour < scene.hours; hour++) {
    if (scene.feltC[hour] < onBelowC) isOn = true;
    if (scene.feltC[hour] > onBelowC + 5) isOn = false;
    if (isOn) kw[hour] += powerKw * (1 + 0.04 * random.gaussian());
  }
};

/**
 * A bath house with an electric stove of 6 to 12 kW, heated for three to five hours on a day of rest, and kept from
 * freezing in between: 5 °C inside at 0.02 to 0.05 kW/K.
 */
export const bathHouse: Load = (scene, random, kw) => {
  const stoveKw = random.between(6, 12);
  const lossKwPerK = random.between(0.02, 0.05);
  for (let hour = 0; hour < scene.hours; hour++) {
    kw[hour] += Math.min(1.5, lossKwPerK * Math.max(0, 5 - scene.feltC[hour])) * random.between(0.85, 1.15);
  }
  for (let day = 0; day < scene.days; day++) {
    if (!random.chance(scene.isRestDay[day] === 1 ? 0.5 : 0.03)) continue;
    const from = day * 24 + random.between(13, 17);
    addBlock(kw, from, 2, stoveKw);
    addBlock(kw, from + 2, random.between(1, 3), 0.6 * stoveKw);
  }
};

/**
 * A small AI hall in a former shop: one to four servers of eight accelerators, 5 to 10 kW each at full load. Jobs of an
 * hour to two days draw 30 to 95 % of that, and one ends as the next begins.
 */
export const aiHall: Load = (scene, random, kw) => {
  const fullKw = random.whole(1, 4) * random.between(5, 10);
  for (let hour = 0; hour < scene.hours;) {
    const share = random.between(0.3, 0.95);
    const until = Math.min(scene.hours, hour + 1 + Math.floor(random.exponential(7)));
    for (; hour < until; hour++) {
      kw[hour] += fullKw * Math.min(0.97, Math.max(0.25, share * (1 + 0.05 * random.gaussian())));
    }
  }
};

/** Adds a constant load from a moment on (hours into the window, may be fractional), cut at the window's ends. */
export function addBlock(kw: Float64Array, fromHour: number, hours: number, powerKw: number): void {
  const to = Math.min(kw.length, fromHour + hours);
  const from = Math.max(0, fromHour);
  for (let hour = Math.floor(from); hour < to; hour++) {
    const covered = Math.min(to, hour + 1) - Math.max(from, hour);
    kw[hour] += powerKw * covered;
  }
}

function dayOf(scene: Scene, hour: number): DayNumber {
  return scene.firstDay + Math.floor(hour / 24);
}
