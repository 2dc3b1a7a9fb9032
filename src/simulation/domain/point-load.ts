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

/** Fills `load` with the point's hours from its own stream of the seed; answers the mining in it, if any. */
export function simulatePoint(seed: number, scene: Scene, plan: PointPlan, load: PointLoad): Mining | null {
  const random = new Random(seed, 'point', plan.index);
  const { archetype, miner } = plan;
  load.meteredKw.fill(0);
  load.hiddenKw.fill(0);
  load.rigsKw.fill(0);
  load.delivery.fill(0);

  addHousehold(scene, archetype, random, load.meteredKw);
  const mining = miner && addRigs(scene, miner, random, load);
  archetype.heating?.(scene, random, load.rigsKw, load.meteredKw);
  if (miner && mining) passTheMeter(miner, mining, load);
  archetype.gaps(scene, random, load.delivery);
  return mining;
}

function addHousehold(scene: Scene, archetype: Archetype, random: Random, kw: Float64Array): void {
  const home = drawHome(random, archetype.home);
  const occupancy = archetype.occupancy(scene, random);
  addEverydayUse(scene, home, occupancy, archetype.unpluggedWhenAway ?? false, random, kw);
  for (const load of archetype.loads ?? []) load(scene, random, kw);
}

/** Runs the rigs; their load stays in `rigsKw`, for the heating to back off. */
function addRigs(scene: Scene, miner: MinerKind, random: Random, load: PointLoad): Mining {
  const rigs = miner.rigs(random);
  const onsetHour = random.chance(ONSET_INSIDE)
    ? Math.floor(scene.hours * random.between(0.2, 0.75))
    : -24 * random.whole(5, LONGEST_BEFORE_DAYS) + random.whole(0, 23);
  miner.plan({ scene, rigs, onsetHour, householdKw: load.meteredKw }, random, load.rigsKw);
  drawPower(scene, rigs, random, load.rigsKw);
  return { kw: rigs.count * rigs.eachKw, onsetHour };
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
