import type { ClientBase } from 'pg';
import { declaredHeating, LEAST_HEATED_HOMES, sharedHeating } from './domain/heating-movement.js';
import type { HeatingMovement } from './domain/types.js';
import { sampleBlock, type SampleRequest } from './peer-samples.js';
import { type ProfileBlock, readProfiles } from './profile-windows.js';
import type { TerritorySurroundings } from './territory-surroundings.js';

/** Homes declared as electrically heated that are drawn for one place: the median's error is then some 3 %. */
const DECLARED_HOMES = 60;
/** Any homes that are drawn where too few are declared: a tenth of them still makes a median. */
const ANY_HOMES = 120;
/** Any fixed number: the same registry gives the same sample. */
const SEED = 20_261_121;

/** The stand-in for outdoor temperature by territory, drawn once a run; its region's where it has none of its own. */
export class HeatingMovements {
  constructor(
    readonly movements: ReadonlyMap<string, HeatingMovement>,
    private readonly regionOf: (territoryCode: string) => string,
  ) {}

  of(territoryCode: string): HeatingMovement | null {
    return this.movements.get(territoryCode) ?? this.movements.get(this.regionOf(territoryCode)) ?? null;
  }
}

/**
 * Reads how the electrically heated homes of each territory without weather move together. Bounded: one place's windows
 * are in memory at a time, and a place costs at most {@link DECLARED_HOMES} + {@link ANY_HOMES} homes.
 */
export async function sampleHeating(
  client: ClientBase,
  surroundings: TerritorySurroundings,
  days: SampleRequest,
): Promise<HeatingMovements> {
  const regionOf = (code: string) => surroundings.regionOf(code);
  const block = sampleBlock(Math.max(DECLARED_HOMES, ANY_HOMES), days);
  // In the regions that are scored: where a place has too few homes of its own, its region's stand in.
  const asked = surroundings.territoriesAround(days.territories);
  const drawn = await drawHomes(
    client,
    asked.filter((code) => !surroundings.knowsWeather(code)),
  );
  const movements = new Map<string, HeatingMovement>();
  const read = async (place: string, homes: readonly DrawnHome[]) => {
    const movement = await readMovement(client, block, place, homes);
    if (movement !== null) movements.set(place, movement);
  };
  const territories = groupBy(drawn, ({ territory }) => territory);
  for (const [territory, homes] of territories) await read(territory, homes);
  for (const [region, homes] of groupBy(drawn, ({ territory }) => regionOf(territory))) {
    const isAsked = homes.some(({ territory }) => !movements.has(territory));
    if (isAsked && !movements.has(region)) await read(region, homes);
  }
  return new HeatingMovements(movements, regionOf);
}

/** In the order of the homes, each key where it is first met. */
function groupBy(homes: readonly DrawnHome[], keyOf: (home: DrawnHome) => string): Map<string, DrawnHome[]> {
  const groups = new Map<string, DrawnHome[]>();
  for (const home of homes) {
    const group = groups.get(keyOf(home));
    if (group) group.push(home);
    else groups.set(keyOf(home), [home]);
  }
  return groups;
}

interface DrawnHome {
  readonly id: number;
  readonly territory: string;
  readonly declared: boolean;
}

/** Homes of every territory in the order of a keyed hash, so that no sample follows the registry's order. */
async function drawHomes(client: ClientBase, territories: readonly string[]): Promise<DrawnHome[]> {
  if (territories.length === 0) return [];
  const { rows } = await client.query<DrawnHome>(
    `select id, territory, declared from (
       select id, territory_code as territory, electric_heating is true as declared, hashint8extended(id, $1) as draw,
         row_number() over (partition by territory_code, electric_heating is true
                            order by hashint8extended(id, $1)) as among_alike,
         row_number() over (partition by territory_code order by hashint8extended(id, $1)) as among_all
       from metering_point where kind = 'household' and territory_code = any ($4)
     ) p where declared and among_alike <= $2 or among_all <= $3
     order by draw`,
    [SEED, DECLARED_HOMES, ANY_HOMES, territories],
  );
  return rows;
}

async function readMovement(
  client: ClientBase,
  block: ProfileBlock,
  place: string,
  homes: readonly DrawnHome[],
): Promise<HeatingMovement | null> {
  const windowsOf = async (members: readonly DrawnHome[], most: number) => {
    const ids = members.slice(0, most).map(({ id }) => id);
    ids.sort((a, b) => a - b);
    await readProfiles(client, block, ids);
    return block.windows.slice(0, ids.length).filter((window) => window.intervalMinutes > 0);
  };
  const declared = homes.filter((home) => home.declared);
  const movement =
    declared.length < LEAST_HEATED_HOMES
      ? null
      : declaredHeating(place, await windowsOf(declared, DECLARED_HOMES));
  return movement ?? sharedHeating(place, await windowsOf(homes, ANY_HOMES));
}
