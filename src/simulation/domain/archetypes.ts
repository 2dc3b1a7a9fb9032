import {
  aiHall,
  airConditioner,
  aquarium,
  bathHouse,
  bigFreezers,
  electricCar,
  growLights,
  homeServer,
  type Load,
  medicalDevice,
  poolPump,
  pumps,
  renovation,
  retiredHeaters,
  sauna,
  seedlingLights,
  smallShop,
  underFloorHeating,
  workshop,
} from './appliances.js';
import type { Card } from './deal.js';
import { type Gaps, manyGaps, meterSwap, rareGaps } from './gaps.js';
import {
  electricBoiler,
  fixedStageBoiler,
  type Heating,
  heatPump,
  LARGE_HOUSE,
  nightStorage,
  USUAL_HOUSE,
} from './heating.js';
import { type HomeKind, householdChanges, livedIn, movingIn, nobody, weekendsInSummer } from './home.js';
import type { Random } from './random.js';
import type { Scene } from './scene.js';

/** One kind of household, and what makes its load different from its neighbours'. */
export interface Archetype extends Card {
  readonly name: string;
  readonly home: HomeKind;
  readonly dwelling: 'flat' | 'house' | 'shop' | 'garage' | 'hall';
  readonly occupancy: (scene: Scene, random: Random) => Float32Array;
  /** Pulls the refrigerator's plug when nobody is there. */
  readonly unpluggedWhenAway?: boolean;
  readonly loads?: readonly Load[];
  readonly heating?: Heating;
  /** Whether the supplier knows of the electric heating. */
  readonly heatingDeclared?: boolean;
  /** What the supplier was told the load is for; the load itself is then declared too. */
  readonly declaredPurpose?: string;
  /** Billed so whatever stands there; else it depends on the dwelling, the place and the heating. */
  readonly tariff?: 'commercial';
  readonly gaps: Gaps;
}

/** Median and spread of the SGSC homes are 8.9 kWh a day and 0.6; ours are sized by Siberian bills without heating. */
const FLAT: HomeKind = { dailyKwh: 7.8, dailySpread: 0.4, standbyKw: 0.014, fridgeKw: 0.028 };
const HOUSE: HomeKind = { dailyKwh: 10.5, dailySpread: 0.42, standbyKw: 0.022, fridgeKw: 0.038 };
/** No gas, no district heating: the hot water comes from electricity too. */
const ALL_ELECTRIC: HomeKind = { ...HOUSE, dailyKwh: 14 };
const LARGE_FAMILY: HomeKind = { dailyKwh: 25, dailySpread: 0.25, standbyKw: 0.09, fridgeKw: 0.08 };
const DACHA: HomeKind = { dailyKwh: 7, dailySpread: 0.4, standbyKw: 0.01, fridgeKw: 0.04 };
const SHOP: HomeKind = { dailyKwh: 2, dailySpread: 0.3, standbyKw: 0.05, fridgeKw: 0 };
const GARAGE: HomeKind = { dailyKwh: 0.8, dailySpread: 0.5, standbyKw: 0.006, fridgeKw: 0 };

const flat = { home: FLAT, dwelling: 'flat', occupancy: livedIn, gaps: rareGaps } as const;
const house = { home: HOUSE, dwelling: 'house', occupancy: livedIn, gaps: rareGaps } as const;
const garage = { ...house, home: GARAGE, dwelling: 'garage' } as const;
const heated = { ...house, home: ALL_ELECTRIC, heatingDeclared: true } as const;
const boiler = electricBoiler(USUAL_HOUSE);

/**
 * Everybody who does not mine: 1,000 cards, of which 528 are ordinary flats and houses. Shares are our judgement of a
 * Siberian supplier's customers, for no register counts them. What is rare in life is rare here: grow lights of 1 to 3
 * kW and AI halls at one point in a thousand are still more than a supplier would find, and just enough to be seen in a
 * region of 3,000; home oxygen is given to one or two in a thousand people.
 */
