import type { ClientBase } from 'pg';
import { householdTariff, splitByBand } from '../balance/domain/tariff-gap.js';
import { judgedMonths } from '../detection/judged-months.js';
import { isoFromDay } from '../grid/domain/calendar.js';
import type { LoadedRulebook } from '../rulebook/rulebook-file.js';
import { regionOf } from './rule-in-force.js';

const MONTHS_SHOWN = 13;

/** The last months against the quota of then, and how they fall into the tariff's bands; oldest first. */
export async function caseMonths(
  client: ClientBase,
  rulebook: LoadedRulebook,
  of: {
    readonly meteringPointId: number;
    readonly territory: string;
    readonly category: string | null;
    readonly now: Date;
  },
) {
  const judged = await judgedMonths(client, rulebook, of);
  const region = await regionOf(client, of.territory);
  const rules = rulebook.document.rules.filter((rule) => rule.kind === 'tariff_band');
  return judged.slice(-MONTHS_SHOWN).map((judgement) => {
    const place = { region, category: of.category, day: judgement.month };
    const { edgesKwh, edgesRule, rubPerKwh, priceRule } = householdTariff(rules, place);
    const split = splitByBand(0, judgement.unitKwh, edgesKwh);
    const bands = split.map((kwh, band) => ({
      from_kwh: [0, ...edgesKwh][band],
      to_kwh: edgesKwh[band] ?? null,
      kwh,
      rub_per_kwh: rubPerKwh?.[band] ?? null,
    }));
    const { intervalsPresent, intervalsExpected } = judgement;
    return {
      month: isoFromDay(judgement.month),
      rule_id: judgement.ruleId,
      counted_per: judgement.countedPer,
      limit_kwh: judgement.limitKwh,
      metered_kwh: judgement.meteredKwh,
      unit_kwh: judgement.unitKwh,
      flat_kwh: judgement.flatKwh,
      coverage_ratio: intervalsPresent / intervalsExpected,
      exceeded: judgement.exceeded,
      bands,
      band_rule: edgesRule,
      price_rule: priceRule,
    };
  });
}
