/** NIST SP 800-63B, 3.1.1.2: length is what counts, and rules about kinds of characters do harm; 15 alone, 8 beside a factor. */
export const PASSWORD_LEAST = 12;
/** Long enough for any sentence; a megabyte would only keep the hash busy. */
export const PASSWORD_MOST = 128;
const DIFFERENT_LEAST = 5;

/** Starts and stems of what people take when they are asked for a long one; lists of leaks are full of them. */
const COMMON = [
  'password',
  'qwerty',
  'пароль',
  'йцукен',
  'gridwarden',
  'admin',
  '123456',
  'abcdef',
  'letmein',
];

/** What is wrong with a new password of this person, in a sentence; null: nothing. */
export function passwordFault(password: string, login: string): string | null {
  const text = normalPassword(password).toLowerCase();
  const length = [...text].length;
  if (length < PASSWORD_LEAST || length > PASSWORD_MOST)
    return `A password has ${PASSWORD_LEAST} to ${PASSWORD_MOST} characters; several words in a row are good.`;
  if (new Set(text).size < DIFFERENT_LEAST) return 'The password repeats too few characters.';
  const known = [...COMMON, login.toLowerCase()].find((word) => text.includes(word));
  if (known !== undefined && text.replaceAll(known, '').length < PASSWORD_LEAST - 4)
    return `The password is little more than ${JSON.stringify(known)}, which is among the first tries.`;
  return null;
}

/** One text for what looks the same, whichever keyboard it was typed on. */
export function normalPassword(password: string): string {
  return password.normalize('NFKC');
}
