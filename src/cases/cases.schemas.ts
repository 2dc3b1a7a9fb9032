import { z } from 'zod';
import { ALERT_KINDS } from '../alerts/domain/lifecycle.js';
import { Id, lineOfText, pageCursor, pageLimit, TerritoryFilter } from '../config/input-values.js';
import { dayFromIso } from '../grid/domain/calendar.js';
import { RESOLUTIONS } from './case-curve.js';
import { CASE_SORTS, type CaseCursor } from './case-queue.js';
import { REASON_CODES, VERDICTS } from './domain/decision.js';
import { CASE_STATES } from './domain/transitions.js';
import { VISIT_FINDING_CODES } from './domain/visit.js';

/** Most cases a page may hold, and a bulk action may touch. */
export const MAX_PAGE = 200;

const IsoDate = z
  .string()
  .refine((text) => dayFromIso(text) !== null, { error: 'is not a date that exists (YYYY-MM-DD)' })
  .meta({ format: 'date', example: '2026-01-31' });
const YesNo = z.enum(['true', 'false']).transform((text) => text === 'true');
/** Several lines, without the control characters that PostgreSQL refuses or a terminal obeys. */
const Words = z
  .string()
  .trim()
  .max(4000)
  .regex(/^[\P{Cc}\n\t]*$/u, 'holds a control character');
const Tag = lineOfText(40).trim().min(1);
const Tags = z.array(Tag).max(20);
const Version = z
  .int()
  .min(1)
  .meta({ description: 'Of the case as it was read; 409 with what changed when it is another by now.' });

/** Opaque to the client: the last case's place in the order. */
export function cursorOf({ value, id }: CaseCursor): string {
  return Buffer.from(`case:${value}:${id}`).toString('base64url');
}

/** Null when the text is no cursor of ours. */
export function caseOfCursor(cursor: string): CaseCursor | null {
  const match = /^case:(-?[\d.e+-]{1,30}):(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  const value = Number(match?.[1]);
  const id = Id.safeParse(match?.[2]).data;
  return match && Number.isFinite(value) && id !== undefined ? { value, id } : null;
}

/** What a queue may be filtered by; saved views hold the same. */
const FILTERS = {
  state: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(CASE_STATES)).min(1).max(CASE_STATES.length))
    .optional()
    .meta({ description: 'Only cases in these states, with commas between.', example: 'dealt,first_look' }),
  territory: TerritoryFilter.optional(),
  kind: z.enum(ALERT_KINDS).optional().meta({ description: 'Only cases of this kind.' }),
  inspector: Id.optional().meta({ description: 'Only cases dealt to this person.' }),
  min_score: z.coerce.number().min(0).max(1).optional().meta({ description: 'Least probability, 0 to 1.' }),
  min_kwh: z.coerce.number().min(0).max(1e9).optional().meta({ description: 'Least energy a month, kWh.' }),
  since: IsoDate.optional().meta({ description: 'Suspected since this day or later.' }),
  tag: Tag.optional().meta({ description: 'Only cases with this tag.' }),
  text: lineOfText(100).optional().meta({
    description: 'Beginnings of names of the metering point, the household or the transformer.',
  }),
  firing: YesNo.optional().meta({ description: 'Whether the readings still support it.' }),
};

export const CasesQuery = z.strictObject({
  ...FILTERS,
  sort: z.enum(CASE_SORTS).default('score').meta({ description: 'Most first.' }),
  limit: pageLimit('Cases', MAX_PAGE),
  cursor: pageCursor(200, caseOfCursor),
});
export type CasesQuery = z.output<typeof CasesQuery>;

export const CurveQuery = z.strictObject({
  from: IsoDate.optional().meta({ description: 'First day; a year before `to` when not given.' }),
  to: IsoDate.optional().meta({ description: 'Day after the last; the newest stored when not given.' }),
  resolution: z.enum(RESOLUTIONS).default('interval').meta({ description: 'interval: as it is stored.' }),
});
export type CurveQuery = z.output<typeof CurveQuery>;

