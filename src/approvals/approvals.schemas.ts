import { z } from 'zod';
import { Id, lineOfText } from '../config/input-values.js';

const STATES = ['open', 'applied', 'refused', 'withdrawn', 'expired', 'superseded'] as const;
const Words = z
  .string()
  .trim()
  .max(4000)
  .regex(/^[\P{Cc}\n\t]*$/u, 'holds a control character');
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex');
const Instant = z.iso.datetime();

export const ProposalBody = z.strictObject({
  kind: lineOfText(60).meta({ description: 'As GET /api/v1/proposals/kinds lists them.' }),
  change: z.record(z.string(), z.unknown()),
  reason: Words.min(10).meta({ description: 'Why; whoever decides reads it only afterwards.' }),
});
export const OpinionBody = z.strictObject({
  change_sha256: Sha256.meta({ description: 'Of the proposal as it was read.' }),
  words: Words.default(''),
});
export const PreviewBody = ProposalBody.pick({ kind: true, change: true });

export const ProposalsQuery = z.strictObject({
  state: z.enum(STATES).optional(),
  before: Id.optional().meta({ description: 'Only older ones: next_before of the page before.' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type ProposalsQuery = z.output<typeof ProposalsQuery>;

export const ProposalView = z.object({
  id: z.number().int(),
  kind: z.string(),
  subject: z.string(),
  state: z.enum(STATES),
  summary: z
    .record(z.string(), z.unknown())
    .meta({ description: 'What is, what would be, what it leads to.' }),
  change_sha256: z.string(),
  proposed_at: Instant,
  expires_at: Instant,
  ended_at: Instant.nullable(),
  needed: z.number().int().meta({ description: 'People who have to agree.' }),
  mine: z.boolean(),
  may_decide: z.boolean().meta({ description: 'Whether the caller may agree or refuse.' }),
  first_opinion: z
    .object({
      by: z.string(),
      organisation: z.string(),
      reason: z.string(),
      opinions: z.array(
        z.object({
          person: z.number().int(),
          organisation: z.string(),
          agrees: z.boolean(),
          words: z.string(),
          at: Instant,
        }),
      ),
    })
    .nullable()
    .meta({ description: 'Who thought what and why; null as long as it is open, for whoever may decide.' }),
});
export type ProposalView = z.output<typeof ProposalView>;
export const ProposalList = z.object({
  items: z.array(ProposalView),
  next_before: z.number().int().nullable(),
});
export const KindList = z.object({ items: z.array(z.string()) });
export const ProposalPreview = z.object({
  subject: z.string(),
  summary: z.record(z.string(), z.unknown()),
});
