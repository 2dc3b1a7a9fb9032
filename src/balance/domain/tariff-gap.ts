import { dayFromIso, type DayNumber } from '../../grid/domain/calendar.js';

/** A tariff band of the rulebook, as its file states it. */
export interface TariffRule {
  readonly id: string;
  readonly status: string;
  readonly territory: { readonly scope: string; readonly region?: string };
  readonly period: {
    readonly from: string;
    readonly to: string | null;
    readonly to_included: boolean | null;
  } | null;
  readonly tariff: {
    readonly bands_kwh_per_month: readonly number[] | null;
    readonly rub_per_kwh: readonly number[] | null;
    readonly condition: string | null;
  };
}

/** What households of one kind pay somewhere on some day. */
export interface HouseholdTariff {
  /** Monthly kWh at which the next band begins; none where no bands are known. */
  readonly edgesKwh: readonly number[];
  readonly edgesRule: string | null;
  /** Of each band; null when the rulebook does not know the price of that day. */
  readonly rubPerKwh: readonly number[] | null;
  readonly priceRule: string | null;
}

/** Words of a rule's condition that name a registry's tariff category. */
const CONDITION: Readonly<Record<string, RegExp>> = {
  urban: /urban/,
  rural: /rural/,
  electric_heating: /electric/,
};

/**
 * The household tariff that the rulebook knows for a region, category and day. A price that is not known on that day is
 * null, never the one of another period or category.
 */
export function householdTariff(
  rules: readonly TariffRule[],
  place: { readonly region: string; readonly category: string | null; readonly day: DayNumber },
): HouseholdTariff {
  const valid = rules.filter((rule) => holdsOn(rule, place.day) && isIn(rule, place.region));
  const names = CONDITION[place.category ?? ''];
  const price = valid.find(({ tariff }) => tariff.rub_per_kwh && names?.test(tariff.condition ?? ''));
  const special = valid.find(
    ({ tariff }) =>
      tariff.bands_kwh_per_month &&
      place.category === 'electric_heating' &&
      /heating/.test(tariff.condition ?? ''),
  );
  const edges =
    special ?? valid.find(({ tariff }) => tariff.bands_kwh_per_month && tariff.condition === null) ?? null;
  return {
    edgesKwh: edges?.tariff.bands_kwh_per_month ?? [],
    edgesRule: edges?.id ?? null,
    rubPerKwh: price?.tariff.rub_per_kwh ?? null,
    priceRule: price?.id ?? null,
  };
}

function holdsOn({ status, period }: TariffRule, day: DayNumber): boolean {
  if (status !== 'in_force' || period === null || dayFromIso(period.from)! > day) return false;
  if (period.to === null) return true;
  const end = dayFromIso(period.to)!;
  return period.to_included ? day <= end : day < end;
}

function isIn({ territory }: TariffRule, region: string): boolean {
  return territory.scope === 'country' ? region.startsWith('RU-') : territory.region === region;
}

/**
 * The kWh of a month between `fromKwh` and `toKwh`, by band: each part is billed in its band.
 * Example: 3,000 to 8,000 kWh over edges 3,900 and 6,000 are 900, 2,100 and 2,000 kWh.
 */
export function splitByBand(fromKwh: number, toKwh: number, edgesKwh: readonly number[]): number[] {
  const edges = [0, ...edgesKwh, Infinity];
  return edges
    .slice(1)
    .map((end, band) => Math.max(0, Math.min(toKwh, end) - Math.max(fromKwh, edges[band])));
}

/** One band's suspected energy of a month. */
export interface BandKwh {
  /** Passed no meter: nobody paid for it. */
  readonly unmeteredKwh: number;
  /** Passed a meter and was paid at the household price. */
  readonly meteredKwh: number;
}

export interface BandLoss {
  /** The unmetered energy at the household price: the least that is lost; null when that price is not known. */
  readonly unpaidRub: number | null;
  /** What both would have brought at the commercial price, less what was paid; null when a price it needs is not known. */
  readonly gapRub: number | null;
}

/** Example: 1,000 kWh past the meter and 2,000 metered at 1.78 RUB, against 7 RUB: 1,780 unpaid, a gap of 17,440 RUB. */
export function bandLoss(
  { unmeteredKwh, meteredKwh }: BandKwh,
  householdRub: number | null,
  commercialRub: number | null,
): BandLoss {
  const paid = meteredKwh === 0 ? 0 : householdRub === null ? null : meteredKwh * householdRub;
  return {
    unpaidRub: unmeteredKwh === 0 ? 0 : householdRub === null ? null : unmeteredKwh * householdRub,
    gapRub:
      commercialRub === null || paid === null ? null : (unmeteredKwh + meteredKwh) * commercialRub - paid,
  };
}
