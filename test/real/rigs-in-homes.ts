import { monthStart, nextMonthStart, type DayNumber } from '../../src/grid/domain/calendar.js';
import type { Random } from '../../src/simulation/domain/random.js';

/**
 * What may be added to a real home, hour by hour. Written apart from src/simulation on purpose: what is tuned on one
 * generator's rigs and boilers must prove itself on the other's.
 */
export interface Stage {
  readonly firstDay: DayNumber;
  readonly days: number;
  /** °C by hour. */
  readonly outdoorC: Float32Array;
  /** The real home's own use, kW by hour, NaN = missing. */
  readonly homeKw: Float32Array;
  /** Real miners' power relative to their median, by minute. */
  readonly minerLogs: readonly Float64Array[];
  /** First hour of mining; zero or less when it began before the window. */
  readonly onsetHour: number;
}

export interface Added {
  /** kW by hour that pass the meter. */
  readonly meteredKw: Float64Array;
  /** kW by hour past the meter: seen by the transformer only. Negative where the home's own load no longer passes it. */
  readonly hiddenKw: Float64Array;
  /** Mean kW of the rigs while all run, 0 without rigs. */
  readonly rigKw: number;
}

export type Addition = (stage: Stage, random: Random) => Added;

/** ASIC of a kind: 0.8 kW (one hash board) to 3.6 kW. */
const UNIT_KW = [0.8, 1.1, 1.4, 2.2, 3.0, 3.25, 3.4, 3.6];

export const steady: Addition = (stage, random) => metered(stage, rigs(stage, random, random.whole(1, 3)));

export const gpu: Addition = (stage, random) => {
  const kw = random.between(0.7, 1.6);
  const load = unit(stage, random, { kw, swing: random.between(0.5, 1) });
  // Drivers crash and pools change: noisier than any ASIC.
  const noise = random.between(0.05, 0.12);
  for (let hour = 0; hour < load.length; hour++) {
    load[hour] *= Math.max(0.3, 1 + noise * random.gaussian());
    if (random.chance(1 / 60)) load[hour] *= random.between(0, 0.6);
  }
  return metered(stage, { kw, load });
};

export const nightOnly: Addition = (stage, random) => {
  const fleet = rigs(stage, random, random.whole(1, 2));
  return metered(
    stage,
    duringHours(fleet, (hour) => hour >= 23 || hour < 7),
  );
};

export const peakAvoiding: Addition = (stage, random) => {
  const fleet = rigs(stage, random, random.whole(1, 3));
  const morning = [random.whole(6, 8), random.whole(10, 12)];
  const evening = [random.whole(16, 18), random.whole(21, 23)];
  const isPeak = (hour: number) => [morning, evening].some(([from, to]) => hour >= from && hour < to);
  return metered(
    stage,
    duringHours(fleet, (hour) => !isPeak(hour)),
  );
};

export const intermittent: Addition = (stage, random) => {
  const fleet = rigs(stage, random, random.whole(1, 3));
  let hour = stage.onsetHour - random.whole(0, 72);
  while (hour < fleet.load.length) {
    const off = hour + random.whole(30, 150);
    hour = off + random.whole(20, 110);
    fleet.load.fill(0, Math.max(0, off), Math.max(0, hour));
  }
  return metered(stage, fleet);
};

/** Hours are cut so that the month's bill stays below a cap: the quota, or the local tariff's first band. */
export const capped: Addition = (stage, random) => {
  const small = random.chance(0.4);
  const capKwh = small ? random.between(3_300, 3_850) : random.between(5_500, 5_950);
  const fleet = rigs(stage, random, small ? random.whole(2, 3) : random.whole(3, 5), 2.2);
  const startsAt = random.pick([0, 8, 18, 20, 22, 23]);
  const rest = { leftKwh: 0 };
  silenceBefore(stage.onsetHour, fleet.load);
  for (let day = 0; day < stage.days; day++) capDay(stage, fleet, { day, startsAt, capKwh, rest });
  return metered(stage, fleet);
};

function capDay(
  { firstDay, homeKw }: Stage,
  { load }: Fleet,
  {
    day,
    startsAt,
    capKwh,
    rest,
  }: { day: number; startsAt: number; capKwh: number; rest: { leftKwh: number } },
): void {
  const date = firstDay + day;
  const monthEnd = nextMonthStart(date);
  const monthDays = monthEnd - monthStart(date);
  if (day === 0 || date === monthStart(date)) rest.leftKwh = (capKwh * (monthEnd - date)) / monthDays;
  const ownKwh = sumPresent(homeKw, day * 24);
  let budgetKwh = rest.leftKwh / (monthEnd - date) - ownKwh;
  let rigKwh = 0;
  for (let offset = 0; offset < 24; offset++) {
    const hour = day * 24 + ((startsAt + offset) % 24);
    load[hour] = Math.max(0, Math.min(load[hour], budgetKwh));
    budgetKwh -= load[hour];
    rigKwh += load[hour];
  }
  rest.leftKwh -= ownKwh + rigKwh;
}

