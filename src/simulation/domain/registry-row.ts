import { Random } from './random.js';
import type { PointPlan, TransformerPlan } from './region-plan.js';
import type { Mining } from './point-load.js';

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

const CONTRACTED_KW = { flat: [5.5, 7, 10], house: [15, 15, 10], garage: [3, 5], shop: [15, 25] } as const;

/** How often the registry is wrong or silent, as in real ones. */
const BLANK_FIELD = 0.01;
const WRONG_TARIFF = 0.02;
const WRONG_HEATING = 0.015;
const FORGOTTEN_HEATING = 0.04;
/** A miner with a garage full of rigs likes to be billed, and explained, as an electrically heated house. */
const MINER_SAYS_HEATING = 0.15;

/** What the supplier's registry says of the point, mistakes included. */
export function registryRow(
  seed: number,
  transformer: TransformerPlan,
  point: PointPlan,
  mining: Mining | null,
): RegistryRow {
  const random = new Random(seed, 'registry', point.index);
  const { archetype, miner } = point;
  const electricHeating = declaredHeating(point, random);
  const tariff = random.chance(WRONG_TARIFF)
    ? random.pick(['urban', 'rural', 'electric_heating'])
    : rightTariff(transformer, point, electricHeating === true);
  const contracted = miner?.isRegistered
    ? Math.ceil(mining!.kw + 15)
    : random.pick(CONTRACTED_KW[archetype.dwelling]);
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
    declared_load_kw: miner?.isRegistered ? mining!.kw.toFixed(1) : '',
    declared_purpose: miner?.isRegistered ? 'mining' : '',
  };
}

function declaredHeating({ archetype, miner }: PointPlan, random: Random): boolean | '' {
  if (random.chance(FORGOTTEN_HEATING)) return '';
  if (archetype.heatingDeclared !== undefined) return archetype.heatingDeclared;
  return random.chance(miner ? MINER_SAYS_HEATING : WRONG_HEATING);
}

function rightTariff({ place }: TransformerPlan, { archetype }: PointPlan, saysHeating: boolean): string {
  if (archetype.dwelling === 'shop') return 'commercial';
  if (saysHeating) return 'electric_heating';
  return place.setting === 'town' ? 'urban' : 'rural';
}
