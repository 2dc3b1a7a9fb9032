/** Why a row or a value of an upload was not taken; one short code each, counted on the receipt. */
export const REJECT_REASONS = [
  'bad_utf8',
  'nul_byte',
  'line_too_long',
  'wrong_columns',
  'missing_value',
  'bad_id',
  'excel_id',
  'bad_time',
  'no_such_local_time',
  'off_interval',
  'in_future',
  'bad_number',
  'negative',
  'sentinel',
  'out_of_range',
  'bad_quality',
  'bad_value',
  'unknown_territory',
  'duplicate_id',
  'not_recognised',
  'bad_xml',
  'bad_interval',
  'unknown_channel',
  'unknown_unit',
  'ancient',
  'meter_maximum',
  'contracted_power',
  'spike',
] as const;

/** Reasons that are checks of values already read; which values, the upload's findings say. */
export const RAW_REASONS = ['ancient', 'meter_maximum', 'contracted_power', 'spike'] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/** One rejected row, or one rejected value of a wide row, kept so that its sender can mend it. */
export interface RejectedRow {
  /** 1-based line of the unpacked file; the header is line 1. */
  readonly line: number;
  /** Column name, or empty when the whole row is rejected. */
  readonly field: string;
  readonly reason: RejectReason;
  /** One sentence: what is wrong and what to do. */
  readonly detail: string;
  /** The line as received, cut at 4,000 characters. */
  readonly raw: string;
}

/** Adds `rows` to counts by reason. */
export function countRejects(
  counts: Partial<Record<RejectReason, number>>,
  rows: readonly Pick<RejectedRow, 'reason'>[],
): Partial<Record<RejectReason, number>> {
  for (const { reason } of rows) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
