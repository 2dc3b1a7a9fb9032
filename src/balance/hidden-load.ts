import type { Queryable } from '../database/queryable.js';
import { dayFromIso } from '../grid/domain/calendar.js';
import { sumIndependent } from './domain/regional-sum.js';
import {
  bandLoss,
  householdTariff,
  splitByBand,
  type HouseholdTariff,
  type TariffRule,
} from './domain/tariff-gap.js';
import type { BalanceVerdict, Suspect, TransformerBalance } from './domain/types.js';

/** Mean hours of a month. */
const MONTH_HOURS = 730.5;

/** What to list; null = any. */
export interface TransformerFilter {
  /** Id of the utility whose transformers they are. */
  readonly utilityId: number | null;
  /** A territory's code: its own transformers, and for a region those of its municipalities. */
  readonly territory: string | null;
  readonly verdict: BalanceVerdict | null;
  readonly minHiddenKw: number | null;
}

/** Where a walk through the list goes on: after the transformer with this hidden load and balance meter. */
export interface TransformerCursor {
  readonly hiddenKw: number;
  readonly meteringPointId: number;
}

export interface TransformerView {
  readonly id: number;
  readonly utility: string;
  readonly transformer: string;
  readonly feeder: string | null;
  readonly territory: string;
  readonly verdict: BalanceVerdict;
  readonly hidden_kw: number;
  readonly hidden_lower_kw: number;
  readonly hidden_upper_kw: number;
  readonly since: string | null;
  readonly as_of: string;
  readonly points: number;
  /** 0 to 1: coverage, hours used, clocks. */
  readonly confidence: number;
}

export interface TransformerDetail extends TransformerView {
  readonly balance: Omit<TransformerBalance, 'suspects'>;
  readonly suspects: readonly {
    readonly metering_point: string;
    readonly household: string | null;
    readonly rank: number;
    readonly share: number;
    readonly drop_kw: number;
    readonly drop_day: string | null;
    readonly observed: Suspect;
  }[];
}

const SELECT = `
  select t.id, u.code as utility, t.code as transformer, f.code as feeder, p.territory_code as territory, b.verdict,
    b.hidden_kw, b.hidden_lower_kw, b.hidden_upper_kw, to_char(b.since, 'YYYY-MM-DD') as since,
    to_char(b.as_of, 'YYYY-MM-DD') as as_of, b.points, b.confidence, b.metering_point_id as "meteringPointId"
  from transformer_balance b
  join metering_point p on p.id = b.metering_point_id
  join transformer t on t.id = p.transformer_id
  join utility u on u.id = t.utility_id
  left join feeder f on f.id = t.feeder_id`;

type Row = TransformerView & { readonly meteringPointId: number };

/** At most `limit` transformers, most hidden load first, after `after` (null: from the top). */
export async function listTransformers(
  db: Queryable,
  filter: TransformerFilter,
  page: { readonly after: TransformerCursor | null; readonly limit: number },
): Promise<{ view: TransformerView; cursor: TransformerCursor }[]> {
  const rows = await db.query<Row[]>(
    `${SELECT}
     where ($1::text is null or p.territory_code in (
         select c.code from territory c where c.code = $1 or c.parent_code = $1))
       and ($2::text is null or b.verdict = $2)
       and ($3::float8 is null or b.hidden_kw >= $3)
       and ($4::float8 is null or b.hidden_kw < $4 or (b.hidden_kw = $4 and b.metering_point_id > $5::integer))
       and ($6::integer is null or t.utility_id = $6)
     order by b.hidden_kw desc, b.metering_point_id limit $7`,
    [
      filter.territory,
      filter.verdict,
      filter.minHiddenKw,
      page.after?.hiddenKw ?? null,
      page.after?.meteringPointId ?? null,
      filter.utilityId,
      page.limit,
    ],
  );
  return rows.map(({ meteringPointId, ...view }) => ({
    view,
    cursor: { hiddenKw: view.hidden_kw, meteringPointId },
  }));
}

/**
 * Null when there is no such transformer, no balance of it yet, or it is another utility's than `utilityId` (null: any's).
 * `id` is the transformer's.
 */
