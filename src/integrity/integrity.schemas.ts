import { z } from 'zod';
import { Id, lineOfText } from '../config/input-values.js';
import { MEASURES } from './domain/quality.js';

const Words = z
  .string()
  .trim()
  .max(4000)
  .regex(/^[\P{Cc}\n\t]*$/u, 'holds a control character');
const Instant = z.iso.datetime();
const YesNo = z.enum(['true', 'false']).transform((text) => text === 'true');

const Estimate = z
  .object({
    estimate: z.number(),
    lower: z.number(),
    upper: z.number(),
    n: z
      .number()
      .int()
      .meta({ description: 'Of how many; few draw the estimate towards what everybody has.' }),
  })
  .meta({ description: 'Drawn towards what everybody has, with its 95 % interval.' });

const Measured = {
  looks: z.number().int().meta({ description: 'Decisions that closed a case, second looks left out.' }),
  few: z.boolean().meta({ description: 'Too few to remark on anybody.' }),
  confirmed: z.object({
    observed: z.number().int(),
    expected: z.number().meta({ description: 'By the scores, brought to what all find together.' }),
    ratio: Estimate,
  }),
  zero_streak: z.object({
    longest: z.number().int(),
    current: z.number().int(),
    chance: z.number().meta({ description: 'Of a run as long, at most.' }),
  }),
  blind_agreement: Estimate,
  seeded_right: Estimate.extend({ asked_to_visit: z.number().int() }),
  minutes: z.object({ median: z.number().nullable(), n: z.number().int() }),
  fell_before_visit: Estimate.meta({ description: 'Share of visits before which the load fell.' }),
  repeat_after_clean: Estimate,
  complaints_upheld: Estimate,
  reads_outside_queue: Estimate,
  remarks: z
    .array(z.enum(MEASURES))
    .meta({ description: 'What stands out of chance: questions, not findings.' }),
};

export const QualityView = z.object({
  from: Instant,
  to: Instant,
  everybody: z.object(Measured),
  organisations: z.array(z.object({ organisation: z.string(), ...Measured })),
  inspectors: z
    .array(
      z.object({
        inspector: z.number().int(),
        name: z.string(),
        organisation: z.string(),
        ...Measured,
      }),
    )
    .meta({ description: 'For a supervisor: of their own organisation.' }),
  utilities: z.array(
    z.object({
      utility: z.string(),
      changed: z.number().int().meta({ description: 'Days of readings that a later upload changed.' }),
      lower: z.number().int(),
      kwh_before: z.number(),
      kwh_after: z.number(),
      lower_share: Estimate,
      remark: z.literal('corrections_lower_use').nullable(),
    }),
  ),
});
export type QualityView = z.output<typeof QualityView>;

export const QualityQuery = z.strictObject({
  days: z.coerce.number().int().min(7).max(3650).default(365).meta({ description: 'Up to now.' }),
});
export type QualityQuery = z.output<typeof QualityQuery>;

export const DrawsList = z.object({
  items: z.array(
    z.object({
      period: z.iso.date(),
      from: Instant,
      to: Instant,
      commitment: z
        .string()
        .meta({ description: 'SHA-256 of the secret, in the log before the period began.' }),
      shares: z.record(z.string(), z.number()),
      opened_at: Instant.nullable(),
      reinspections: z.number().int(),
      visits: z.number().int(),
    }),
  ),
});

export const ComplaintBody = z.strictObject({
  case: Id,
  received_at: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  words: Words.min(1),
});
export const ComplaintAnswer = z.strictObject({ upheld: z.boolean(), answer: Words.min(1) });
export const ComplaintsQuery = z.strictObject({ open: YesNo.default(false) });
export type ComplaintsQuery = z.output<typeof ComplaintsQuery>;

export const OutsideBody = z.strictObject({
  metering_point: Id,
  case: Id.nullable().default(null),
  recipient: lineOfText(200).min(3).meta({ description: 'Police, tax service, court …' }),
  legal_basis: lineOfText(400).min(3).meta({ description: 'The article of law.' }),
  request: lineOfText(200).min(3).meta({ description: 'Number and date of the request.' }),
  content: Words.min(3).meta({ description: 'What was handed over.' }),
});
export const OutsideQuery = z.strictObject({ metering_point: Id });
export type OutsideQuery = z.output<typeof OutsideQuery>;
