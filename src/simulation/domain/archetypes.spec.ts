import { describe, expect, it } from '@jest/globals';
import { dayFromCivil } from '../../grid/domain/calendar.js';
import { type Archetype, HOUSEHOLDS, MINER_HOMES } from './archetypes.js';
import { LAWFUL_MINERS, type MinerKind, MINERS } from './miners.js';
import { PLACES } from './places.js';
import { emptyLoad, simulatePoint } from './point-load.js';
import { sceneOf } from './scene.js';

const BALAGANSKY = PLACES[0];
const JANUARY = sceneOf(1, BALAGANSKY, dayFromCivil(2026, 1, 1), 31);
const JULY = sceneOf(1, BALAGANSKY, dayFromCivil(2026, 7, 1), 31);

const HOMES = 60;

type Scene = typeof JANUARY;

/** Metered or hidden kWh of the month for each of some households, lowest first. */
function months(
  scene: Scene,
  archetype: Archetype,
  miner: MinerKind | null = null,
  part: 'metered' | 'hidden' = 'metered',
) {
  const load = emptyLoad(scene.hours);
  const kwh = Array.from({ length: HOMES }, (_, index) => {
    const plan = { ...UNREMARKABLE, index, archetype, miner };
    simulatePoint(1, scene, plan, load);
    return load[part === 'metered' ? 'meteredKw' : 'hiddenKw'].reduce((sum, kw) => sum + kw, 0);
  });
  return kwh.sort((a, b) => a - b);
}

const UNREMARKABLE = {
  id: '',
  household: '',
  farm: null,
  isUnlawful: false,
  isUnregistered: false,
  isUnread: false,
};

function tenthAndNinetieth(sorted: readonly number[]): [number, number] {
  return [sorted[Math.floor(0.1 * HOMES)], sorted[Math.floor(0.9 * HOMES)]];
}

function household(name: string): Archetype {
  return HOUSEHOLDS.find((archetype) => archetype.name === name)!;
}

function minerKind(name: string): MinerKind {
  return [...MINERS.banned, ...MINERS.quota_only, ...LAWFUL_MINERS].find((kind) => kind.name === name)!;
}

describe('a month of each kind of household', () => {
  // Eight in ten of the kind lie within these kWh: what such homes are billed for in Siberia.
  const KINDS: readonly [string, number, number, number, number][] = [
    ['flat', 130, 480, 110, 420],
    ['house', 180, 620, 150, 560],
    ['large_family', 450, 1_300, 400, 1_100],
    ['electric_boiler', 2_000, 5_000, 200, 800],
    ['electric_boiler_undeclared', 2_000, 5_000, 200, 800],
    ['large_electric_house', 5_200, 8_800, 200, 800],
    ['night_storage', 2_000, 5_000, 200, 800],
    ['heat_pump', 1_000, 3_500, 200, 800],
    ['electric_car', 500, 1_700, 450, 1_600],
    ['sauna', 250, 950, 200, 900],
    ['grow_lights', 400, 2_200, 350, 2_200],
    ['pumps', 250, 850, 200, 850],
    ['home_server', 220, 750, 200, 700],
    ['workshop', 400, 1_300, 350, 1_250],
    ['small_shop', 1_000, 2_600, 1_000, 2_800],
    ['dacha', 0, 20, 15, 250],
    ['vacant', 0, 20, 0, 20],
    ['moved_in', 40, 350, 35, 320],
    ['renovation', 250, 1_500, 220, 1_450],
    ['data_gaps', 130, 480, 110, 420],
    ['meter_swap', 180, 620, 150, 560],
    ['electric_boiler_fixed_stage', 2_000, 5_000, 200, 800],
    ['electric_boiler_fixed_stage_undeclared', 2_000, 5_000, 200, 800],
    // 0.4 to 1 kW through 744 hours are 300 to 740 kWh on top of a flat.
    ['under_floor_heating', 450, 1_200, 110, 420],
    ['retired_heaters', 200, 900, 110, 420],
    // 5 °C inside at −21 outside is 0.5 to 1.3 kW; 10 to 14 heatings of 4 hours and 8 kW do the rest.
    ['bath_house', 600, 1_700, 220, 750],
    ['greenhouse', 180, 620, 150, 560],
    ['aquarium', 250, 700, 180, 550],
    // 0.3 to 0.5 kW for 16 to 24 hours a day: 150 to 370 kWh.
    ['medical_device', 250, 800, 250, 750],
    ['summer_air_conditioner', 130, 480, 150, 550],
    // 0.4 to 1.1 kW, 6 to 12 hours a day: 75 to 410 kWh.
    ['pool_pump', 180, 620, 250, 850],
    ['big_freezers', 350, 950, 400, 1_000],
    // 5 to 40 kW at a mean of 62 %.
    ['data_centre_declared', 2_300, 18_500, 2_300, 18_500],
    ['garage', 5, 60, 5, 60],
    ['garage_in_cooperative', 5, 60, 5, 60],
    ['occupancy_change', 50, 500, 40, 450],
  ];

  it.each(KINDS)(
    '%s: %d to %d in January, %d to %d in July',
    (name, januaryLow, januaryHigh, julyLow, julyHigh) => {
      const [januaryTenth, januaryNinetieth] = tenthAndNinetieth(months(JANUARY, household(name)));
      expect(januaryTenth).toBeGreaterThanOrEqual(januaryLow);
      expect(januaryNinetieth).toBeLessThanOrEqual(januaryHigh);
      const [julyTenth, julyNinetieth] = tenthAndNinetieth(months(JULY, household(name)));
      expect(julyTenth).toBeGreaterThanOrEqual(julyLow);
      expect(julyNinetieth).toBeLessThanOrEqual(julyHigh);
    },
  );

  it('names every kind once, and every kind is tested above', () => {
    const names = HOUSEHOLDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...names].sort()).toEqual(KINDS.map(([name]) => name).sort());
    expect(HOUSEHOLDS.reduce((sum, { cards }) => sum + cards, 0)).toBe(1_000);
  });
});

