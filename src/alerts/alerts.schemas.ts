import { z } from 'zod';
import { Id, pageCursor, pageLimit, TerritoryFilter } from '../config/input-values.js';
import { dayFromIso } from '../grid/domain/calendar.js';
import { ALERT_KINDS, ALERT_STATES } from './domain/lifecycle.js';

/** Most alerts a page may hold. */
export const MAX_PAGE = 500;

const IsoDate = z
  .string()
  .refine((text) => dayFromIso(text) !== null, { error: 'is not a date that exists (YYYY-MM-DD)' })
  .meta({ format: 'date', example: '2026-01-31' });

/** Where a walk through the list goes on: opaque to the client, the last id to us. */
export function cursorOf(id: number): string {
  return Buffer.from(`alert:${id}`).toString('base64url');
}

/** Null when the text is no cursor of ours. */
export function idOfCursor(cursor: string): number | null {
  const match = /^alert:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  return Id.safeParse(match?.[1]).data ?? null;
}

export const AlertsQuery = z.strictObject({
  state: z.enum(ALERT_STATES).optional().meta({ description: 'Only alerts in this state.' }),
  kind: z.enum(ALERT_KINDS).optional().meta({ description: 'Only alerts of this kind.' }),
  territory: TerritoryFilter.optional(),
  min_score: z.coerce.number().min(0).max(1).optional().meta({ description: 'Least probability, 0 to 1.' }),
  since: IsoDate.optional().meta({ description: 'Suspected since this day or later.' }),
  limit: pageLimit('Alerts', MAX_PAGE),
  cursor: pageCursor(100, idOfCursor),
});
export type AlertsQuery = z.output<typeof AlertsQuery>;

const Sentence = z.object({ ru: z.string(), en: z.string() });
const Instant = z.iso.datetime();

export const AlertView = z.object({
  id: z.number().int(),
  utility: z.string(),
  metering_point: z.string(),
  household: z.string().nullable(),
  territory: z.string(),
  kind: z.enum(ALERT_KINDS),
  state: z.enum(ALERT_STATES),
  score: z.number().min(0).max(1).meta({ description: 'Probability of mining.' }),
  since: z.iso.date().nullable(),
  opened_at: Instant,
  fired_at: Instant.nullable(),
  resolved_at: Instant.nullable(),
  last_seen_as_of: z.iso
    .date()
    .meta({ description: 'Exclusive end of the readings that last supported it.' }),
  sentences: z
    .object({ ru: z.array(z.string()), en: z.array(z.string()) })
    .meta({ description: 'What speaks for and against, by the newest scoring.' }),
});

export const AlertsPage = z.object({
  items: z.array(AlertView),
  next_cursor: z.string().nullable().meta({ description: 'Null on the last page.' }),
});

const Observed = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));

export const AlertDetail = AlertView.extend({
  notice: Sentence,
  reasons: z.array(
    z.object({
      detector: z.string(),
      kind: z.string(),
      log_odds: z.number().meta({ description: 'Positive speaks for mining, negative against.' }),
      sentence: Sentence,
    }),
  ),
  findings: z
    .array(
      z.object({
        detector: z.string(),
        version: z.number().int(),
        window: z.object({ from: z.iso.date(), to: z.iso.date() }),
        settings: Observed,
        observed: Observed,
        since: z.iso.date().nullable(),
      }),
    )
    .meta({ description: 'What the detectors measured, with the settings that reproduce it.' }),
  events: z.array(
    z.object({
      at: Instant,
      actor: z.string(),
      from_state: z.enum(ALERT_STATES).nullable(),
      to_state: z.enum(ALERT_STATES),
      reason: z.string(),
      sentence: Sentence,
      run_id: z.number().int().nullable(),
      corrections: z.array(z.object({ upload: z.number().int(), from: z.string(), to: z.string() })),
    }),
  ),
});
