import type { ClientBase } from 'pg';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import { resolveTerritory } from '../grid/domain/territories.js';
import { legalSituation } from '../rulebook/domain/legal-situation.js';
import type { LegalSituation, Rulebook } from '../rulebook/domain/rule.js';

/** Fewer hours than this make no daily mean: the rest could all be night. */
const LEAST_HOURS_OF_DAY = 18;

/** What is read of the database, as plain data: it is handed to the scoring threads. */
export interface TerritoryData {
  /** Every territory with the one the registry says it lies in. */
  readonly parents: ReadonlyMap<string, string | null>;
  /** Daily mean, °C, NaN = unknown, by territory. */
  readonly temperatures: ReadonlyMap<string, Float32Array>;
}

/**
 * Weather and law of each territory over the days `[firstDay, endDay)`: read or judged once and kept, since many points
 * share a territory (85 regions, some 2,300 municipalities: at most 4 MB of temperatures).
 */
export class TerritorySurroundings {
  private readonly laws = new Map<string, LegalSituation>();

  constructor(
    readonly data: TerritoryData,
    private readonly rulebook: Rulebook,
  ) {}

  static async load(
    client: ClientBase,
    rulebook: Rulebook,
    days: { readonly from: DayNumber; readonly to: DayNumber },
  ): Promise<TerritorySurroundings> {
    const parents = await readParents(client);
    return new TerritorySurroundings(
      { parents, temperatures: await readTemperatures(client, days) },
      rulebook,
    );
  }

  /** Without the weather. */
  static async ofLaw(client: Pick<ClientBase, 'query'>, rulebook: Rulebook): Promise<TerritorySurroundings> {
    return new TerritorySurroundings(
      { parents: await readParents(client), temperatures: new Map() },
      rulebook,
    );
  }

  /** The region it lies in, or itself; a foreign place is its own unless the registry gives it a parent. */
  regionOf(territoryCode: string): string {
    return resolveTerritory(territoryCode)?.region ?? this.data.parents.get(territoryCode) ?? territoryCode;
  }

  /** All territories of the regions that these lie in; null: every territory there is. */
  territoriesAround(territoryCodes: ReadonlySet<string> | null): string[] {
    const all = [...this.data.parents.keys()];
    if (territoryCodes === null) return all;
    const regions = new Set([...territoryCodes].map((code) => this.regionOf(code)));
    return all.filter((code) => regions.has(this.regionOf(code)));
  }

  /** Daily mean temperature, °C, NaN = unknown; of the region where the territory has no station; null with neither. */
  temperatureC(territoryCode: string): Float32Array | null {
    const { temperatures } = this.data;
    return temperatures.get(territoryCode) ?? temperatures.get(this.regionOf(territoryCode)) ?? null;
  }

  /** Whether its temperature is known for half of the days or more, so that no stand-in will be asked for. */
  knowsWeather(territoryCode: string): boolean {
    const temperatureC = this.temperatureC(territoryCode);
    if (temperatureC === null) return false;
    return 2 * temperatureC.filter((celsius) => !Number.isNaN(celsius)).length >= temperatureC.length;
  }

  /** What the rulebook says there on a local day. */
  legal(territoryCode: string, day: DayNumber): LegalSituation {
    const key = `${territoryCode} ${day}`;
    let legal = this.laws.get(key);
    if (legal === undefined) {
      const region = this.regionOf(territoryCode);
      const oktmo = resolveTerritory(territoryCode)?.oktmo ?? null;
      legal = legalSituation(this.rulebook, { region, oktmo }, day);
      this.laws.set(key, legal);
    }
    return legal;
  }
}

async function readParents(client: Pick<ClientBase, 'query'>): Promise<TerritoryData['parents']> {
  const { rows } = await client.query<{ code: string; parent: string | null }>(
    'select code, parent_code as parent from territory order by code',
  );
  return new Map(rows.map(({ code, parent }) => [code, parent]));
}

async function readTemperatures(
  client: ClientBase,
  { from, to }: { readonly from: DayNumber; readonly to: DayNumber },
): Promise<Map<string, Float32Array>> {
  const { rows } = await client.query<{ code: string; index: number; mean: number }>(
    `select w.territory_code as code, w.day - $1::date as index, t.mean
     from weather_day w
     cross join lateral (
       select avg(c)::float8 as mean, count(c) as hours from unnest(w.temperature_c) c where c <> 'NaN') t
     where w.day >= $1::date and w.day < $2::date and t.hours >= $3`,
    [isoFromDay(from), isoFromDay(to), LEAST_HOURS_OF_DAY],
  );
  const temperatures = new Map<string, Float32Array>();
  for (const { code, index, mean } of rows) {
    let series = temperatures.get(code);
    if (!series) temperatures.set(code, (series = new Float32Array(to - from).fill(NaN)));
    series[index] = mean;
  }
  return temperatures;
}
