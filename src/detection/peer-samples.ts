import type { ClientBase } from 'pg';
import type { DayNumber } from '../grid/domain/calendar.js';
import { closedMonths } from './closed-months.js';
import { buildPeerGroup } from './domain/peer-group.js';
import type { PeerGroup, PointFacts } from './domain/types.js';
import { ProfileBlock, readProfiles } from './profile-windows.js';
import type { TerritorySurroundings } from './territory-surroundings.js';

/** Fewer points than this say nothing about what is usual. */
const LEAST_PEERS = 10;
/** Points drawn for one group: the median's error is then some 5 % of the spread, at 8 MB of windows. */
const SAMPLE_POINTS = 200;
/** Any fixed number: the same registry gives the same sample. */
const SEED = 20_261_120;
/** A group of which 800 are expected below a bound has 200 there, but for once in 10^150. */
const MARGIN = 4;
/** Of a bigint hash, as PostgreSQL's numeric. */
const HIGHEST_HASH = '9223372036854775807::numeric';

type Comparable = Pick<PointFacts, 'tariffCategory' | 'electricHeating'>;

/** Comparable points by group, drawn once a run. */
export class PeerGroups {
  /** By what a point's keys are made from: making them takes longer than scoring most points. */
  private readonly found = new Map<string, PeerGroup | null>();

  constructor(
    readonly groups: ReadonlyMap<string, PeerGroup>,
    private readonly regionOf: (territoryCode: string) => string,
  ) {}

  /** The narrowest group with enough points that the metering point belongs to; null when there is none. */
  of(point: Comparable & { readonly territoryCode: string }): PeerGroup | null {
    const alike = `${point.territoryCode} ${point.electricHeating} ${point.tariffCategory}`;
    let group = this.found.get(alike);
    if (group === undefined) {
      group = this.narrowest(point);
      this.found.set(alike, group);
    }
    return group;
  }

  private narrowest(point: Comparable & { readonly territoryCode: string }): PeerGroup | null {
    for (const key of groupKeys(this.regionOf(point.territoryCode), point)) {
      const group = this.groups.get(key);
      if (group !== undefined) return group;
    }
    return null;
  }
}

/** What a run asks the samples for: the days of its windows, and the territories its points lie in (null: all). */
export interface SampleRequest {
  readonly from: DayNumber;
  readonly to: DayNumber;
  readonly isWholeHistory: boolean;
  readonly territories: ReadonlySet<string> | null;
}

/** Arrays for one sample after another. */
export function sampleBlock(points: number, { from, to, isWholeHistory }: SampleRequest): ProfileBlock {
  return new ProfileBlock(points, from, to, closedMonths(from, to, isWholeHistory));
}

/**
 * Draws a seeded sample of every group of comparable points and reads its statistics; a wider group only where a narrower
 * one is too small. Bounded: one group's windows are in memory at a time, and a group costs {@link SAMPLE_POINTS} points
 * whatever its size. Groups of regions that nobody is scored in are not read.
 */
export async function samplePeerGroups(
  client: ClientBase,
  surroundings: TerritorySurroundings,
  days: SampleRequest,
): Promise<PeerGroups> {
  const regionOf = (code: string) => surroundings.regionOf(code);
  const block = sampleBlock(SAMPLE_POINTS, days);
  let drawn = await drawPoints(client, regionOf, surroundings.territoriesAround(days.territories));
  const groups = new Map<string, PeerGroup>();
  let alone: readonly DrawnPoint[] = drawn;
  for (let width = 0; width < WIDTHS && alone.length > 0; width++) {
    // The widest group reaches over all regions, so that it is the same whichever of them is scored.
    if (width === WIDTHS - 1 && days.territories !== null)
      drawn = await drawPoints(client, regionOf, surroundings.territoriesAround(null));
    for (const key of new Set(alone.map(({ keys }) => keys[width]))) {
      const group = await readGroup(
        client,
        block,
        key,
        drawn.filter(({ keys }) => keys[width] === key),
      );
      if (group !== null) groups.set(key, group);
    }
    alone = alone.filter(({ keys }) => !groups.has(keys[width]));
  }
  return new PeerGroups(groups, regionOf);
}

interface DrawnPoint {
  readonly id: number;
  readonly keys: readonly string[];
}

const WIDTHS = 3;

/**
 * From narrow to wide: region, tariff category and heating; region and heating; heating alone. Heating is never given
 * up: beside gas-heated homes every electrically heated one looks like a farm.
 */
function groupKeys(region: string, { tariffCategory, electricHeating }: Comparable): string[] {
  const heating = electricHeating === null ? 'unstated' : electricHeating ? 'electric' : 'other';
  return [
    `region=${region} tariff=${tariffCategory ?? 'unstated'} heating=${heating}`,
    `region=${region} heating=${heating}`,
    `heating=${heating}`,
  ];
}

/**
 * Points of every narrow group in the order of a keyed hash, so that no sample follows the registry's order. Of a large group only
 * those are sorted whose hash lies so low that {@link MARGIN} times as many as are wanted can be expected there.
 */
async function drawPoints(
  client: ClientBase,
  regionOf: (territoryCode: string) => string,
  territories: readonly string[],
): Promise<DrawnPoint[]> {
  const { rows } = await client.query<Comparable & { id: number; territoryCode: string }>(
    `with alike as (
       select territory_code, tariff_category, electric_heating, count(*) as points from metering_point
       where kind = 'household' and territory_code = any ($3) group by 1, 2, 3
     ), bounded as materialized (
       select a.*, coalesce(t.parent_code, t.code) as region,
         least(${HIGHEST_HASH}, 2 * ${HIGHEST_HASH} * $4::int * $2::int / sum(points) over (
           partition by coalesce(t.parent_code, t.code), tariff_category, electric_heating) - ${HIGHEST_HASH})::bigint as highest
       from alike a join territory t on t.code = a.territory_code
     ), likely as (
       select p.id, p.territory_code, p.tariff_category, p.electric_heating, b.region, hashint8extended(p.id, $1) as hash
       from metering_point p join bounded b on b.territory_code = p.territory_code
         and coalesce(b.tariff_category, '') = coalesce(p.tariff_category, '')
         and (b.tariff_category is null) = (p.tariff_category is null)
         and coalesce(b.electric_heating::int, -1) = coalesce(p.electric_heating::int, -1)
       where p.kind = 'household' and hashint8extended(p.id, $1) <= b.highest
     )
     select id, territory_code as "territoryCode", tariff_category as "tariffCategory",
       electric_heating as "electricHeating"
     from (select *, row_number() over (partition by region, tariff_category, electric_heating order by hash) as draw
       from likely) drawn
     where draw <= $2 order by hash`,
    [SEED, SAMPLE_POINTS, territories, MARGIN],
  );
  return rows.map((row) => ({ id: row.id, keys: groupKeys(regionOf(row.territoryCode), row) }));
}

/** Null when too few of the members have readings. */
async function readGroup(
  client: ClientBase,
  block: ProfileBlock,
  key: string,
  members: readonly DrawnPoint[],
): Promise<PeerGroup | null> {
  if (members.length < LEAST_PEERS) return null;
  const ids = members.slice(0, SAMPLE_POINTS).map(({ id }) => id);
  ids.sort((a, b) => a - b);
  await readProfiles(client, block, ids);
  const windows = block.windows.slice(0, ids.length).filter((window) => window.intervalMinutes > 0);
  return windows.length < LEAST_PEERS ? null : buildPeerGroup(key, windows);
}
