/** More than this many slips of the finger apart, a suggestion would be a guess. */
const MOST_SLIPS = 3;

/** The candidate that `name` was probably meant to be, or null. */
export function nearestName(name: string, candidates: readonly string[]): string | null {
  const ranked = candidates.map((candidate) => ({ candidate, slips: editDistance(name, candidate) }));
  const best = ranked.sort((a, b) => a.slips - b.slips).at(0);
  return best !== undefined && best.slips <= MOST_SLIPS ? best.candidate : null;
}

/** Levenshtein distance: insertions, deletions and replacements from `a` to `b`; kitten → sitting = 3. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