describe('a month of each kind of miner, who began before it or in it', () => {
  const { house, heated } = MINER_HOMES;

  // Metered kWh in July, least and most of all; a rig of 3.3 kW draws 2,455 kWh in 31 days when it never stops.
  it.each([
    ['rigs_steady', house, 600, 11_500],
    ['gpu_rigs', house, 250, 2_200],
    ['night_only', house, 250, 4_200],
    ['peak_avoiding', house, 500, 8_000],
    ['intermittent', house, 200, 9_000],
    ['capped', house, 1_000, 6_000],
    ['staged', house, 600, 11_500],
    ['heating_replaced', heated, 600, 6_500],
    ['partial_bypass', house, 400, 5_000],
    ['full_bypass', house, 50, 1_000],
    ['small_rigs', house, 250, 3_000],
    ['two_power_levels', house, 500, 8_500],
    ['stopped', house, 300, 11_500],
    ['split_points', house, 400, 6_000],
    ['moved_to_garage', house, 400, 8_500],
    ['declared_exceeded', house, 2_000, 17_500],
    ['registered_miner', house, 2_000, 11_500],
    ['miner_within_quota', house, 500, 4_000],
  ] as const)('%s: %d to %d', (name, home, low, high) => {
    const kwh = months(JULY, home, minerKind(name));
    expect(kwh[0]).toBeGreaterThan(low);
    expect(kwh.at(-1)).toBeLessThan(high);
  });

  it.each([
    ['rigs_steady', 0, 0],
    ['partial_bypass', 500, 7_400],
    ['full_bypass', 500, 12_500],
  ])('%s: %d to %d kWh are drawn before the meter', (name, low, high) => {
    const kwh = months(JULY, house, minerKind(name), 'hidden');
    expect(kwh[0]).toBeGreaterThanOrEqual(low);
    expect(kwh.at(-1)).toBeLessThanOrEqual(high);
  });

  it('spares the boiler what the rigs give off in winter, and adds to the summer', () => {
    const median = (scene: Scene, miner: MinerKind | null) => months(scene, heated, miner)[HOMES / 2];
    const replaced = minerKind('heating_replaced');
    const addedInJuly = median(JULY, replaced) - median(JULY, null);
    const addedInJanuary = median(JANUARY, replaced) - median(JANUARY, null);
    expect(addedInJuly).toBeGreaterThan(1_500);
    expect(addedInJanuary).toBeLessThan(addedInJuly / 2);
  });
});