const Sentence = z.object({ ru: z.string(), en: z.string() });
const Instant = z.iso.datetime();

export const CaseViewSchema = z.object({
  id: z.number().int(),
  version: z.number().int().meta({ description: 'To be sent back with whatever changes the case.' }),
  state: z.enum(CASE_STATES),
  state_name: Sentence,
  kind: z.enum([...ALERT_KINDS, 'random_audit']).meta({
    description: 'random_audit: nothing is suspected, the household was drawn by lot.',
  }),
  firing_kinds: z
    .array(z.enum(ALERT_KINDS))
    .meta({ description: 'Alerts that fire now; none: the readings no longer support it.' }),
  score: z.number().min(0).max(1).meta({ description: 'Probability of mining.' }),
  month_kwh: z.number().nullable().meta({ description: 'Of the last judged month, at its pace.' }),
  since: z.iso.date().nullable(),
  utility: z.string(),
  metering_point: z.string(),
  household: z.string().nullable(),
  transformer: z.object({ id: z.number().int(), code: z.string() }).nullable(),
  territory: z.object({ code: z.string(), name: Sentence }),
  inspector: z.object({ id: z.number().int(), name: z.string() }).nullable(),
  tags: z.array(z.string()),
  opened_at: Instant,
  state_at: Instant,
  updated_at: Instant,
  why: z.array(Sentence).meta({ description: 'What weighs most, for or against.' }),
});

export const CasesPage = z.object({
  items: z.array(CaseViewSchema),
  next_cursor: z.string().nullable().meta({ description: 'Null on the last page.' }),
});

/** Name of a photograph. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex');

export const Seen = z.strictObject({ version: Version });
export const VisitRequest = z.strictObject({ version: Version, words: Words.default('') });
export const VisitBooking = z.strictObject({
  version: Version,
  booked_for: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
});
export const VisitReportBody = z.strictObject({
  version: Version,
  done_at: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  findings: z.array(z.enum(VISIT_FINDING_CODES)).max(VISIT_FINDING_CODES.length),
  explanation: Words.nullable().default(null).meta({ description: 'What the household says.' }),
});
export const DecisionBody = z.strictObject({
  version: Version,
  verdict: z.enum(VERDICTS),
  reason: z.enum(REASON_CODES),
  words: Words.default(''),
});
export const CommentBody = z.strictObject({ words: Words.min(1) });
export const LinkBody = z.strictObject({ to: Id, words: Words.default('') });
export const TagsBody = z.strictObject({ add: Tags.default([]), remove: Tags.default([]) });
export const BulkTagsBody = TagsBody.extend({ ids: z.array(Id).min(1).max(MAX_PAGE) });
export const AssignmentBody = z.strictObject({ version: Version, inspector: Id });
export const BulkAssignmentBody = z.strictObject({
  cases: z
    .array(z.strictObject({ id: Id, version: Version }))
    .min(1)
    .max(MAX_PAGE),
  inspector: Id,
});
export const WorkerBody = z.strictObject({
  organisation: lineOfText(100).trim().default(''),
  home_territory: lineOfText(40).nullable().default(null),
  queue_limit: z.int().min(0).max(10_000).nullable().default(null),
  away: z.boolean().default(false),
});
const SavedFilter = z.strictObject({ ...FILTERS, sort: z.enum(CASE_SORTS).optional() });
export const ViewBody = z.strictObject({
  name: lineOfText(80).trim().min(1),
  filter: z
    .record(z.string(), z.string())
    .superRefine((filter, context) => {
      const parsed = SavedFilter.safeParse(filter);
      for (const { path, message } of parsed.error?.issues ?? [])
        context.addIssue({ code: 'custom', path, message });
    })
    .meta({ description: 'Parameters of GET /api/v1/cases, as they are written in its address.' }),
});
