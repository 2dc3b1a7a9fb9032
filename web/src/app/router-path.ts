/** Values of the `:name` parts of a page's path. */
export type PathValues = Readonly<Record<string, string>>;

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
