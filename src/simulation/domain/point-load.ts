import type { Archetype } from './archetypes.js';
import { addEverydayUse, drawHome } from './home.js';
import type { MinerKind } from './miners.js';
import { Random } from './random.js';
import type { PointPlan } from './region-plan.js';
import { drawPower } from './rigs.js';
import type { Scene } from './scene.js';

/** One metering point's hours; the arrays are made once and filled anew for each point. */
export interface PointLoad {
  /** kW that pass the meter, and kW that are drawn before it. */
  readonly meteredKw: Float64Array;
  readonly hiddenKw: Float64Array;
  /** PRESENT, BLANK or ABSENT. */
  readonly delivery: Uint8Array;
  readonly rigsKw: Float64Array;
}

/** What truth.csv says of a miner. */
export interface Mining {
  /** kW of all rigs while all run, metered or not. */
  readonly kw: number;
  /** Hours into the window; negative when it began before. */
  readonly onsetHour: number;
}

/** What is true of a point beside its readings. */
export interface PointFacts {
  readonly mining: Mining | null;
  /** What the supplier was told of the load, right or wrong. */
  readonly declaredKw: number | null;
}

/** Of the miners, so many began inside the window; the others up to this many days before it. */
const ONSET_INSIDE = 0.7;
const LONGEST_BEFORE_DAYS = 400;

export function emptyLoad(hours: number): PointLoad {
  return {
    meteredKw: new Float64Array(hours),
    hiddenKw: new Float64Array(hours),
    delivery: new Uint8Array(hours),
    rigsKw: new Float64Array(hours),
  };
}

/** A declared load that swings is declared with what it could draw: 5 % above what it does. */
const DECLARED_ABOVE_PEAK = 1.05;

/** Fills `load` with the point's hours from its own stream of the seed; answers what the readings do not say. */
export function simulatePoint(seed: number, scene: Scene, plan: PointPlan, load: PointLoad): PointFacts {
  const random = new Random(seed, 'point', plan.index);
  const { archetype, miner } = plan;
  load.meteredKw.fill(0);
  load.hiddenKw.fill(0);
  load.rigsKw.fill(0);
  load.delivery.fill(0);

  addHousehold(scene, archetype, random, load.meteredKw);
  // What the owner decides is the same at all points of the farm.
  const owner = plan.farm ? new Random(seed, 'farm', plan.farm.leader) : random;
  const mining = miner && addRigs({ scene, miner, owner, member: plan.farm?.member ?? 0 }, random, load);
  archetype.heating?.(scene, random, load.rigsKw, load.meteredKw);
  if (miner && mining) passTheMeter(miner, mining, load);
  archetype.gaps(scene, random, load.delivery);
  return { mining, declaredKw: declaredKw(plan, mining, random, load) };
}

function addHousehold(scene: Scene, archetype: Archetype, random: Random, kw: Float64Array): void {
  const home = drawHome(random, archetype.home);
  const occupancy = archetype.occupancy(scene, random);
  addEverydayUse(scene, home, occupancy, archetype.unpluggedWhenAway ?? false, random, kw);
  for (const load of archetype.loads ?? []) load(scene, random, kw);
}

/** The rigs at one point of a farm, and whose decisions they follow. */
interface Farming {
  readonly scene: Scene;
  readonly miner: MinerKind;
  readonly owner: Random;
  readonly member: number;
}

/** Runs the rigs; their load stays in `rigsKw`, for the heating to back off. */
function addRigs({ scene, miner, owner, member }: Farming, random: Random, load: PointLoad): Mining {
  const rigs = miner.rigs(owner, member);
  const wantedHour = owner.chance(ONSET_INSIDE)
    ? Math.floor(scene.hours * owner.between(0.2, 0.75))
    : -24 * owner.whole(5, LONGEST_BEFORE_DAYS) + owner.whole(0, 23);
  const situation = { scene, rigs, onsetHour: wantedHour, householdKw: load.meteredKw, member };
  miner.plan(situation, owner, load.rigsKw);
  const onsetHour = trueOnset(load.rigsKw, wantedHour);
  drawPower(scene, rigs, random, load.rigsKw);
  return { kw: rigs.count * rigs.eachKw, onsetHour };
}

/** The hour in which rigs first draw; the wanted one when it lay before the window and the first day has rigs. */
function trueOnset(rigsKw: Float64Array, wantedHour: number): number {
  const first = rigsKw.findIndex((rigs) => rigs > 0);
  return first < 0 || (first < 24 && wantedHour < 0) ? wantedHour : first;
}

function declaredKw(
  { archetype, miner }: PointPlan,
  mining: Mining | null,
  random: Random,
  { meteredKw }: PointLoad,
): number | null {
  if (mining && miner?.declaredShare) return mining.kw * random.between(...miner.declaredShare);
  if (archetype.declaredPurpose === undefined) return null;
  return DECLARED_ABOVE_PEAK * meteredKw.reduce((most, kw) => Math.max(most, kw), 0);
}

/** Splits the load into what the meter sees and what it does not. */
function passTheMeter(miner: MinerKind, { onsetHour }: Mining, load: PointLoad): void {
  const { meteredKw, hiddenKw, rigsKw } = load;
  for (let hour = Math.max(0, onsetHour); hour < meteredKw.length; hour++) {
    const householdKw = meteredKw[hour];
    const seen = householdKw * miner.metered.household + rigsKw[hour] * miner.metered.rigs;
    meteredKw[hour] = seen;
    hiddenKw[hour] = householdKw + rigsKw[hour] - seen;
  }
}
