import { z } from 'zod';
import { Id, pageCursor, pageLimit, TerritoryFilter } from '../config/input-values.js';
import { dayFromIso } from '../grid/domain/calendar.js';
import type { TransformerCursor } from './hidden-load.js';
import { LOAD_DAYS } from './transformer-load.js';

/** Most transformers a page may hold. */
export const MAX_PAGE = 500;

const VERDICTS = ['hidden_load', 'night_load', 'household_like', 'none', 'inconsistent', 'unclear'] as const;

/** Opaque to the client: hidden kW and balance meter of the last transformer shown. */
export function cursorOf({ hiddenKw, meteringPointId }: TransformerCursor): string {
  return Buffer.from(`transformer:${hiddenKw}:${meteringPointId}`).toString('base64url');
}

/** Null when the text is no cursor of ours. */
export function transformerOfCursor(cursor: string): TransformerCursor | null {
  const match = /^transformer:(-?[\d.e+-]{1,30}):(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  const hiddenKw = Number(match?.[1]);
  const meteringPointId = Id.safeParse(match?.[2]).data;
  return match && Number.isFinite(hiddenKw) && meteringPointId !== undefined
    ? { hiddenKw, meteringPointId }
    : null;
}

export const TransformersQuery = z.strictObject({
  territory: TerritoryFilter.optional(),
  verdict: z.enum(VERDICTS).optional().meta({ description: 'Only transformers whose balance says this.' }),
  min_hidden_kw: z.coerce.number().min(0).max(1e6).optional().meta({ description: 'Least hidden load, kW.' }),
  limit: pageLimit('Transformers', MAX_PAGE),
  cursor: pageCursor(200, transformerOfCursor),
});
export type TransformersQuery = z.output<typeof TransformersQuery>;

export const TransformerView = z.object({
  id: z.number().int(),
  utility: z.string(),
  transformer: z.string(),
  feeder: z.string().nullable(),
  territory: z.string(),
  verdict: z.enum(VERDICTS),
  hidden_kw: z
    .number()
    .meta({ description: 'Load that no meter under it accounts for and that never pauses, kW.' }),
  hidden_lower_kw: z.number(),
  hidden_upper_kw: z.number(),
  since: z.iso.date().nullable().meta({ description: 'Null when it was there before the readings begin.' }),
  as_of: z.iso.date().meta({ description: 'Exclusive end of the readings that were looked at.' }),
  points: z.number().int().meta({ description: 'Metering points registered under it.' }),
  confidence: z
    .number()
    .min(0)
    .max(1)
    .meta({ description: 'How far the balance can be trusted: coverage, usable hours, clocks.' }),
});

export const TransformersPage = z.object({
  items: z.array(TransformerView),
  next_cursor: z.string().nullable().meta({ description: 'Null on the last page.' }),
});

export const TransformerDetail = TransformerView.extend({
  balance: z.record(z.string(), z.unknown()).meta({
    description: 'Loss model, remainder, steps, confidence and settings: what reproduces the verdict.',
  }),
  suspects: z
    .array(
      z.object({
        metering_point: z.string(),
        household: z.string().nullable(),
        rank: z.number().int(),
        share: z.number().min(0).max(1).meta({ description: 'Of responsibility; all add up to at most 1.' }),
        drop_kw: z.number().meta({ description: 'Metered load that went away when the remainder rose, kW.' }),
        drop_day: z.iso.date().nullable(),
        observed: z.record(z.string(), z.union([z.number(), z.null()])),
      }),
    )
    .meta({ description: 'In the order in which to check them; an order of visits, not a conclusion.' }),
});

export const HiddenLoadQuery = z.strictObject({
  level: z.enum(['region', 'territory']).default('region').meta({ description: 'What to sum over.' }),
  territory: TerritoryFilter.optional(),
  commercial_rub_per_kwh: z.coerce.number().positive().max(1000).optional().meta({
    description: 'Commercial price to value the gap at. Not in the rulebook: without it gap_rub is null.',
  }),
});
export type HiddenLoadQuery = z.output<typeof HiddenLoadQuery>;

const Rub = z.number().nullable();

export const HiddenLoadList = z.object({
  items: z.array(
    z.object({
      territory: z.string(),
      name: z.object({ ru: z.string(), en: z.string() }),
      transformers: z.number().int().meta({ description: 'With a balance.' }),
      flagged: z.number().int(),
      unclear: z.number().int().meta({ description: 'Whose balance could not be struck.' }),
      hidden_mw: z.number(),
      hidden_lower_mw: z
        .number()
        .meta({ description: 'The bounds of the transformers are added in quadrature, as independent.' }),
      hidden_upper_mw: z.number(),
      money: z.array(
        z.object({
          tariff_category: z.string().nullable(),
          band: z.number().int(),
          from_kwh: z.number(),
          to_kwh: z.number().nullable(),
          unmetered_kwh: z.number().meta({ description: 'A month, past the meters.' }),
          metered_kwh: z.number().meta({ description: 'A month, flat load of the points worth a case.' }),
          household_rub_per_kwh: Rub.meta({ description: 'Null when the rulebook does not know it.' }),
          unpaid_rub: Rub.meta({ description: 'Unmetered energy at the household price.' }),
          gap_rub: Rub.meta({ description: 'Both at the commercial price, less what was paid.' }),
          band_rule: z.string().nullable(),
          price_rule: z.string().nullable(),
        }),
      ),
    }),
  ),
});

const Day = z
  .string()
  .refine((text) => dayFromIso(text) !== null, { error: 'is not a date that exists (YYYY-MM-DD)' });

export const TransformerLoadQuery = z.strictObject({
  from: Day.optional().meta({ description: `First day; ${LOAD_DAYS} days before \`to\` when not given.` }),
  to: Day.optional().meta({ description: 'Day after the last; the newest stored when not given.' }),
  resolution: z.enum(['hour', 'day']).default('hour'),
});
export type TransformerLoadQuery = z.output<typeof TransformerLoadQuery>;

const Energies = z.array(z.number().nullable());

export const TransformerLoad = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  zone: z.string(),
  offset_minutes: z
    .number()
    .int()
    .meta({ description: 'Slot i begins at midnight of `from` in this fixed offset, plus i × minutes.' }),
  minutes: z.number().int(),
  points: z.number().int().meta({ description: 'Households registered under it.' }),
  in_kwh: Energies,
  metered_kwh: Energies,
  loss_kwh: Energies.meta({ description: 'By the loss model of the newest balance.' }),
  rest_kwh: Energies.meta({ description: 'In − metered − loss.' }),
  read_ratio: z.array(z.number()).meta({ description: 'Share of the points that were read.' }),
});

export const TransformerPoints = z.object({
  items: z.array(
    z.object({
      id: z.number().int(),
      metering_point: z.string(),
      household: z.string().nullable(),
      score: z.number().nullable().meta({ description: 'Probability of mining; null: not scored yet.' }),
      kind: z.string().nullable(),
      since: z.iso.date().nullable(),
      month_kwh: z.number().nullable().meta({
        description:
          'Metered in the last judged month, of whoever may be suspected; null of the others, but for their own utility.',
      }),
      rank: z.number().int().nullable().meta({ description: 'In the order in which to check them.' }),
      share: z.number().nullable(),
      drop_kw: z.number().nullable(),
    }),
  ),
});
