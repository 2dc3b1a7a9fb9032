export const KINDS = [
  'registry',
  'readings',
  'transformer-readings',
  'weather',
  'registers',
  'events',
  'point-codes',
] as const;
export type Kind = (typeof KINDS)[number];

export const UNITS = ['kWh', 'Wh', 'MWh', 'kW', 'W', 'MW'] as const;
export const CT_STATES = ['applied', 'not-applied', 'twice'] as const;

/** How a file's values and times are to be read where the file itself does not say. */
export interface ReadingOptions {
  readonly unit?: (typeof UNITS)[number];
  readonly label?: 'start' | 'end';
  readonly ct?: (typeof CT_STATES)[number];
  readonly ct_ratio?: number;
}

/** As GET /api/v1/upload-profiles gives it. */
export interface UploadProfile {
  readonly name: string;
  readonly kind: Kind | null;
  readonly zone: string | null;
  readonly options: ReadingOptions & { readonly point?: string };
}

/** As GET /api/v1/uploads/:id gives it. */
export interface Receipt {
  readonly id: number;
  readonly kind: string;
  readonly filename: string;
  readonly zone: string | null;
  readonly sha256: string;
  readonly bytes: number;
  readonly status: 'received' | 'loading' | 'held' | 'loaded' | 'refused' | 'failed';
  readonly refusal: string | null;
  /** What its sender is asked while it is held. */
  readonly question: { readonly about: 'unit' | 'label' | 'ct'; readonly text: string } | null;
  readonly received_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly progress: { readonly bytes_done: number; readonly bytes_total: number | null };
  readonly layout: {
    readonly layout: string;
    readonly columns: readonly string[];
    readonly ignored_columns: readonly string[];
    readonly interval_minutes?: number;
    readonly clock?: string;
  } | null;
  readonly counts: {
    readonly rows: number;
    readonly accepted: number;
    readonly blank: number;
    readonly rejected: number;
    readonly held: number;
    readonly rejected_by_reason: Readonly<Record<string, number>>;
    readonly duplicates: { readonly equal: number; readonly different: number };
    readonly stored: { readonly created: number; readonly changed: number; readonly unchanged: number };
    readonly passed_over: number;
    /** Values, days or spans by the check that found something in them. */
    readonly checks: Readonly<Record<string, number>>;
  };
}

export function isUnderWay({ status }: Receipt): boolean {
  return status === 'received' || status === 'loading';
}

export function badgeOf({ status }: Receipt): string {
  if (status === 'loaded') return 'badge badge-good';
  if (status === 'held') return 'badge badge-warn';
  return status === 'refused' || status === 'failed' ? 'badge badge-danger' : 'badge badge-accent';
}

export function isKnownKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}
