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

/** As GET /api/v1/uploads/:id gives it. */
export interface Receipt {
  readonly id: number;
  readonly kind: string;
  readonly filename: string;
  readonly zone: string | null;
  readonly sha256: string;
  readonly bytes: number;
  readonly status: 'received' | 'loading' | 'loaded' | 'refused' | 'failed';
  readonly refusal: string | null;
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
  };
}

export function isUnderWay({ status }: Receipt): boolean {
  return status === 'received' || status === 'loading';
}

export function badgeOf({ status }: Receipt): string {
  if (status === 'loaded') return 'badge badge-good';
  return status === 'refused' || status === 'failed' ? 'badge badge-danger' : 'badge badge-accent';
}

export function isKnownKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}
