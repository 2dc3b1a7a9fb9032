/**
 * What `load` answered, for `ms`: then the old answer is given once more while a new one is made, so that nobody but the
 * first waits. For figures that a scrape asks for and that cost a walk through a table.
 */
export function keptFor<T>(ms: number, load: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  let loadedAt = 0;
  let loading: Promise<T> | null = null;
  const refresh = (): Promise<T> => {
    const fresh = load();
    loading = fresh;
    void fresh.then(
      () => {
        [answer, loadedAt, loading] = [fresh, Date.now(), null];
      },
      // The old answer stands; who asks next tries again.
      () => (loading = null),
    );
    return fresh;
  };
  return () => {
    if (answer !== null && Date.now() - loadedAt < ms) return answer;
    const fresh = loading ?? refresh();
    return answer ?? fresh;
  };
}
