import { randomBytes } from 'node:crypto';
import { keyText, PREFIX_BYTES, SECRET_BYTES, tokenText } from './domain/secret-text.js';

/** A new API key, from the system's random numbers. */
export function freshKey(): string {
  return keyText(randomBytes(PREFIX_BYTES), randomBytes(SECRET_BYTES));
}

/** A new session's or one-time token. */
export function freshToken(): string {
  return tokenText(randomBytes(SECRET_BYTES));
}
