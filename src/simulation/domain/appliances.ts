import type { DayNumber } from '../../grid/domain/calendar.js';
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
