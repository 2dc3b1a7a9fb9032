/** Making an answer may take this share of the time at most: one that took 2 s is kept for 100 s, whatever was asked for. */
const BUSY_SHARE = 1 / 50;

/**
 * What `load` answered, for `ms` and longer where it was dear: then the old answer is given once more while a new one is
 * made, so that nobody but the first waits. For figures that a scrape asks for and that cost a walk through a table.
 */
export function keptFor<T>(ms: number, load: () => Promise<T>, clock = Date.now): () => Promise<T> {
  let answer: Promise<T> | null = null;
  let staleAt = 0;
  let loading: Promise<T> | null = null;
  const refresh = (): Promise<T> => {
    const startedAt = clock();
    const fresh = load();
    loading = fresh;
    void fresh.then(
      () => {
        const now = clock();
        [answer, staleAt, loading] = [fresh, now + Math.max(ms, (now - startedAt) / BUSY_SHARE), null];
      },
      // The old answer stands; who asks next tries again.
      () => (loading = null),
    );
    return fresh;
  };
  return () => {
    if (answer !== null && clock() < staleAt) return answer;
    const fresh = loading ?? refresh();
    return answer ?? fresh;
  };
}