export const HOUSEHOLDS: readonly Archetype[] = [
  { name: 'flat', cards: 364, ...flat },
  { name: 'house', cards: 164, ...house },
  { name: 'large_family', cards: 25, ...house, home: LARGE_FAMILY },
  { name: 'electric_boiler', cards: 60, ...heated, heating: boiler },
  { name: 'electric_boiler_undeclared', cards: 29, ...heated, heating: boiler, heatingDeclared: false },
  { name: 'electric_boiler_fixed_stage', cards: 9, ...heated, heating: fixedStageBoiler },
  {
    name: 'electric_boiler_fixed_stage_undeclared',
    cards: 5,
    ...heated,
    heating: fixedStageBoiler,
    heatingDeclared: false,
  },
  { name: 'large_electric_house', cards: 5, ...heated, heating: electricBoiler(LARGE_HOUSE) },
  { name: 'night_storage', cards: 25, ...heated, heating: nightStorage },
  { name: 'heat_pump', cards: 15, ...heated, heating: heatPump },
  { name: 'under_floor_heating', cards: 20, ...flat, loads: [underFloorHeating] },
  { name: 'retired_heaters', cards: 15, ...flat, loads: [retiredHeaters] },
  { name: 'electric_car', cards: 15, ...house, loads: [electricCar] },
  { name: 'sauna', cards: 21, ...house, loads: [sauna] },
  { name: 'bath_house', cards: 8, ...house, loads: [bathHouse] },
  { name: 'grow_lights', cards: 1, ...house, loads: [growLights] },
  { name: 'greenhouse', cards: 4, ...house, loads: [seedlingLights] },
  { name: 'aquarium', cards: 5, ...flat, loads: [aquarium] },
  { name: 'medical_device', cards: 2, ...flat, loads: [medicalDevice] },
  { name: 'summer_air_conditioner', cards: 20, ...flat, loads: [airConditioner] },
  { name: 'pool_pump', cards: 3, ...house, loads: [poolPump] },
  { name: 'big_freezers', cards: 4, ...house, loads: [bigFreezers] },
  { name: 'pumps', cards: 25, ...house, loads: [pumps] },
  { name: 'home_server', cards: 15, ...flat, loads: [homeServer] },
  { name: 'workshop', cards: 15, ...house, loads: [workshop] },
  { name: 'small_shop', cards: 15, ...house, home: SHOP, dwelling: 'shop', loads: [smallShop] },
  {
    name: 'data_centre_declared',
    cards: 1,
    ...house,
    home: SHOP,
    dwelling: 'hall',
    loads: [aiHall],
    declaredPurpose: 'data_centre',
  },
  { name: 'garage', cards: 8, ...garage },
  { name: 'garage_in_cooperative', cards: 4, ...garage, tariff: 'commercial' },
  { name: 'dacha', cards: 25, ...house, home: DACHA, occupancy: weekendsInSummer, unpluggedWhenAway: true },
  { name: 'vacant', cards: 20, ...flat, occupancy: nobody, unpluggedWhenAway: true },
  { name: 'moved_in', cards: 10, ...flat, occupancy: movingIn, unpluggedWhenAway: true },
  { name: 'occupancy_change', cards: 10, ...flat, occupancy: householdChanges, unpluggedWhenAway: true },
  { name: 'renovation', cards: 13, ...flat, loads: [renovation] },
  { name: 'data_gaps', cards: 10, ...flat, gaps: manyGaps },
  { name: 'meter_swap', cards: 10, ...house, gaps: meterSwap },
];

/** What stands around a miner's rigs. */
export const MINER_HOMES = {
  flat: { name: 'flat', cards: 1, ...flat },
  house: { name: 'house', cards: 1, ...house },
  garage: { name: 'garage', cards: 1, ...garage },
  boxInCooperative: { name: 'garage_in_cooperative', cards: 1, ...garage, tariff: 'commercial' },
  heated: { name: 'electric_boiler', cards: 1, ...heated, heating: boiler },
} as const satisfies Record<string, Archetype>;
