import assert from 'node:assert/strict';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { actorNamed, type Actor } from '../audit/append-audit.js';
import { isTenant, type Role, type Scope } from '../rights/domain/roles.js';
import type { SignInMethod } from './domain/session-limits.js';

/** Who makes a request, as the guard has found out. */
export interface Caller {
  readonly role: Role;
  /** Of role utility: whose objects are all there is for them. Null for the others. */
  readonly utility: { readonly id: number; readonly code: string } | null;
  /** How records of what was done name them: `key nightly-export`, `person 7`. */
  readonly actor: string;
  readonly credential:
    | {
        readonly kind: 'key';
        readonly owner: string;
        readonly scopes: readonly Scope[];
        readonly expiresAt: Date;
      }
    | {
        readonly kind: 'session';
        readonly sessionId: number;
        readonly personId: number;
        /** How they came in, and when they last proved who they are. */
        readonly method: SignInMethod;
        readonly authenticatedAt: Date;
        readonly csrfToken: string;
      };
}

const CALLER = Symbol('caller');
type RequestWithCaller = Request & { [CALLER]?: Caller };

/** Gives a route its caller. Only where the route's rule names roles: a public one has none. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const caller = context.switchToHttp().getRequest<RequestWithCaller>()[CALLER];
  assert(caller !== undefined, 'no caller: the route is public, or the guard did not run');
  return caller;
});

export function setCaller(request: Request, caller: Caller): void {
  (request as RequestWithCaller)[CALLER] = caller;
}

/** The person who makes the request; null for a key, behind which nobody stands. */
export function personOf({ credential }: Caller): number | null {
  return credential.kind === 'session' ? credential.personId : null;
}

/** As the audit log names them. */
export function auditActor({ actor, utility }: Caller): Actor {
  return actorNamed(actor, utility?.code ?? null);
}

/** The utility whose objects the caller sees; null: those of all. */
export function tenantOf({ role, utility }: Caller): number | null {
  assert.equal(isTenant(role), utility !== null, `a caller of role ${role} with a wrong tenant`);
  return utility?.id ?? null;
}
