import type { ClientBase } from 'pg';
import { householdTariff, splitByBand } from '../balance/domain/tariff-gap.js';
import { dayFromIso } from '../grid/domain/calendar.js';
import type { LoadedRulebook } from '../rulebook/rulebook-file.js';
import { regionOf } from './rule-in-force.js';

interface MonthRow {
  readonly month: string;
  readonly rule_id: string;
  readonly counted_per: 'metering_point' | 'household';
  readonly limit_kwh: number;
  readonly metered_kwh: number;
  readonly unit_kwh: number;
  readonly flat_kwh: number | null;
  readonly coverage_ratio: number;
  readonly exceeded: boolean;
}

const MONTHS_SHOWN = 13;

/** The last months against the quota of then, and how they fall into the tariff's bands; oldest first. */
export async function caseMonths(
  client: ClientBase,
  rulebook: LoadedRulebook,
  of: {
    readonly pointId: number;
    readonly territory: string;
    readonly category: string | null;
  },
) {
  const { rows } = await client.query<MonthRow>(
    `select month, rule_id, counted_per, limit_kwh, metered_kwh, unit_kwh, flat_kwh,
       intervals_present::float8 / nullif(intervals_expected, 0) as coverage_ratio, exceeded
     from quota_judgement where metering_point_id = $1 order by month desc limit ${MONTHS_SHOWN}`,
    [of.pointId],
  );
  const region = await regionOf(client, of.territory);
  const rules = rulebook.document.rules.filter((rule) => rule.kind === 'tariff_band');
  return rows.reverse().map((row) => {
    const place = { region, category: of.category, day: dayFromIso(row.month)! };
    const { edgesKwh, edgesRule, rubPerKwh, priceRule } = householdTariff(rules, place);
    const split = splitByBand(0, row.unit_kwh, edgesKwh);
    const bands = split.map((kwh, band) => ({
      from_kwh: [0, ...edgesKwh][band],
      to_kwh: edgesKwh[band] ?? null,
      kwh,
      rub_per_kwh: rubPerKwh?.[band] ?? null,
    }));
    return { ...row, bands, band_rule: edgesRule, price_rule: priceRule };
  });
}
