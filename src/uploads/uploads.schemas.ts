import { z } from 'zod';
import { Id, lineOfText, UtilityCode } from '../config/input-values.js';
import { parseZone } from '../grid/domain/time-zone.js';
import { CT_STATES, UNITS } from './domain/upload-options.js';
import { UPLOAD_KINDS } from './upload.entity.js';

/** Name of an upload profile. */
export const ProfileName = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'letters, digits, dot, dash and underscore, at most 64');

/** How a file's values and times are to be read where the file itself does not say; what is not given is as usual. */
export const OptionsBody = z.strictObject({
  unit: z
    .enum(UNITS)
    .optional()
    .describe('Of the values; kW, W and MW are the interval’s average power. kWh when not given.'),
  label: z.enum(['start', 'end']).optional().describe('Which end of its interval a time names.'),
  ct: z.enum(CT_STATES).optional().describe('Whether the transformer ratio is in the values already.'),
  ct_ratio: z
    .number()
    .positive()
    .max(22_000_000)
    .optional()
    .describe('The ratio, where ct is not-applied or twice: values are multiplied or divided by it.'),
  point: lineOfText(128)
    .min(1)
    .optional()
    .describe('The metering point of all values, where the file names none.'),
});

const { unit, label, ct, point } = OptionsBody.shape;

export const ReceiveQuery = z.strictObject({
  kind: z
    .enum(UPLOAD_KINDS)
    .optional()
    .describe('What the file holds; when it is not given, recognised by the first line.'),
  utility: UtilityCode.optional().describe('Code of the utility that sends the file: the caller’s own.'),
  filename: lineOfText(255).min(1).default('upload').describe('Name of the file, for the receipt.'),
  zone: lineOfText(64).optional().describe('Zone of times without an offset: Asia/Irkutsk, +08:00.'),
  profile: ProfileName.optional().describe(
    'Saved upload profile that says the rest; what is given beside it counts.',
  ),
  unit,
  label,
  ct,
  ct_ratio: z.coerce.number().positive().max(22_000_000).optional(),
  point,
});
export type ReceiveQuery = z.infer<typeof ReceiveQuery>;

export const ReadingsQuery = ReceiveQuery.pick({ utility: true });
export type ReadingsQuery = z.infer<typeof ReadingsQuery>;

export const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: Id.optional().describe('Only uploads with a smaller id: the next page.'),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const FindingsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  after: z.coerce.number().int().min(0).default(0).describe('Only findings with a larger id: the next page.'),
});
export type FindingsQuery = z.infer<typeof FindingsQuery>;

/** A profile as it is saved. */
export const ProfileBody = z.strictObject({
  name: ProfileName,
  kind: z.enum(UPLOAD_KINDS).nullable().default(null),
  zone: lineOfText(64)
    .refine((text) => parseZone(text) !== null, 'a time zone: Asia/Irkutsk, +08:00')
    .nullable()
    .default(null),
  options: OptionsBody.default({}),
});
export type ProfileBody = z.infer<typeof ProfileBody>;

export const ProfileQuery = z.strictObject({ name: ProfileName });
export type ProfileQuery = z.infer<typeof ProfileQuery>;

export const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters');
