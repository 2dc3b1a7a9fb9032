import { z } from 'zod';
import { Id, lineOfText } from '../config/input-values.js';

const MAX_PAGE = 500;

export const PointsQuery = z.strictObject({
  metering_point: lineOfText(100)
    .optional()
    .meta({ description: 'Only the point with this id of the utility’s.' }),
  transformer: lineOfText(100)
    .optional()
    .meta({ description: 'Only points under the transformer with this code.' }),
  territory: lineOfText(40).optional().meta({
    description: 'Code of a region (its municipalities included) or a municipality.',
    example: 'RU-IRK',
  }),
  after: Id.optional().meta({ description: 'Only points with a larger id: next_after of the page before.' }),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
});
export type PointsQuery = z.output<typeof PointsQuery>;

export const PointView = z.object({
  id: z.number().int(),
  utility: z.string(),
  metering_point: z.string(),
  household: z.string().nullable(),
  territory: z.string(),
  transformer: z.string().nullable(),
  tariff_category: z.string().nullable(),
  electric_heating: z.boolean().nullable(),
  contracted_kw: z.number().nullable(),
  declared_load_kw: z.number().nullable(),
  declared_purpose: z.string().nullable(),
  has_identity: z
    .boolean()
    .meta({ description: 'Whether a name or address is known; asking for it is recorded.' }),
});
export type PointView = z.output<typeof PointView>;
export const PointsPage = z.object({ items: z.array(PointView), next_after: z.number().int().nullable() });

export const DisclosureRequest = z.strictObject({
  reason: lineOfText(200).min(1).optional().describe('Why, in a line: the case it is for.'),
});
export const DisclosedIdentity = z.object({
  disclosure: z.number().int().meta({ description: 'Id of the record that this was shown.' }),
  consumer_name: z.string().nullable(),
  address: z.string().nullable(),
});
export type DisclosedIdentity = z.output<typeof DisclosedIdentity>;

export const DisclosureList = z.object({
  items: z.array(
    z.object({
      id: z.number().int(),
      at: z.iso.datetime(),
      actor: z.string(),
      reason: z.string().nullable(),
    }),
  ),
});
export type DisclosureList = z.output<typeof DisclosureList>;
