import { Random } from './random.js';
import type { PointPlan, TransformerPlan } from './region-plan.js';
import type { PointFacts } from './point-load.js';

/** Columns of the registry file, in order. */
export const REGISTRY_COLUMNS = [
  'metering_point',
  'household',
  'territory',
  'transformer',
  'feeder',
  'tariff_category',
  'electric_heating',
  'contracted_kw',
  'declared_load_kw',
  'declared_purpose',
] as const;

type RegistryRow = Record<(typeof REGISTRY_COLUMNS)[number], string | number | boolean>;

const CONTRACTED_KW = {
  flat: [5.5, 7, 10],
  house: [15, 15, 10],
  garage: [3, 5, 15],
  shop: [15, 25],
  hall: [40, 60],
} as const;

/** How often the registry is wrong or silent, as in real ones. */
const BLANK_FIELD = 0.01;
const WRONG_TARIFF = 0.02;
const WRONG_HEATING = 0.015;
const FORGOTTEN_HEATING = 0.04;
/** A miner with a garage full of rigs likes to be billed, and explained, as an electrically heated house. */
const MINER_SAYS_HEATING = 0.15;

/** A mine that exceeds what it declared now and then calls itself something else. */
const MINER_SAYS_DATA_CENTRE = 0.3;

/** Households are connected up to this power at a reduced fee (decree 861), so a breaker is seldom what limits rigs. */
const ENTITLED_KW = 15;
const MINER_GETS_ENTITLED = 0.6;

/** What the supplier's registry says of the point, mistakes included. */
export function registryRow(
  seed: number,
  transformer: TransformerPlan,
  point: PointPlan,
  { mining, declaredKw }: PointFacts,
): RegistryRow {
  const random = new Random(seed, 'registry', point.index);
  const { archetype, miner } = point;
  const electricHeating = declaredHeating(point, random);
  const tariff = random.chance(WRONG_TARIFF)
    ? random.pick(['urban', 'rural', 'electric_heating'])
    : rightTariff(transformer, point, electricHeating === true);
  const contracted = miner?.declaredShare
    ? Math.ceil(declaredKw! + 15)
    : contractedFor(mining?.kw ?? 0, random.pick(CONTRACTED_KW[archetype.dwelling]), random);
  const sometimes = (value: string | number | boolean) => (random.chance(BLANK_FIELD) ? '' : value);
  return {
    metering_point: point.id,
    household: sometimes(point.household),
    territory: transformer.place.code,
    transformer: transformer.id,
    feeder: sometimes(transformer.feeder),
    tariff_category: sometimes(tariff),
    electric_heating: electricHeating,
    contracted_kw: sometimes(contracted),
    declared_load_kw: declaredKw?.toFixed(1) ?? '',
    declared_purpose: declaredKw === null ? '' : declaredPurpose(point, random),
  };
}

/** kW of the contract: most who need more than theirs have asked for the 15 kW that everybody is entitled to. */
function contractedFor(rigsKw: number, usualKw: number, random: Random): number {
  return rigsKw > usualKw && random.chance(MINER_GETS_ENTITLED) ? Math.max(ENTITLED_KW, usualKw) : usualKw;
}

function declaredPurpose({ archetype, miner, isUnlawful }: PointPlan, random: Random): string {
  if (miner && isUnlawful && random.chance(MINER_SAYS_DATA_CENTRE)) return 'data_centre';
  return miner ? 'mining' : archetype.declaredPurpose!;
}

function declaredHeating({ archetype, miner }: PointPlan, random: Random): boolean | '' {
  if (random.chance(FORGOTTEN_HEATING)) return '';
  if (archetype.heatingDeclared !== undefined) return archetype.heatingDeclared;
  return random.chance(miner ? MINER_SAYS_HEATING : WRONG_HEATING);
}

function rightTariff({ place }: TransformerPlan, { archetype }: PointPlan, saysHeating: boolean): string {
  const isBusiness = archetype.dwelling === 'shop' || archetype.dwelling === 'hall';
  if (isBusiness || archetype.tariff) return 'commercial';
  if (saysHeating) return 'electric_heating';
  return place.setting === 'town' ? 'urban' : 'rural';
}
