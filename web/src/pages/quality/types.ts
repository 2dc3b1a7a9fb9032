/** Drawn towards what everybody has, with its 95 % interval. */
export interface Estimate {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  readonly n: number;
}

export const REMARKS = [
  'too_few_confirmed',
  'too_many_confirmed',
  'zero_finding_streak',
  'blind_disagreement',
  'seeded_wrong',
  'hasty',
  'leak',
  'repeat_after_clean',
  'complaints_upheld',
  'reads_outside_queue',
] as const;
export type Remark = (typeof REMARKS)[number];

/** How inspections went: of everybody, an organisation or a person. */
export interface Measured {
  readonly looks: number;
  /** Too few to remark on anybody. */
  readonly few: boolean;
  readonly confirmed: { readonly observed: number; readonly expected: number; readonly ratio: Estimate };
  readonly zero_streak: { readonly longest: number; readonly current: number; readonly chance: number };
  readonly blind_agreement: Estimate;
  readonly seeded_right: Estimate;
  readonly minutes: { readonly median: number | null; readonly n: number };
  readonly fell_before_visit: Estimate;
  readonly repeat_after_clean: Estimate;
  readonly complaints_upheld: Estimate;
  readonly reads_outside_queue: Estimate;
  readonly remarks: readonly Remark[];
}

export interface Quality {
  readonly from: string;
  readonly to: string;
  readonly everybody: Measured;
  readonly organisations: readonly (Measured & { readonly organisation: string })[];
  readonly inspectors: readonly (Measured & {
    readonly inspector: number;
    readonly name: string;
    readonly organisation: string;
  })[];
  readonly utilities: readonly UtilityCorrections[];
}

export interface UtilityCorrections {
  readonly utility: string;
  readonly changed: number;
  readonly lower: number;
  readonly kwh_before: number;
  readonly kwh_after: number;
  readonly lower_share: Estimate;
  readonly remark: 'corrections_lower_use' | null;
}
