import type { ClientBase } from 'pg';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import { resolveTerritory } from '../grid/domain/territories.js';
import { legalSituation } from '../rulebook/domain/legal-situation.js';
import type { LegalSituation, Rulebook } from '../rulebook/domain/rule.js';

/** Fewer hours than this make no daily mean: the rest could all be night. */
const LEAST_HOURS_OF_DAY = 18;

/**
 * Weather and law of each territory over the days `[firstDay, endDay)`: read or judged once and kept, since many points
 * share a territory (85 regions, some 2,300 municipalities: at most 4 MB of temperatures).
 */
export class TerritorySurroundings {
  private readonly temperatures = new Map<string, Float32Array>();
  private readonly laws = new Map<string, LegalSituation>();

  private constructor(
    private readonly parents: ReadonlyMap<string, string>,
    private readonly rulebook: Rulebook,
    private readonly firstDay: DayNumber,
    private readonly endDay: DayNumber,
  ) {}

  static async load(
    client: ClientBase,
    rulebook: Rulebook,
    days: { readonly from: DayNumber; readonly to: DayNumber },
  ): Promise<TerritorySurroundings> {
    const { rows } = await client.query<{ code: string; parent: string }>(
      'select code, parent_code as parent from territory where parent_code is not null',
    );
    const parents = new Map(rows.map(({ code, parent }) => [code, parent]));
    const surroundings = new TerritorySurroundings(parents, rulebook, days.from, days.to);
    await surroundings.readTemperatures(client);
    return surroundings;
  }

  /** The region it lies in, or itself; a foreign place is its own unless the registry gives it a parent. */
  regionOf(territoryCode: string): string {
    return resolveTerritory(territoryCode)?.region ?? this.parents.get(territoryCode) ?? territoryCode;
  }

  /** Daily mean temperature, °C, NaN = unknown; of the region where the territory has no station; null with neither. */
  temperatureC(territoryCode: string): Float32Array | null {
    return (
      this.temperatures.get(territoryCode) ?? this.temperatures.get(this.regionOf(territoryCode)) ?? null
    );
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

  private async readTemperatures(client: ClientBase): Promise<void> {
    const { rows } = await client.query<{ code: string; index: number; mean: number }>(
      `select w.territory_code as code, w.day - $1::date as index, t.mean
       from weather_day w
       cross join lateral (
         select avg(c)::float8 as mean, count(c) as hours from unnest(w.temperature_c) c where c <> 'NaN') t
       where w.day >= $1::date and w.day < $2::date and t.hours >= $3`,
      [isoFromDay(this.firstDay), isoFromDay(this.endDay), LEAST_HOURS_OF_DAY],
    );
    for (const { code, index, mean } of rows) {
      let series = this.temperatures.get(code);
      if (!series) {
        series = new Float32Array(this.endDay - this.firstDay).fill(NaN);
        this.temperatures.set(code, series);
      }
      series[index] = mean;
    }
  }
}
