import { SetMetadata } from '@nestjs/common';
import type { Role } from './domain/roles.js';

/** What a route says of who may call it. */
export type AccessRule = 'public' | RoleRule;

export interface RoleRule {
  readonly roles: readonly Role[];
  /**
   * Only a person who has just proved who they are (again): for what seals a decision, takes many households out, or
   * gives somebody rights. A session left open on a desk must not be enough, and a key proves nobody.
   */
  readonly fresh: boolean;
}

type Options = Pick<RoleRule, 'fresh'>;

export const ACCESS_RULE = 'gridwarden:access-rule';

/**
 * These roles may call the route: `@Allow('inspector', 'supervisor')`, `@Allow('supervisor', { fresh: true })`. A route says
 * this, or {@link Public}; one that says neither is refused to everybody.
 */
export function Allow(...rule: [Role, ...Role[]] | [Role, ...Role[], Options]) {
  const parts: readonly (Role | Options)[] = rule;
  const roles = parts.filter((part) => typeof part === 'string');
  const fresh = parts.some((part) => typeof part === 'object' && part.fresh);
  return SetMetadata<string, AccessRule>(ACCESS_RULE, { roles, fresh });
}

/** Anybody may call the route: it tells nothing that was not known, and changes nothing without a token of its own. */
export const Public = () => SetMetadata<string, AccessRule>(ACCESS_RULE, 'public');
