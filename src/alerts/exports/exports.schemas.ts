import { z } from 'zod';
import { Id, lineOfText } from '../../config/input-values.js';
import { AlertsQuery } from '../alerts.schemas.js';
import { EXPORT_FORMATS } from './export-writers.js';

/** What an export is for, in one line. */
export const ExportReason = lineOfText(500).regex(/\S.*\S/, 'says nothing');

export const ExportQuery = AlertsQuery.omit({ limit: true, cursor: true }).extend({
  format: z
    .enum(EXPORT_FORMATS)
    .default('csv')
    .meta({ description: 'docs/exports.md describes the columns.' }),
  reason: ExportReason.meta({ description: 'What it is for; kept on record.', example: 'weekly meeting' }),
});
export type ExportQuery = z.output<typeof ExportQuery>;

export const ExportsQuery = z.strictObject({
  before: Id.optional().meta({ description: 'Only exports with a smaller id: the next page.' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type ExportsQuery = z.output<typeof ExportsQuery>;

export const ExportRecord = z.object({
  id: z.number().int(),
  actor: z.string(),
  reason: z.string(),
  destination: z.enum(['download', 'file', 'schedule']),
  format: z.enum(EXPORT_FORMATS),
  filter: z.record(z.string(), z.unknown()),
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable().meta({ description: 'Null: it was broken off.' }),
  alerts: z.number().int().nullable(),
  bytes: z.number().int().nullable(),
  sha256: z.string().nullable(),
});
export type ExportRecord = z.output<typeof ExportRecord>;
export const ExportRecords = z.object({ items: z.array(ExportRecord) });
