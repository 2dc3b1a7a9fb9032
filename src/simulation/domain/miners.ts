import { type Archetype, MINER_HOMES } from './archetypes.js';
import type { Card } from './deal.js';
import type { PlaceLaw } from './places.js';
import type { Random } from './random.js';
import {
  allAtOnce,
  atNight,
  atTwoPowerLevels,
  belowTheQuota,
  dayAndNight,
  movedToTheNext,
  onAndOff,
  oneMoreEachTime,
  outsidePeaks,
  type Plan,
  type Rigs,
  untilLately,
} from './rigs.js';

/** One way of mining at home, and of not being seen doing it. */
export interface MinerKind extends Card {
  readonly name: string;
  readonly homes: readonly Archetype[];
  /** The machines at the farm's first point (0), its second … */
  readonly rigs: (random: Random, member: number) => Rigs;
  readonly plan: Plan;
  /** Share of the rigs' load that passes the meter, and of the household's own load from the onset on. */
  readonly metered: { readonly rigs: number; readonly household: number };
  /** In the register, with so much of its load declared to the supplier; 1 is all of it. */
  readonly declaredShare?: readonly [low: number, high: number];
  /** Lies over several points of one transformer. */
  readonly spread?: Spread;
}

/** How one miner's rigs lie over several metering points. */
export interface Spread {
  readonly points: readonly [fewest: number, most: number];
  /** What stands at the points after the first. */
  readonly others: readonly Archetype[];
  readonly household: 'same' | 'other';
}

const { flat, house, garage, boxInCooperative, heated } = MINER_HOMES;
const IN_FULL = { rigs: 1, household: 1 };
/** A second feed, before the meter, for two thirds of the rigs. */
const ONE_THIRD = { rigs: 1 / 3, household: 1 };
/** Everything big hangs before the meter, some of the household too: the reading falls. */
const PAST_THE_METER = { rigs: 0, household: 0.7 };
/** The house, and the garage's or an annexe's own meter; one contract holder. */
const OVER_SEVERAL_METERS: Spread = { points: [2, 3], others: [garage, house], household: 'same' };
/** A box in somebody else's name, under the same transformer. */
const TO_THE_GARAGE: Spread = { points: [2, 2], others: [boxInCooperative], household: 'other' };

/** Unlawful anywhere the ban holds. One household with several meters, and rigs that moved, are two or three rows each. */
const IN_A_BAN: readonly MinerKind[] = [
  kind('rigs_steady', 6, [house, house, flat, garage, heated], asics(1, 4), dayAndNight),
  kind('gpu_rigs', 2, [flat, flat, house], graphicsCards, dayAndNight),
  kind('small_rigs', 2, [flat, house, garage], smallRigs, dayAndNight),
  kind('two_power_levels', 2, [house, garage, heated], asics(1, 3), atTwoPowerLevels),
  kind('night_only', 2, [house, flat, garage], asics(1, 3), atNight),
  kind('peak_avoiding', 2, [house, garage], asics(1, 3), outsidePeaks),
  kind('intermittent', 2, [house, garage], asics(1, 3), onAndOff),
  kind('capped', 2, [house, flat, garage], asics(3, 4), belowTheQuota),
  kind('staged', 2, [house, garage], asics(3, 4), oneMoreEachTime),
  kind('heating_replaced', 2, [heated], asics(1, 2), dayAndNight),
  kind('partial_bypass', 2, [house, flat, garage], asics(2, 4), dayAndNight, ONE_THIRD),
  kind('full_bypass', 2, [house, garage], asics(2, 4), dayAndNight, PAST_THE_METER),
  kind('stopped', 2, [house, flat, garage], asics(1, 4), untilLately),
  { ...kind('split_points', 1, [house], eachBelowTheQuota(1), allAtOnce), spread: OVER_SEVERAL_METERS },
  { ...kind('moved_to_garage', 1, [house], asics(1, 4), movedToTheNext), spread: TO_THE_GARAGE },
];

/** Unlawful even where only the quota holds: above 6,000 kWh a month without registration, or past the meter. */
const ABOVE_THE_QUOTA: readonly MinerKind[] = [
  kind('rigs_steady', 3, [house, garage, heated], asics(3, 4), dayAndNight),
  kind('staged', 1, [house, garage], asics(4, 4), oneMoreEachTime),
  kind('partial_bypass', 1, [house], asics(3, 4), dayAndNight, ONE_THIRD),
  kind('full_bypass', 1, [house, garage], asics(2, 4), dayAndNight, PAST_THE_METER),
  { ...kind('split_points', 1, [house], eachBelowTheQuota(2), allAtOnce), spread: OVER_SEVERAL_METERS },
  { ...kind('moved_to_garage', 1, [house], asics(3, 4), movedToTheNext), spread: TO_THE_GARAGE },
  {
    ...kind('declared_exceeded', 3, [house, garage], asics(3, 6), dayAndNight),
    declaredShare: [1 / 3, 1 / 1.6],
  },
];

/** How people mine where they may not, by what the law says of the place. */
export const MINERS: Readonly<Record<PlaceLaw, readonly MinerKind[]>> = {
  banned: IN_A_BAN,
  quota_only: ABOVE_THE_QUOTA,
};

/** Where only the quota holds: registered with its declared load, and one rig far below it. Neither is to be found. */
export const LAWFUL_MINERS: readonly MinerKind[] = [
  { ...kind('registered_miner', 1, [house, garage], asics(3, 4), dayAndNight), declaredShare: [1, 1] },
  kind('miner_within_quota', 1, [house, flat], asics(1, 1), dayAndNight),
];

function kind(
  name: string,
  cards: number,
  homes: readonly Archetype[],
  rigs: MinerKind['rigs'],
  plan: Plan,
  metered: MinerKind['metered'] = IN_FULL,
): MinerKind {
  return { name, cards, homes, rigs, plan, metered };
}

/** Antminer S19 to S21 and their like: about 3.0 to 3.6 kW each, hardly noisy. A third stand badly aired. */
function asics(fewest: number, most: number): (random: Random) => Rigs {
  return (random) => asic(random, random.whole(fewest, most));
}

function asic(random: Random, count: number): Rigs {
  return {
    count,
    eachKw: random.between(3.05, 3.55),
    noise: random.between(0.005, 0.015),
    // The intake of a shut garage is 10 to 15 K above the air outside, and 40 °C is where chips are slowed down.
    deratesAboveC: random.chance(1 / 3) ? random.between(25, 30) : Infinity,
  };
}

/** At most two at each meter: 2 × 3.55 kW are 5,100 kWh in 30 days, and leave room for a household below 6,000. */
function eachBelowTheQuota(fewest: number): MinerKind['rigs'] {
  return (random, member) => {
    const counts = Array.from({ length: OVER_SEVERAL_METERS.points[1] }, () => random.whole(fewest, 2));
    return asic(random, counts[member]);
  };
}

/**
 * One or two old machines of the S9's class: 1.4 kW rated, 0.8 to 1.5 kW as tuned at home, and less steady than new ones
 * (the logged hours of a small real miner swing by 15 %).
 */
function smallRigs(random: Random): Rigs {
  return { count: random.whole(1, 2), eachKw: random.between(0.8, 1.5), noise: random.between(0.01, 0.12) };
}

/** One frame of six to twelve graphics cards, 0.8 to 1.6 kW; their clocks follow the coin, so they are less steady. */
function graphicsCards(random: Random): Rigs {
  return { count: 1, eachKw: random.between(0.8, 1.6), noise: random.between(0.015, 0.03) };
}
