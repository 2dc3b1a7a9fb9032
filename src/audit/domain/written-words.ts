import { hash } from 'node:crypto';

/** What people wrote of a household may name it, and must be erasable: the log has the hash, the history the words. */
const WRITTEN: readonly string[] = ['words', 'explanation'];

/** The same facts with what people wrote as its SHA-256, hexadecimal, under `<name>_sha256`. */
export function wordsHashed(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) =>
      WRITTEN.includes(name) && typeof value === 'string'
        ? [`${name}_sha256`, hash('sha256', value)]
        : [name, value],
    ),
  );
}