/** One unit, and another every few days to weeks. */
export const staged: Addition = (stage, random) => {
  const units = random.whole(2, 4);
  const total = { kw: 0, load: new Float64Array(stage.days * 24) };
  let from = stage.onsetHour;
  for (let owned = 0; owned < units; owned++) {
    const one = rigs(stage, random, 1, 1.4);
    for (let hour = Math.max(0, Math.floor(from)); hour < one.load.length; hour++)
      total.load[hour] += one.load[hour];
    total.kw += one.kw;
    from += 24 * random.between(6, 25);
  }
  return metered(stage, total);
};

/** The rigs' heat is let into an electrically heated house: the thermostat backs off by it. */
export const replacingHeating: Addition = (stage, random) => {
  const fleet = rigs(stage, random, random.whole(1, 2));
  silenceBefore(stage.onsetHour, fleet.load);
  const heatKw = boiler(stage, random, fleet.load);
  return {
    meteredKw: fleet.load.map((kw, hour) => kw + heatKw[hour]),
    hiddenKw: zeros(stage),
    rigKw: fleet.kw,
  };
};

/** One phase of two or three past the meter. */
export const partialBypass: Addition = (stage, random) => {
  const fleet = rigs(stage, random, random.whole(2, 3), 1.4);
  const share = random.pick([1 / 3, 1 / 2, 2 / 3]);
  silenceBefore(stage.onsetHour, fleet.load);
  return {
    meteredKw: fleet.load.map((kw) => kw * share),
    hiddenKw: fleet.load.map((kw) => kw * (1 - share)),
    rigKw: fleet.kw,
  };
};

/** Everything past the meter, and a part of the home's own load with it. */
export const fullBypass: Addition = (stage, random) => {
  const fleet = rigs(stage, random, random.whole(1, 4), 2.2);
  const lostShare = random.chance(0.5) ? random.between(0.2, 0.7) : 0;
  silenceBefore(stage.onsetHour, fleet.load);
  const lostKw = fleet.load.map((_, hour) =>
    hour >= stage.onsetHour ? lostShare * (stage.homeKw[hour] || 0) : 0,
  );
  return {
    meteredKw: lostKw.map((kw) => -kw),
    hiddenKw: fleet.load.map((kw, hour) => kw + lostKw[hour]),
    rigKw: fleet.kw,
  };
};

export const nothing: Addition = (stage) => innocent(stage, zeros(stage));

export const electricHeating: Addition = (stage, random) => innocent(stage, boiler(stage, random));

/** Air-source: the colder, the less heat for a kilowatt. */
export const heatPump: Addition = (stage, random) => {
  const heatKw = boiler(stage, random);
  return innocent(
    stage,
    heatKw.map((kw, hour) => kw / Math.min(4.5, Math.max(1.6, 3.2 + 0.06 * stage.outdoorC[hour]))),
  );
};

/** Bricks or a tank charged from 23 to 7 with the coming day's heat, at full power for as long as it takes. */
export const nightStorage: Addition = (stage, random) => {
  const demandKw = boiler(stage, random);
  const chargeKw = random.between(6, 14);
  const load = zeros(stage);
  for (let day = 0; day < stage.days; day++) {
    let wantedKwh = sumPresent(demandKw, day * 24);
    for (const hour of [23, 0, 1, 2, 3, 4, 5, 6]) {
      load[day * 24 + hour] = Math.min(chargeKw, wantedKwh);
      wantedKwh -= load[day * 24 + hour];
    }
  }
  return innocent(stage, load);
};

/** Three to six evenings a week, some as a timer's block at night. */
export const electricCar: Addition = (stage, random) => {
  const load = zeros(stage);
  const kw = random.pick([2.2, 3.6, 7.2, 11]);
  const perWeek = random.between(3, 6.5);
  const timerHour = random.chance(0.4) ? 23 : null;
  for (let day = 0; day < stage.days; day++) {
    if (!random.chance(perWeek / 7)) continue;
    let kwh = random.between(5, 28);
    for (let hour = day * 24 + (timerHour ?? random.whole(17, 22)); kwh > 0 && hour < load.length; hour++) {
      load[hour] = Math.min(kw, kwh);
      kwh -= kw;
    }
  }
  return innocent(stage, load);
};

