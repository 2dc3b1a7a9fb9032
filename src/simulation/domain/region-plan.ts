import type { DayNumber } from '../../grid/domain/calendar.js';
import { type Archetype, HOUSEHOLDS } from './archetypes.js';
import { dealer, onePerBlock } from './deal.js';
import { LAWFUL_MINERS, type MinerKind, MINERS, type Spread } from './miners.js';
import { type Place, PLACES } from './places.js';
import { Random } from './random.js';
import { type Transformer, transformerFor } from './transformer-loss.js';

/** What a region is made from; the same settings make the same region, byte for byte. */
export interface RegionSettings {
  readonly seed: number;
  readonly points: number;
  readonly firstDay: DayNumber;
  readonly days: number;
  /** Miners per point, 0 to 0.5; the one whose rigs lie over several points counts once. */
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
  /** Where one miner's rigs lie over several points: the index of the first of them, and which of them this is. */
  readonly farm: { readonly leader: number; readonly member: number } | null;
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
    // All of them are planned, also beyond a cut, or the neighbours' farms would depend on where the region ends.
    const points = Array.from({ length: size }, (_, i) => planPoint(place, firstPoint + i, i === 0));
    if (place.law === 'quota_only') {
      // One miner who may, wherever one may.
      const kind = LAWFUL_MINERS[lawfulMiners++ % LAWFUL_MINERS.length];
      const free = points.filter(({ miner }) => miner === null);
      const { index: chosen } = random.pick(free);
      points[chosen - firstPoint] = asMiner(points[chosen - firstPoint], kind, random);
    }
    spreadFarms(settings.seed, points);
    yield {
      index,
      id: `T${padded(index + 1, 6)}`,
      feeder: `F${padded(Math.floor(index / TRANSFORMERS_PER_FEEDER) + 1, 5)}`,
      place,
      transformer: transformerFor(size),
      points: points.slice(0, count),
    };
    firstPoint += count;
  }
}

/** To be called for one point after the other. */
function pointPlanner({ seed, minerShare }: RegionSettings) {
  const dealHousehold = dealer(seed, 'household', HOUSEHOLDS);
  const dealMiner = {
    banned: dealer(seed, 'miner where banned', MINERS.banned),
    quota_only: dealer(seed, 'miner under the quota', MINERS.quota_only),
  };
  // Counted by law: a deck that is dealt without leaving cards out gives each law's miners their exact numbers.
  const dealt = { banned: 0, quota_only: 0 };
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
      household: householdOf(isShared ? index - 1 : index),
      archetype: dealHousehold(index),
      miner: null,
      farm: null,
      isUnlawful: false,
      isUnregistered,
      isUnread: !isUnregistered && pickUnread(index) !== null,
    };
    if (pickMiner(index) === null) return plan;
    const kind = dealMiner[place.law](dealt[place.law]++);
    return { ...asMiner(plan, kind, random), isUnlawful: true };
  };
}

/** The point with a miner in it, whom the registry knows and whose meter is read: else nobody could be asked to find them. */
function asMiner(plan: PointPlan, miner: MinerKind, random: Random): PointPlan {
  const archetype = random.pick(miner.homes);
  return { ...plan, archetype, miner, isUnlawful: false, isUnregistered: false, isUnread: false };
}

/** Takes the neighbours that a farm over several points needs: those after its first point, then those before it. */
function spreadFarms(seed: number, points: PointPlan[]): void {
  const firstIndex = points[0].index;
  for (const leader of points.filter(({ miner, farm }) => miner?.spread && !farm)) {
    const spread = leader.miner!.spread!;
    const random = new Random(seed, 'spread', leader.index);
    const at = leader.index - firstIndex;
    const neighbours = [...points.slice(at + 1), ...points.slice(0, at).reverse()];
    const others = neighbours
      .filter(({ miner }) => miner === null)
      .slice(0, random.whole(...spread.points) - 1)
      .map((neighbour, i) => asPartOf(leader, spread, neighbour, i + 1, random));
    points[at] = { ...leader, farm: { leader: leader.index, member: 0 } };
    for (const other of others) points[other.index - firstIndex] = other;
  }
}

function asPartOf(
  leader: PointPlan,
  spread: Spread,
  neighbour: PointPlan,
  member: number,
  random: Random,
): PointPlan {
  return {
    ...neighbour,
    household: spread.household === 'same' ? leader.household : householdOf(neighbour.index),
    archetype: random.pick(spread.others),
    miner: leader.miner,
    farm: { leader: leader.index, member },
    isUnlawful: leader.isUnlawful,
    isUnregistered: false,
    isUnread: false,
  };
}

function householdOf(index: number): string {
  return `H${padded(index + 1, 7)}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
