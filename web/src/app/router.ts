import { createStore, useStore } from './store.js';

/** Values of the `:name` parts of a page's path. */
export type PathValues = Readonly<Record<string, string>>;

interface Place {
  readonly path: string;
  readonly query: string;
}

const place = createStore<Place>(here());

/** Where the browser is; the page draws itself from it. */
export function usePlace(): Place {
  return useStore(place);
}

export function navigate(to: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (replace) history.replaceState(null, '', to);
  else {
    history.pushState(null, '', to);
    window.scrollTo(0, 0);
  }
  place.set(here());
}

/** Follows links within the pages without loading them anew; those with a modifier key are the browser's. */
export function watchLinks(): void {
  window.addEventListener('popstate', () => place.set(here()));
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest('a');
    if (!link || link.target || link.hasAttribute('download') || event.defaultPrevented) return;
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || /^\/(api|welcome|metrics)\b/.test(url.pathname)) return;
    if (url.pathname === location.pathname && url.search === location.search && url.hash !== '') return;
    event.preventDefault();
    navigate(url.pathname + url.search);
  });
}

/** The values when `path` fits `pattern` (`/cases/:id`), else null. */
export function matchPath(pattern: string, path: string): PathValues | null {
  const wanted = pattern.split('/');
  const given = path.replace(/(.)\/$/, '$1').split('/');
  if (wanted.length !== given.length) return null;
  const values: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    if (part.startsWith(':')) values[part.slice(1)] = decodeURIComponent(given[at]);
    else if (part !== given[at]) return null;
  }
  return values;
}

function here(): Place {
  return { path: location.pathname, query: location.search };
}