export const homeServer: Addition = (stage, random) =>
  innocent(stage, zeros(stage).fill(random.between(0.12, 0.45)));

/** 12 or 18 hours of light a day, to the minute. */
export const growLights: Addition = (stage, random) => {
  const kw = random.between(0.4, 1.6);
  const hours = random.pick([12, 12, 18]);
  const from = random.whole(0, 23);
  return innocent(
    stage,
    zeros(stage).map((_, hour) => ((hour - from + 24) % 24 < hours ? kw : 0.05)),
  );
};

interface Fleet {
  readonly kw: number;
  readonly load: Float64Array;
}

function rigs(stage: Stage, random: Random, count: number, leastKw = 0): Fleet {
  const kw = random.pick(UNIT_KW.filter((unitKw) => unitKw >= leastKw)) * random.between(0.95, 1.05);
  // An ASIC at a fixed clock holds its power; what the log shows (two power modes, a quarter apart) is the restless end.
  const swing = random.chance(0.2) ? 1 : random.between(0.05, 0.4);
  const load = zeros(stage);
  for (let n = 0; n < count; n++) {
    const one = unit(stage, random, { kw, swing });
    for (let hour = 0; hour < load.length; hour++) load[hour] += one[hour];
  }
  return { kw: kw * count, load };
}

/**
 * One unit running all the time: stretches of the real logs (each 17 hours long) from random places one after another,
 * their departure from the median taken `swing`-fold; an outage of some hours about once in six weeks.
 */
function unit(
  { days, minerLogs }: Stage,
  random: Random,
  { kw, swing }: { kw: number; swing: number },
): Float64Array {
  const load = new Float64Array(days * 24);
  for (let hour = 0; hour < load.length;) {
    const log = random.pick(minerLogs);
    let minute = random.whole(0, log.length - 121);
    for (; hour < load.length && minute + 60 <= log.length; hour++, minute += 60) {
      let sum = 0;
      for (let i = minute; i < minute + 60; i++) sum += log[i];
      load[hour] = kw * (1 + swing * (sum / 60 - 1));
    }
  }
  for (let hour = 0; hour < load.length; hour++) {
    if (random.chance(1 / (24 * 42))) load.fill(0, hour, hour + random.whole(1, 30));
  }
  return load;
}

/** Thermostat: kW by hour of heat that `gainsKw` does not give already. */
function boiler(stage: Stage, random: Random, gainsKw?: Float64Array): Float64Array {
  const lossKwPerK = random.lognormal(0.11, 0.35);
  const most = random.pick([4, 6, 9, 12]);
  const insideC = random.between(19, 23);
  const setbackK = random.chance(0.5) ? random.between(1, 4) : 0;
  const isOffice = random.chance(0.3);
  const swing = random.between(0.05, 0.25);
  let felt = stage.outdoorC[0];
  return Float64Array.from({ length: stage.days * 24 }, (_, hour) => {
    felt += (stage.outdoorC[hour] - felt) / 14;
    if (felt > 14) return 0;
    const ofDay = hour % 24;
    const isAway = isOffice && Math.floor(hour / 24) % 7 < 5 && ofDay >= 9 && ofDay < 17;
    const wantedC = insideC - (ofDay < 6 || isAway ? setbackK : 0);
    const wantedKw = lossKwPerK * (wantedC - felt) - 0.4 - 0.9 * (gainsKw?.[hour] ?? 0);
    return Math.min(most, Math.max(0, wantedKw * (1 + swing * random.gaussian())));
  });
}

function duringHours({ kw, load }: Fleet, isOn: (hourOfDay: number) => boolean): Fleet {
  return { kw, load: load.map((each, hour) => (isOn(hour % 24) ? each : 0)) };
}

function metered(stage: Stage, { kw, load }: Fleet): Added {
  silenceBefore(stage.onsetHour, load);
  return { meteredKw: load, hiddenKw: zeros(stage), rigKw: kw };
}

function innocent(stage: Stage, load: Float64Array): Added {
  return { meteredKw: load, hiddenKw: zeros(stage), rigKw: 0 };
}

function silenceBefore(onsetHour: number, load: Float64Array): void {
  load.fill(0, 0, Math.max(0, onsetHour));
}

function zeros({ days }: Stage): Float64Array {
  return new Float64Array(days * 24);
}

function sumPresent(values: Float32Array | Float64Array, from: number): number {
  let sum = 0;
  for (let hour = from; hour < from + 24; hour++) sum += values[hour] || 0;
  return sum;
}
