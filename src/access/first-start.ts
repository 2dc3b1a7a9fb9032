import { linkPath } from './people.js';
import { newFirstOperatorToken } from './person.repository.js';
import type { Queryable } from '../database/queryable.js';

/** A token that nobody used by then is void; the next start prints another. */
const FIRST_TOKEN_HOURS = 24;

/** What a start says while there is nobody yet: how to become the operator, once. Null when there is somebody. */
export async function firstStartText(db: Queryable, url: string, now: Date): Promise<string | null> {
  const expiresAt = new Date(now.getTime() + FIRST_TOKEN_HOURS * 3_600_000);
  const token = await newFirstOperatorToken(db, { expiresAt, now });
  if (token === null) return null;
  return (
    `Nobody can sign in yet. Whoever opens this link first, within ${FIRST_TOKEN_HOURS} hours, becomes the operator:\n` +
    `  ${url}${linkPath('operator', token)}\n` +
    'Keys and further people: gridwarden key add, gridwarden user add (docs/access.md).\n'
  );
}
