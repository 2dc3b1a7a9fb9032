import type { DayNumber } from '../../grid/domain/calendar.js';
import { type Archetype, HOUSEHOLDS } from './archetypes.js';
import { dealer, onePerBlock } from './deal.js';
import { LAWFUL_MINERS, type MinerKind, MINERS } from './miners.js';
import { type Place, PLACES } from './places.js';
import { Random } from './random.js';
import { type Transformer, transformerFor } from './transformer-loss.js';

/** What a region is made from; the same settings make the same region, byte for byte. */
export interface RegionSettings {
  readonly seed: number;
  readonly points: number;
  readonly firstDay: DayNumber;
  readonly days: number;
  /** Share of all points that mine unlawfully, 0 to 0.5. */
  readonly minerShare: number;
}

export interface TransformerPlan {
  readonly index: number;
  readonly id: string;
  readonly feeder: string;
  readonly place: Place;
  readonly transformer: Transformer;
  readonly points: readonly PointPlan[];
}

export interface PointPlan {
  readonly index: number;
  readonly id: string;
  readonly household: string;
  readonly archetype: Archetype;
  /** Null for everybody who does not mine. */
  readonly miner: MinerKind | null;
  /** Mines where or as it may not: what a detector must find. */
  readonly isUnlawful: boolean;
  /** Has readings, but the registry forgot it. */
  readonly isUnregistered: boolean;
  /** Is in the registry, but its meter is never read. */
  readonly isUnread: boolean;
}

const FEWEST_POINTS = 30;
const MOST_POINTS = 80;
const TRANSFORMERS_PER_FEEDER = 8;

/** One in so many points is forgotten by the registry, and one in so many is never read. */
const ONE_MISTAKE_IN = 250;

/**
 * The region's transformers one after the other, each with its points: how many and who they are depends on the seed
 * and on the indices alone, so that a larger region begins with the smaller one (but for its last, cut transformer).
 */
export function* regionPlan(settings: RegionSettings): Generator<TransformerPlan> {
  const planPoint = pointPlanner(settings);
  let firstPoint = 0;
  let lawfulMiners = 0;
  for (let index = 0; firstPoint < settings.points; index++) {
    const place = PLACES[index % PLACES.length];
    const random = new Random(settings.seed, 'transformer', index);
    const size = random.whole(FEWEST_POINTS, MOST_POINTS);
    const count = Math.min(size, settings.points - firstPoint);
    const points = Array.from({ length: count }, (_, i) => planPoint(place, firstPoint + i, i === 0));
    if (place.law === 'quota_only') {
      // One miner who may, wherever one may.
      const kind = LAWFUL_MINERS[lawfulMiners++ % LAWFUL_MINERS.length];
      const at = random.whole(0, FEWEST_POINTS - 1);
      if (at < count) points[at] = asMiner(points[at], kind, random);
    }
    yield {
      index,
      id: `T${padded(index + 1, 6)}`,
      feeder: `F${padded(Math.floor(index / TRANSFORMERS_PER_FEEDER) + 1, 5)}`,
      place,
      transformer: transformerFor(size),
      points,
    };
    firstPoint += count;
  }
}

function pointPlanner({ seed, minerShare }: RegionSettings) {
  const dealHousehold = dealer(seed, 'household', HOUSEHOLDS);
  const dealMiner = {
    banned: dealer(seed, 'miner where banned', MINERS.banned),
    quota_only: dealer(seed, 'miner under the quota', MINERS.quota_only),
  };
  const pickMiner = minerShare > 0 ? onePerBlock(seed, 'miner', Math.round(1 / minerShare)) : () => null;
  const pickUnregistered = onePerBlock(seed, 'unregistered', ONE_MISTAKE_IN);
  const pickUnread = onePerBlock(seed, 'unread', ONE_MISTAKE_IN);

  return (place: Place, index: number, isFirst: boolean): PointPlan => {
    const random = new Random(seed, 'plan', index);
    // A garage, or a second meter of the household next door.
    const isShared = !isFirst && random.chance(0.01);
    const isUnregistered = pickUnregistered(index) !== null;
    const plan: PointPlan = {
      index,
      id: `P${padded(index + 1, 7)}`,
      household: `H${padded(isShared ? index : index + 1, 7)}`,
      archetype: dealHousehold(index),
      miner: null,
      isUnlawful: false,
      isUnregistered,
      isUnread: !isUnregistered && pickUnread(index) !== null,
    };
    const pick = pickMiner(index);
    if (pick === null) return plan;
    return { ...asMiner(plan, dealMiner[place.law](pick), random), isUnlawful: true };
  };
}

/** The point with a miner in it, whom the registry knows and whose meter is read: else nobody could be asked to find them. */
function asMiner(plan: PointPlan, miner: MinerKind, random: Random): PointPlan {
  const archetype = random.pick(miner.homes);
  return { ...plan, archetype, miner, isUnlawful: false, isUnregistered: false, isUnread: false };
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
