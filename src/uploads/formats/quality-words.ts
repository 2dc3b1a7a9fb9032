import { QUALITY } from '../../readings/domain/quality.js';

const QUALITY_WORDS = new Map<string, number | null>([
  ['', QUALITY.actual],
  ['actual', QUALITY.actual],
  ['a', QUALITY.actual],
  ['estimated', QUALITY.estimated],
  ['e', QUALITY.estimated],
  ['substituted', QUALITY.substituted],
  ['s', QUALITY.substituted],
  ['questionable', QUALITY.questionable],
  ['q', QUALITY.questionable],
  ['missing', null],
  ['m', null],
]);

/** Quality code of a word; null when it says that the reading is missing. */
export function qualityFrom(text: string): number | null {
  const code = QUALITY_WORDS.get(text.trim().toLowerCase());
  // An unknown word must not turn a doubtful value into an actual one.
  return code === undefined ? QUALITY.questionable : code;
}
