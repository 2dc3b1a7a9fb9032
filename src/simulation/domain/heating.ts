import type { Random } from './random.js';
import type { Scene } from './scene.js';

/**
 * Adds a house's electric heating to its load, kW by hour. `gainsKw` is the heat that other machines give off inside:
 * the thermostat backs off by it, which is how rigs hide in a heating bill.
 */
export type Heating = (scene: Scene, random: Random, gainsKw: Float64Array, kw: Float64Array) => void;

/** Nobody heats while the house feels more than this outside, °C. */
const HEATING_LIMIT_C = 12;

/** What people, sun and ordinary appliances give off, kW. */
const EVERYDAY_GAINS_KW = 0.35;

/** Of a machine's heat, what reaches the rooms: rigs stand in cellars and are partly vented. */
const USEFUL_GAIN = 0.85;

/** Heat loss of a house: kW per kelvin between inside and outside. */
export interface House {
  readonly lossKwPerK: readonly [low: number, high: number];
  readonly boilerKw: readonly [low: number, high: number];
}

/**
 * 100 to 150 m². Example: 0.1 kW/K at 21 °C inside and −20 °C outside is 4.1 kW, 3.75 kW after the gains, and 2,700
 * kWh in a month of 30 days.
 */
export const USUAL_HOUSE: House = { lossKwPerK: [0.07, 0.155], boilerKw: [8, 15] };

/** 200 m² and more: above 6,000 kWh in the coldest month without a single rig. */
export const LARGE_HOUSE: House = { lossKwPerK: [0.19, 0.26], boilerKw: [15, 24] };

/** A boiler or convectors under a thermostat, some turned down at night. */
export function electricBoiler(house: House): Heating {
  return (scene, random, gainsKw, kw) => {
    const demand = heatDemand(scene, random, house, gainsKw);
    const boilerKw = random.between(...house.boilerKw);
    const swing = random.between(0.06, 0.2);
    for (let hour = 0; hour < scene.hours; hour++) {
      const wanted = demand[hour] * (1 + swing * random.gaussian());
      kw[hour] += Math.min(boilerKw, Math.max(0, wanted));
    }
  };
}

/** Bricks charged at the night tariff, 23 to 7, with the heat of the whole day; the rest is topped up when it is used. */
export const nightStorage: Heating = (scene, random, gainsKw, kw) => {
  const demand = heatDemand(scene, random, USUAL_HOUSE, gainsKw);
  const storageKw = random.between(9, 16);
  for (let day = 0; day < scene.days; day++) {
    const today = demand.subarray(day * 24, day * 24 + 24);
    const wantedKwh = today.reduce((sum, hourKw) => sum + hourKw, 0);
    const chargeKw = Math.min(storageKw, wantedKwh / NIGHT_HOURS.length);
    const shortShare = wantedKwh > 0 ? 1 - (chargeKw * NIGHT_HOURS.length) / wantedKwh : 0;
    for (const hour of NIGHT_HOURS) kw[day * 24 + hour] += chargeKw * (1 + 0.02 * random.gaussian());
    for (let hour = 0; hour < 24; hour++) kw[day * 24 + hour] += today[hour] * shortShare;
  }
};

/**
 * A boiler that knows full stages only, three of 2 to 4 kW (household boilers of 6, 9 and 12 kW). The water and the
 * radiators, 100 to 300 l over 15 to 20 K, hold 2 to 6 kWh: that is the hysteresis, and why a stage stays for hours. By
 * the hour it looks like rigs switched on and off; over days it follows the cold.
 */
export const fixedStageBoiler: Heating = (scene, random, gainsKw, kw) => {
  const demand = heatDemand(scene, random, USUAL_HOUSE, gainsKw);
  const stageKw = random.pick([2, 3, 3, 3, 4]);
  const bufferKwh = random.between(2, 6);
  let stages = 0;
  let lackingKwh = 0;
  for (let hour = 0; hour < scene.hours; hour++) {
    const before = stages;
    const isShort = demand[hour] > stages * stageKw;
    if (lackingKwh > bufferKwh && isShort) stages = Math.min(STAGES, stages + 1);
    else if (lackingKwh < -bufferKwh && !isShort) stages = Math.max(0, stages - 1);
    // Switched somewhere within the hour.
    const usedKw = stageKw * (stages + (before - stages) * random.uniform());
    const balance = lackingKwh + demand[hour] - usedKw;
    lackingKwh = Math.min(4 * bufferKwh, Math.max(-2 * bufferKwh, balance));
    kw[hour] += usedKw;
  }
};

const STAGES = 3;

/** Air-source: 3.5 units of heat for one of power at +7 °C, 1.9 at −20 °C. */
export const heatPump: Heating = (scene, random, gainsKw, kw) => {
  const demand = heatDemand(scene, random, USUAL_HOUSE, gainsKw);
  for (let hour = 0; hour < scene.hours; hour++) {
    const heatPerPower = Math.max(1.5, 3.5 + 0.06 * (scene.outdoorC[hour] - 7));
    kw[hour] += (demand[hour] / heatPerPower) * (1 + 0.1 * random.gaussian());
  }
};

const NIGHT_HOURS = [23, 0, 1, 2, 3, 4, 5, 6];

/** Heat that a house asks for, kW by hour. */
function heatDemand(scene: Scene, random: Random, house: House, gainsKw: Float64Array): Float64Array {
  const lossKwPerK = random.between(...house.lossKwPerK);
  const insideC = random.between(19.5, 22.5);
  const nightSetbackK = random.chance(0.4) ? random.between(1, 3) : 0;
  const demand = new Float64Array(scene.hours);
  for (let hour = 0; hour < scene.hours; hour++) {
    if (scene.feltC[hour] > HEATING_LIMIT_C) continue;
    const isNight = hour % 24 < 6 || hour % 24 >= 23;
    const wantedC = insideC - (isNight ? nightSetbackK : 0);
    const lost = lossKwPerK * (wantedC - scene.feltC[hour]);
    demand[hour] = Math.max(0, lost - EVERYDAY_GAINS_KW - USEFUL_GAIN * gainsKw[hour]);
  }
  return demand;
}
