/** The order of the queue that somebody came from, so that a case knows the next one; for this window alone. */
const KEY = 'gridwarden.queue';

export function rememberOrder(ids: readonly number[], query: string): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ids, query }));
}

/** The case after this one in the queue of before; null when there is none. */
export function nextAfter(id: number): number | null {
  const { ids } = remembered();
  const at = ids.indexOf(id);
  return at === -1 ? null : (ids[at + 1] ?? null);
}

/** The queue's address as it was left, filters and all. */
export function queueAddress(): string {
  return `/cases${remembered().query}`;
}

function remembered(): { readonly ids: readonly number[]; readonly query: string } {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '') as { ids: number[]; query: string };
  } catch {
    return { ids: [], query: '' };
  }
}
