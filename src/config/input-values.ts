import { z } from 'zod';

/** Ids are PostgreSQL integers: a larger number is no id, and a query with it an error. */
export const MAX_ID = 2 ** 31 - 1;

/** Id of a row, as a path or query parameter. */
export const Id = z.coerce.number().int().min(1).max(MAX_ID);

/**
 * One line of text from outside, of at most `longest` characters. PostgreSQL stores no NUL, and no other control
 * character has a business in a name: in a log or on a terminal it would speak for us.
 */
export function lineOfText(longest: number): z.ZodString {
  return z
    .string()
    .max(longest)
    .regex(/^\P{Cc}*$/u, 'holds a control character');
}

/** Code of a utility. */
export const UtilityCode = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'letters, digits, dot, dash and underscore, at most 64');

/** How many items of a list to give at once. */
export function pageLimit(items: string, most: number) {
  return z.coerce
    .number()
    .int()
    .min(1)
    .max(most)
    .default(50)
    .meta({ description: `${items} on the page, at most ${most}.` });
}

/** Where the next page of a list begins; `read` gives null for what the list did not give. */
export function pageCursor(longest: number, read: (text: string) => unknown) {
  return z
    .string()
    .max(longest)
    .refine((text) => read(text) !== null, { error: 'is not a cursor that this list gave' })
    .optional()
    .meta({ description: 'next_cursor of the page before.' });
}

/** Narrows a list down to a place. */
export const TerritoryFilter = lineOfText(40).meta({
  description: 'Code of a region (its municipalities included) or a municipality.',
  example: 'RU-IRK',
});
