import {
  electricCar,
  growLights,
  homeServer,
  type Load,
  pumps,
  renovation,
  sauna,
  smallShop,
  workshop,
} from './appliances.js';
import type { Card } from './deal.js';
import { type Gaps, manyGaps, meterSwap, rareGaps } from './gaps.js';
import { electricBoiler, type Heating, heatPump, LARGE_HOUSE, nightStorage, USUAL_HOUSE } from './heating.js';
import { type HomeKind, livedIn, movingIn, nobody, weekendsInSummer } from './home.js';
import type { Random } from './random.js';
import type { Scene } from './scene.js';

/** One kind of household, and what makes its load different from its neighbours'. */
export interface Archetype extends Card {
  readonly name: string;
  readonly home: HomeKind;
  readonly dwelling: 'flat' | 'house' | 'shop' | 'garage';
  readonly occupancy: (scene: Scene, random: Random) => Float32Array;
  /** Pulls the refrigerator's plug when nobody is there. */
  readonly unpluggedWhenAway?: boolean;
  readonly loads?: readonly Load[];
  readonly heating?: Heating;
  /** Whether the supplier knows of the electric heating. */
  readonly heatingDeclared?: boolean;
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
const heated = { ...house, home: ALL_ELECTRIC, heatingDeclared: true } as const;
const boiler = electricBoiler(USUAL_HOUSE);

/** Everybody who does not mine: 200 cards, of which 124 are ordinary homes. */
export const HOUSEHOLDS: readonly Archetype[] = [
  { name: 'flat', cards: 84, ...flat },
  { name: 'house', cards: 40, ...house },
  { name: 'large_family', cards: 5, ...house, home: LARGE_FAMILY },
  { name: 'electric_boiler', cards: 14, ...heated, heating: boiler },
  { name: 'electric_boiler_undeclared', cards: 7, ...heated, heating: boiler, heatingDeclared: false },
  { name: 'large_electric_house', cards: 1, ...heated, heating: electricBoiler(LARGE_HOUSE) },
  { name: 'night_storage', cards: 5, ...heated, heating: nightStorage },
  { name: 'heat_pump', cards: 3, ...heated, heating: heatPump },
  { name: 'electric_car', cards: 3, ...house, loads: [electricCar] },
  { name: 'sauna', cards: 5, ...house, loads: [sauna] },
  { name: 'grow_lights', cards: 1, ...house, loads: [growLights] },
  { name: 'pumps', cards: 5, ...house, loads: [pumps] },
  { name: 'home_server', cards: 3, ...flat, loads: [homeServer] },
  { name: 'workshop', cards: 3, ...house, loads: [workshop] },
  { name: 'small_shop', cards: 3, ...house, home: SHOP, dwelling: 'shop', loads: [smallShop] },
  { name: 'dacha', cards: 5, ...house, home: DACHA, occupancy: weekendsInSummer, unpluggedWhenAway: true },
  { name: 'vacant', cards: 4, ...flat, occupancy: nobody, unpluggedWhenAway: true },
  { name: 'moved_in', cards: 2, ...flat, occupancy: movingIn, unpluggedWhenAway: true },
  { name: 'renovation', cards: 3, ...flat, loads: [renovation] },
  { name: 'data_gaps', cards: 2, ...flat, gaps: manyGaps },
  { name: 'meter_swap', cards: 2, ...house, gaps: meterSwap },
];

/** What stands around a miner's rigs. */
export const MINER_HOMES = {
  flat: { name: 'flat', cards: 1, ...flat },
  house: { name: 'house', cards: 1, ...house },
  garage: { name: 'garage', cards: 1, ...house, home: GARAGE, dwelling: 'garage' },
  heated: { name: 'electric_boiler', cards: 1, ...heated, heating: boiler },
} as const satisfies Record<string, Archetype>;
