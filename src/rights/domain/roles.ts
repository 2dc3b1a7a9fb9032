/**
 * What somebody may be here. `utility`: sends files, sees its own. `inspector`: looks at suspicions. `supervisor`: second
 * look and quality. `auditor`: reads everything, changes nothing. `operator`: settings, rules, people; no household's
 * load. `metrics`: scrapes, and nothing else.
 */
export const ROLES = ['utility', 'inspector', 'supervisor', 'auditor', 'operator', 'metrics'] as const;
export type Role = (typeof ROLES)[number];

/** A person may be anything but a scraper. */
export const PERSON_ROLES = [
  'utility',
  'inspector',
  'supervisor',
  'auditor',
  'operator',
] as const satisfies readonly Role[];
export type PersonRole = (typeof PERSON_ROLES)[number];

/** Whether the role is bound to one utility, whose objects are all it sees; the others are bound to none. */
export function isTenant(role: Role): boolean {
  return role === 'utility';
}

/** What a key may do of what its role may: `read` what is there, `write` anything. A person may do both. */
export const SCOPES = ['read', 'write'] as const;
export type Scope = (typeof SCOPES)[number];

const READING_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The scope that a request with this HTTP method needs. */
export function scopeOf(method: string): Scope {
  return READING_METHODS.has(method) ? 'read' : 'write';
}
