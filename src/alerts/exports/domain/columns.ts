/** What an export says of one alert. */
export interface ExportedAlert {
  readonly id: number;
  readonly utility: string;
  readonly metering_point: string;
  readonly household: string | null;
  readonly territory: string;
  readonly kind: string;
  readonly state: string;
  readonly score: number;
  readonly since: string | null;
  readonly opened_at: string;
  readonly fired_at: string | null;
  readonly resolved_at: string | null;
  readonly last_seen_as_of: string;
  readonly sentences: { readonly ru: readonly string[]; readonly en: readonly string[] };
}

export type ColumnType = 'number' | 'text' | 'date' | 'instant';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly value: (alert: ExportedAlert) => number | string | null;
}

/** The columns of every format, in this order; docs/exports.md explains each, and a test holds the two together. */
export const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'number', value: (alert) => alert.id },
  { name: 'utility', type: 'text', value: (alert) => alert.utility },
  { name: 'metering_point', type: 'text', value: (alert) => alert.metering_point },
  { name: 'household', type: 'text', value: (alert) => alert.household },
  { name: 'territory', type: 'text', value: (alert) => alert.territory },
  { name: 'kind', type: 'text', value: (alert) => alert.kind },
  { name: 'state', type: 'text', value: (alert) => alert.state },
  { name: 'score', type: 'number', value: (alert) => alert.score },
  { name: 'since', type: 'date', value: (alert) => alert.since },
  { name: 'opened_at', type: 'instant', value: (alert) => alert.opened_at },
  { name: 'fired_at', type: 'instant', value: (alert) => alert.fired_at },
  { name: 'resolved_at', type: 'instant', value: (alert) => alert.resolved_at },
  { name: 'last_seen_as_of', type: 'date', value: (alert) => alert.last_seen_as_of },
  { name: 'reasons_ru', type: 'text', value: (alert) => alert.sentences.ru.join(' ') },
  { name: 'reasons_en', type: 'text', value: (alert) => alert.sentences.en.join(' ') },
];
