import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { hiddenLoad, type HiddenLoadView } from '../balance/hidden-load.js';
import { isoFromDay } from '../grid/domain/calendar.js';
import { offsetMinutesAt, parseZone } from '../grid/domain/time-zone.js';
import type { LoadedRulebook } from '../rulebook/rulebook-file.js';
import { onConnection } from './case-transaction.js';
import type { Sentence } from './domain/sentence.js';
import { ruleInForce } from './rule-in-force.js';

/** Mean hours of a month. */
const MONTH_HOURS = 730.5;

interface PlaceRow {
  readonly code: string;
  readonly nameRu: string;
  readonly nameEn: string;
  readonly region: string;
  readonly zone: string;
  readonly points: number;
  readonly open: number;
  readonly confirmed: number;
  readonly dismissed: number;
}

/** A place with households: what holds there today, what people work on there, and what is suspected. */
export interface TerritoryView {
  readonly code: string;
  readonly name: Sentence;
  /** Code of the region it lies in, or its own. */
  readonly region: string;
  readonly zone: string;
  readonly points: number;
  readonly cases: { readonly open: number; readonly confirmed: number; readonly dismissed: number };
  readonly rule: Awaited<ReturnType<typeof ruleInForce>>;
  /** Local day for which the rule is said. */
  readonly today: string;
  /** Flat load that resembles mining: metered, and past the meters by the balances. */
  readonly suspected_mw: { readonly metered: number; readonly unmetered: number };
  readonly unmetered_bounds_mw: { readonly lower: number; readonly upper: number };
  readonly transformers: { readonly balanced: number; readonly flagged: number; readonly unclear: number };
  /** Of a month, at the household price where the rulebook knows it; null where it knows none. */
  readonly unpaid_rub: number | null;
}

const COUNTS = `
  select n.code, n.name_ru as "nameRu", n.name_en as "nameEn", coalesce(n.parent_code, n.code) as region,
    n.iana_zone as zone, sum(points)::int as points, sum(open)::int as open, sum(confirmed)::int as confirmed,
    sum(dismissed)::int as dismissed
  from (
    select territory_code as code, count(*) as points, 0 as open, 0 as confirmed, 0 as dismissed
    from metering_point where kind = 'household' group by territory_code
    union all
    select territory_code, 0, count(*) filter (where state not in ('confirmed', 'dismissed')),
      count(*) filter (where state = 'confirmed'), count(*) filter (where state = 'dismissed')
    from case_file group by territory_code) counted
  join territory c on c.code = counted.code`;

export type TerritoryLevel = 'region' | 'territory';

/** By region, or by the territories that registries name. */
export async function territories(
  dataSource: DataSource,
  rulebook: LoadedRulebook,
  { level, now }: { readonly level: TerritoryLevel; readonly now: Date },
): Promise<TerritoryView[]> {
  const rules = rulebook.document.rules.filter((rule) => rule.kind === 'tariff_band');
  const asked = { utilityId: null, level, territory: null, commercialRubPerKwh: null };
  const loads = new Map((await hiddenLoad(dataSource, rules, asked)).map((view) => [view.territory, view]));
  return onConnection(dataSource, async (client) => {
    const place = level === 'region' ? 'coalesce(c.parent_code, c.code)' : 'c.code';
    const { rows } = await client.query<PlaceRow>(
      `${COUNTS} join territory n on n.code = ${place} group by n.code order by region, n.code`,
    );
    const views = [];
    for (const row of rows) views.push(await viewOf(client, rulebook, row, loads.get(row.code), now));
    return views;
  });
}

async function viewOf(
  client: ClientBase,
  rulebook: LoadedRulebook,
  { code, nameRu, nameEn, region, zone, points, open, confirmed, dismissed }: PlaceRow,
  load: HiddenLoadView | undefined,
  now: Date,
): Promise<TerritoryView> {
  const today = localDay(zone, now);
  return {
    code,
    name: { ru: nameRu, en: nameEn },
    region,
    zone,
    points,
    cases: { open, confirmed, dismissed },
    rule: await ruleInForce(client, rulebook, { territory: code, asOf: today }),
    today,
    suspected_mw: { metered: meteredMw(load), unmetered: load?.hidden_mw ?? 0 },
    unmetered_bounds_mw: { lower: load?.hidden_lower_mw ?? 0, upper: load?.hidden_upper_mw ?? 0 },
    transformers: {
      balanced: load?.transformers ?? 0,
      flagged: load?.flagged ?? 0,
      unclear: load?.unclear ?? 0,
    },
    unpaid_rub: unpaidRub(load),
  };
}

/** Mean over the month of the flat energy of points worth a case. */
function meteredMw(load: HiddenLoadView | undefined): number {
  const kwh = load?.money.reduce((sum, { metered_kwh }) => sum + metered_kwh, 0) ?? 0;
  return Math.round(kwh / MONTH_HOURS) / 1000;
}

function unpaidRub(load: HiddenLoadView | undefined): number | null {
  const known = load?.money.flatMap(({ unpaid_rub }) => unpaid_rub ?? []) ?? [];
  return known.length === 0 ? null : known.reduce((sum, rub) => sum + rub, 0);
}

/** The civil day there. */
function localDay(zoneName: string, now: Date): string {
  const zone = parseZone(zoneName);
  const offset = zone === null ? 0 : offsetMinutesAt(zone, now.getTime());
  return isoFromDay(Math.floor((now.getTime() + offset * 60_000) / 86_400_000));
}
