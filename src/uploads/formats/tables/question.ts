import type { Declined } from '../format.js';

/** `said`: the option by which the upload answers it; null: the file alone can. */
export function declined(what: string, instead: string, said: string | null = null): Declined {
  const answer = said === null ? `Send ${instead}.` : `Say it with the upload (${said}), or send ${instead}.`;
  return { declined: `${what}; that is not guessed. ${answer}` };
}
