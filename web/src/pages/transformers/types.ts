export const VERDICTS = [
  'hidden_load',
  'night_load',
  'household_like',
  'none',
  'inconsistent',
  'unclear',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** As GET /api/v1/transformers gives it. */
export interface TransformerLine {
  readonly id: number;
  readonly utility: string;
  readonly transformer: string;
  readonly feeder: string | null;
  readonly territory: string;
  readonly verdict: Verdict;
  readonly hidden_kw: number;
  readonly hidden_lower_kw: number;
  readonly hidden_upper_kw: number;
  readonly since: string | null;
  readonly as_of: string;
  readonly points: number;
  readonly confidence: number;
}

export interface TransformerDetail extends TransformerLine {
  readonly balance: {
    readonly firstDay: number;
    readonly confidence: { readonly coverageRatio: number; readonly clockSkewHours: number };
    readonly loss: { readonly meanLossKw: number } | null;
    readonly residual: {
      readonly floorKw: number;
      readonly meanKw: number;
      readonly flatnessRatio: number;
      readonly scatterKw: number;
      readonly followsHomes: number;
    } | null;
    readonly onset: { readonly earliestHour: number; readonly latestHour: number } | null;
  };
}

export interface TransformerPoint {
  readonly id: number;
  readonly metering_point: string;
  readonly household: string | null;
  readonly score: number | null;
  readonly kind: string | null;
  readonly since: string | null;
  readonly month_kwh: number | null;
  readonly rank: number | null;
  readonly share: number | null;
  readonly drop_kw: number | null;
}

export interface TransformerLoad {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly offset_minutes: number;
  readonly minutes: number;
  readonly points: number;
  readonly in_kwh: readonly (number | null)[];
  readonly metered_kwh: readonly (number | null)[];
  readonly loss_kwh: readonly (number | null)[];
  readonly rest_kwh: readonly (number | null)[];
  readonly read_ratio: readonly number[];
}

export function badgeOf(verdict: Verdict): string {
  if (verdict === 'hidden_load' || verdict === 'night_load') return 'badge badge-danger';
  if (verdict === 'none') return 'badge badge-good';
  return verdict === 'unclear' ? 'badge' : 'badge badge-warn';
}
