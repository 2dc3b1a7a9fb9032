import { createHash } from 'node:crypto';

/** Bytes behind the part of a key that names it in lists and look-ups. */
export const PREFIX_BYTES = 6;
/** 256 bits cannot be guessed, which is why a fast hash of them may be stored (a password's may not). */
export const SECRET_BYTES = 32;

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_BYTES = 4;
const KEY = /^gw_([0-9A-Za-z]{9})_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/;
const TOKEN = /^[0-9A-Za-z]{43}$/;

/**
 * `gw_<prefix>_<secret>_<checksum>`: the start lets scanners of leaked secrets find a key in a repository or a log, and the
 * checksum lets them, and us, tell a key from what only looks like one without asking the database.
 * @param prefix {@link PREFIX_BYTES} random bytes
 * @param secret {@link SECRET_BYTES} random bytes
 */
export function keyText(prefix: Uint8Array, secret: Uint8Array): string {
  const body = `gw_${base62(prefix)}_${base62(secret)}`;
  return `${body}_${checksum(body)}`;
}

/** The prefix of a well-formed key with the right checksum, else null. */
export function keyPrefix(text: string): string | null {
  const prefix = KEY.exec(text)?.[1];
  if (prefix === undefined) return null;
  const end = text.lastIndexOf('_');
  return checksum(text.slice(0, end)) === text.slice(end + 1) ? prefix : null;
}

/** A session's or one-time token: {@link SECRET_BYTES} random bytes as text. */
export function tokenText(secret: Uint8Array): string {
  return base62(secret);
}

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** What is stored of a key or token: SHA-256 of its text, in hex. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What pages send beside the session's cookie: only who can read our answers knows it, and it needs no storing. */
export function csrfTokenOf(sessionToken: string): string {
  return digestOf(`gridwarden csrf ${sessionToken}`);
}

function checksum(body: string): string {
  return base62(createHash('sha256').update(body).digest().subarray(0, CHECKSUM_BYTES));
}

/** Letters and digits only, so that a double click takes all of it; as long as the largest number of so many bytes. */
function base62(bytes: Uint8Array): string {
  const length = Math.ceil((bytes.length * 8) / Math.log2(DIGITS.length));
  let value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = '';
  for (; text.length < length; value /= 62n) text = DIGITS[Number(value % 62n)] + text;
  return text;
}