export async function findTransformer(
  db: Queryable,
  id: number,
  utilityId: number | null,
): Promise<TransformerDetail | null> {
  const [row] = await db.query<Row[]>(
    `${SELECT} where t.id = $1 and p.kind = 'transformer' and ($2::integer is null or t.utility_id = $2)`,
    [id, utilityId],
  );
  if (row === undefined) return null;
  const { meteringPointId, ...view } = row;
  const [{ balance }] = await db.query<{ balance: TransformerDetail['balance'] }[]>(
    'select balance from transformer_balance where metering_point_id = $1',
    [meteringPointId],
  );
  const suspects = await db.query<TransformerDetail['suspects'][number][]>(
    `select p.external_id as metering_point, p.household, s.rank, s.share, s.drop_kw,
       to_char(s.drop_day, 'YYYY-MM-DD') as drop_day, s.observed
     from balance_suspect s join metering_point p on p.id = s.metering_point_id
     where s.balance_point_id = $1 order by s.rank`,
    [meteringPointId],
  );
  return { ...view, balance, suspects };
}

export interface HiddenLoadView {
  readonly territory: string;
  readonly name: { readonly ru: string; readonly en: string };
  /** Transformers with a balance, those of them with hidden load, and those whose balance could not be struck. */
  readonly transformers: number;
  readonly flagged: number;
  readonly unclear: number;
  readonly hidden_mw: number;
  readonly hidden_lower_mw: number;
  readonly hidden_upper_mw: number;
  readonly money: readonly MoneyView[];
}

/** Suspected energy of a month in one band of one tariff. */
export interface MoneyView {
  readonly tariff_category: string | null;
  readonly band: number;
  readonly from_kwh: number;
  readonly to_kwh: number | null;
  readonly unmetered_kwh: number;
  readonly metered_kwh: number;
  readonly household_rub_per_kwh: number | null;
  readonly unpaid_rub: number | null;
  readonly gap_rub: number | null;
  /** Rules of the rulebook behind band and price; null = none is known. */
  readonly band_rule: string | null;
  readonly price_rule: string | null;
}

interface FlaggedRow {
  readonly place: string;
  readonly region: string;
  readonly hiddenKw: number;
  readonly hiddenLowerKw: number;
  readonly hiddenUpperKw: number;
  readonly category: string | null;
  readonly asOf: string;
}

interface MeteredRow {
  readonly place: string;
  readonly region: string;
  readonly category: string | null;
  readonly month: string;
  readonly unitKwh: number;
  readonly flatKwh: number;
}

/** Region or municipality that a point of territory `p` counts to. */
const PLACE = { region: 'coalesce(c.parent_code, c.code)', territory: 'c.code' };

/**
 * The flat load that nothing accounts for, by region or by territory, and what it costs in a month, by tariff band. Energy
 * past the meter is taken as a household's of its own under the usual category of the transformer; metered energy is the
 * flat part of the last judged month of the points worth a case, on top of what else they used.
 */
export async function hiddenLoad(
  db: Queryable,
  rules: readonly TariffRule[],
  asked: {
    /** Id of the utility whose points are summed; null = all. */
    readonly utilityId: number | null;
    readonly level: 'region' | 'territory';
    readonly territory: string | null;
    readonly commercialRubPerKwh: number | null;
  },
): Promise<HiddenLoadView[]> {
  const place = PLACE[asked.level];
  const within =
    '($1::text is null or c.code = $1 or c.parent_code = $1) and ($2::integer is null or p.utility_id = $2)';
  const places = await db.query<
    { code: string; nameRu: string; nameEn: string; transformers: number; flagged: number; unclear: number }[]
  >(
    `select n.code, n.name_ru as "nameRu", n.name_en as "nameEn", count(b.verdict)::integer as transformers,
       (count(*) filter (where b.verdict = 'hidden_load'))::integer as flagged,
       (count(*) filter (where b.verdict = 'unclear'))::integer as unclear
     from (select metering_point_id from transformer_balance
           union select metering_point_id from score where case_worthy) looked_at
     left join transformer_balance b on b.metering_point_id = looked_at.metering_point_id
     join metering_point p on p.id = looked_at.metering_point_id
     join territory c on c.code = p.territory_code
     join territory n on n.code = ${place}
     where ${within} group by n.code order by n.code`,
    [asked.territory, asked.utilityId],
  );
  const flagged = await db.query<FlaggedRow[]>(
    `select ${place} as place, coalesce(c.parent_code, c.code) as region, b.hidden_kw as "hiddenKw",
       b.hidden_lower_kw as "hiddenLowerKw", b.hidden_upper_kw as "hiddenUpperKw",
       to_char(b.as_of, 'YYYY-MM-DD') as "asOf",
       (select mode() within group (order by h.tariff_category) from metering_point h
        where h.transformer_id = p.transformer_id and h.kind = 'household') as category
     from transformer_balance b
     join metering_point p on p.id = b.metering_point_id
     join territory c on c.code = p.territory_code
     where b.verdict = 'hidden_load' and ${within}`,
    [asked.territory, asked.utilityId],
  );
  const metered = await db.query<MeteredRow[]>(
    `select ${place} as place, coalesce(c.parent_code, c.code) as region, p.tariff_category as category,
       to_char(q.month, 'YYYY-MM-DD') as month, q.unit_kwh as "unitKwh", q.flat_kwh as "flatKwh"
     from score s
     join metering_point p on p.id = s.metering_point_id and p.kind = 'household'
     join territory c on c.code = p.territory_code
     join lateral (
       select j.month, j.unit_kwh, j.flat_kwh from quota_judgement j
       where j.metering_point_id = s.metering_point_id and j.month + interval '1 month' <= s.as_of
       order by j.month desc limit 1) q on true
     where s.case_worthy and q.flat_kwh > 0 and ${within}`,
    [asked.territory, asked.utilityId],
  );
  return places.map(({ code, nameRu, nameEn, ...counts }) => {
    const here = flagged.filter((row) => row.place === code);
    const sum = sumIndependent(
      here.map((row) => ({ kw: row.hiddenKw, lowerKw: row.hiddenLowerKw, upperKw: row.hiddenUpperKw })),
    );
    const meteredHere = metered.filter((row) => row.place === code);
    return {
      territory: code,
      name: { ru: nameRu, en: nameEn },
      ...counts,
      hidden_mw: megawatts(sum.kw),
      hidden_lower_mw: megawatts(sum.lowerKw),
      hidden_upper_mw: megawatts(sum.upperKw),
      money: moneyOf(here, meteredHere, rules, asked.commercialRubPerKwh),
    };
  });
}

