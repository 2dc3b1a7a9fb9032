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
