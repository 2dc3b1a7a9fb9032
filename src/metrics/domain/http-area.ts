/**
 * What a request is about. A fixed list: each area is a dozen series, and a route that is added must not add any. Who adds
 * a controller says here which area its first path segment belongs to; until then it counts as `other`.
 */
export const HTTP_AREAS = [
  'access',
  'alerts',
  'audit',
  'balance',
  'cases',
  'docs',
  'points',
  'probes',
  'uploads',
  'pages',
  'other',
] as const;
export type HttpArea = (typeof HTTP_AREAS)[number];

const AREA_OF_API: Readonly<Record<string, HttpArea>> = {
  alerts: 'alerts',
  audit: 'audit',
  cases: 'cases',
  files: 'uploads',
  'hidden-load': 'balance',
  keys: 'access',
  'metering-points': 'points',
  operator: 'access',
  people: 'access',
  readings: 'uploads',
  session: 'access',
  territories: 'balance',
  transformers: 'balance',
  uploads: 'uploads',
  webhooks: 'alerts',
};
const PROBES = new Set(['healthz', 'livez', 'metrics', 'readyz']);

/** The area of a path as sent (`/api/v1/uploads/7?x=1`), whether or not anything answers there. */
export function httpArea(url: string): HttpArea {
  const [first, version, third = ''] = url
    .replace(/[?#].*$/, '')
    .split('/')
    .slice(1);
  if (PROBES.has(first)) return 'probes';
  if (first !== 'api') return 'pages';
  if (version !== 'v1') return 'docs';
  return Object.hasOwn(AREA_OF_API, third) ? AREA_OF_API[third] : 'other';
}

/** What only looks, and what changes something: the two last differently long. Clients can invent methods without end. */
export function methodClass(method: string): 'read' | 'write' {
  return ['GET', 'HEAD', 'OPTIONS'].includes(method) ? 'read' : 'write';
}
