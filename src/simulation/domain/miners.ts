import { type Archetype, MINER_HOMES } from './archetypes.js';
import type { Card } from './deal.js';
import type { PlaceLaw } from './places.js';
import type { Random } from './random.js';
import {
  atNight,
  belowTheQuota,
  dayAndNight,
  onAndOff,
  oneMoreEachTime,
  outsidePeaks,
  type Plan,
  type Rigs,
} from './rigs.js';

/** One way of mining at home, and of not being seen doing it. */
export interface MinerKind extends Card {
  readonly name: string;
  readonly homes: readonly Archetype[];
  readonly rigs: (random: Random) => Rigs;
  readonly plan: Plan;
  /** Share of the rigs' load that passes the meter, and of the household's own load from the onset on. */
  readonly metered: { readonly rigs: number; readonly household: number };
  /** Has told the supplier, is in the register, and mines where it may. */
  readonly isRegistered?: boolean;
}

const { flat, house, garage, heated } = MINER_HOMES;
const IN_FULL = { rigs: 1, household: 1 };
/** A second feed, before the meter, for two thirds of the rigs. */
const ONE_THIRD = { rigs: 1 / 3, household: 1 };
/** Everything big hangs before the meter, some of the household too: the reading falls. */
const PAST_THE_METER = { rigs: 0, household: 0.7 };

/** Unlawful anywhere the ban holds. */
const IN_A_BAN: readonly MinerKind[] = [
  kind('rigs_steady', 5, [house, house, flat, garage, heated], asics(1, 4), dayAndNight),
  kind('gpu_rigs', 2, [flat, flat, house], graphicsCards, dayAndNight),
  kind('night_only', 1, [house, flat, garage], asics(1, 3), atNight),
  kind('peak_avoiding', 1, [house, garage], asics(1, 3), outsidePeaks),
  kind('intermittent', 1, [house, garage], asics(1, 3), onAndOff),
  kind('capped', 2, [house, flat, garage], asics(3, 4), belowTheQuota),
  kind('staged', 2, [house, garage], asics(3, 4), oneMoreEachTime),
  kind('heating_replaced', 2, [heated], asics(1, 2), dayAndNight),
  kind('partial_bypass', 2, [house, flat, garage], asics(2, 4), dayAndNight, ONE_THIRD),
  kind('full_bypass', 2, [house, garage], asics(2, 4), dayAndNight, PAST_THE_METER),
];

/** Unlawful even where only the quota holds: above 6,000 kWh a month without registration, or past the meter. */
const ABOVE_THE_QUOTA: readonly MinerKind[] = [
  kind('rigs_steady', 4, [house, garage, heated], asics(3, 4), dayAndNight),
  kind('staged', 2, [house, garage], asics(4, 4), oneMoreEachTime),
  kind('partial_bypass', 1, [house], asics(3, 4), dayAndNight, ONE_THIRD),
  kind('full_bypass', 1, [house, garage], asics(2, 4), dayAndNight, PAST_THE_METER),
];

/** How people mine where they may not, by what the law says of the place. */
export const MINERS: Readonly<Record<PlaceLaw, readonly MinerKind[]>> = {
  banned: IN_A_BAN,
  quota_only: ABOVE_THE_QUOTA,
};

/** Where only the quota holds: registered with its declared load, and one rig far below it. Neither is to be found. */
export const LAWFUL_MINERS: readonly MinerKind[] = [
  { ...kind('registered_miner', 1, [house, garage], asics(3, 4), dayAndNight), isRegistered: true },
  kind('miner_within_quota', 1, [house, flat], asics(1, 1), dayAndNight),
];

function kind(
  name: string,
  cards: number,
  homes: readonly Archetype[],
  rigs: (random: Random) => Rigs,
  plan: Plan,
  metered: MinerKind['metered'] = IN_FULL,
): MinerKind {
  return { name, cards, homes, rigs, plan, metered };
}

/** Antminer S19 to S21 and their like: about 3.0 to 3.6 kW each, hardly noisy. */
function asics(fewest: number, most: number): (random: Random) => Rigs {
  return (random) => ({
    count: random.whole(fewest, most),
    eachKw: random.between(3.05, 3.55),
    noise: random.between(0.005, 0.015),
  });
}

/** One frame of six to twelve graphics cards, 0.8 to 1.6 kW; their clocks follow the coin, so they are less steady. */
function graphicsCards(random: Random): Rigs {
  return { count: 1, eachKw: random.between(0.8, 1.6), noise: random.between(0.015, 0.03) };
}