function megawatts(kw: number): number {
  return Math.round(kw) / 1000;
}

interface BandSum {
  readonly category: string | null;
  readonly tariff: HouseholdTariff;
  readonly unmeteredKwh: number[];
  readonly meteredKwh: number[];
}

function moneyOf(
  flagged: readonly FlaggedRow[],
  metered: readonly MeteredRow[],
  rules: readonly TariffRule[],
  commercialRub: number | null,
): MoneyView[] {
  const sums = new Map<string, BandSum>();
  const sumFor = (row: { region: string; category: string | null }, day: string): BandSum => {
    const tariff = householdTariff(rules, {
      region: row.region,
      category: row.category,
      day: dayFromIso(day)!,
    });
    const key = `${row.category} ${tariff.edgesRule} ${tariff.priceRule}`;
    const known = sums.get(key);
    if (known) return known;
    const bands = tariff.edgesKwh.length + 1;
    const none = () => new Array<number>(bands).fill(0);
    const sum = { category: row.category, tariff, unmeteredKwh: none(), meteredKwh: none() };
    sums.set(key, sum);
    return sum;
  };
  for (const row of flagged) {
    const sum = sumFor(row, row.asOf);
    addTo(sum.unmeteredKwh, splitByBand(0, row.hiddenKw * MONTH_HOURS, sum.tariff.edgesKwh));
  }
  for (const row of metered) {
    const sum = sumFor(row, row.month);
    addTo(
      sum.meteredKwh,
      splitByBand(Math.max(0, row.unitKwh - row.flatKwh), row.unitKwh, sum.tariff.edgesKwh),
    );
  }
  return [...sums.values()].flatMap((sum) => bandViews(sum, commercialRub));
}

function addTo(sums: number[], parts: readonly number[]): void {
  parts.forEach((part, band) => (sums[band] += part));
}

function bandViews(
  { category, tariff, unmeteredKwh, meteredKwh }: BandSum,
  commercialRub: number | null,
): MoneyView[] {
  return unmeteredKwh.flatMap((unmetered, band) => {
    if (unmetered + meteredKwh[band] === 0) return [];
    const price = tariff.rubPerKwh?.[band] ?? null;
    const loss = bandLoss({ unmeteredKwh: unmetered, meteredKwh: meteredKwh[band] }, price, commercialRub);
    return [
      {
        tariff_category: category,
        band: band + 1,
        from_kwh: band === 0 ? 0 : tariff.edgesKwh[band - 1],
        to_kwh: tariff.edgesKwh[band] ?? null,
        unmetered_kwh: Math.round(unmetered),
        metered_kwh: Math.round(meteredKwh[band]),
        household_rub_per_kwh: price,
        unpaid_rub: loss.unpaidRub === null ? null : Math.round(loss.unpaidRub),
        gap_rub: loss.gapRub === null ? null : Math.round(loss.gapRub),
        band_rule: tariff.edgesRule,
        price_rule: tariff.priceRule,
      },
    ];
  });
}
