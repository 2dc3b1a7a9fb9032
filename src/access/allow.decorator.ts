import { SetMetadata } from '@nestjs/common';
import type { Role } from './domain/roles.js';

/** What a route says of who may call it. */
export type AccessRule = 'public' | readonly Role[];

export const ACCESS_RULE = 'gridwarden:access-rule';

/** These roles may call the route. A route says this, or {@link Public}; one that says neither is refused to everybody. */
export const Allow = (...roles: [Role, ...Role[]]) => SetMetadata<string, AccessRule>(ACCESS_RULE, roles);

/** Anybody may call the route: it tells nothing that was not known, and changes nothing without a token of its own. */
export const Public = () => SetMetadata<string, AccessRule>(ACCESS_RULE, 'public');
