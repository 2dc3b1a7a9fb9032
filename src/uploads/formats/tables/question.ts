import type { Question } from '../../domain/upload-options.js';
import type { Declined } from '../format.js';

/** What a sender is asked, and how it is said with the upload. */
const ASKED = {
  unit: { which: 'which is it', said: 'unit=kWh or another' },
  label: { which: 'which are they', said: 'label=start or label=end' },
} as const;

/** `about`: the option by which the upload answers it, whereupon it is held; null: the file alone can. */
export function declined(
  what: string,
  instead: string,
  about: Exclude<Question['about'], 'ct'> | null = null,
): Declined {
  const guess = `${what}; that is not guessed.`;
  if (about === null) return { declined: `${guess} Send ${instead}.` };
  const { which, said } = ASKED[about];
  return {
    declined: `${guess} Say it with the upload (${said}), or send ${instead}.`,
    question: { about, text: `${what}: ${which} (${said})?` },
  };
}
