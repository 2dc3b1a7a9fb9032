import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { AccessMetrics } from './access.metrics.js';
import { ACCESS_RULE, type AccessRule, type RoleRule } from '../rights/allow.decorator.js';
import { Attempts } from './attempts.js';
import { addressOf, Authentication } from './authentication.js';
import { setCaller, type Caller } from './caller.js';
import { scopeOf } from '../rights/domain/roles.js';
import { FRESH_MINUTES, isFresh } from './domain/session-limits.js';
import { AccessRefusal } from './refusal.js';

/** Before every route: who is it, and does the route's rule name their role? A route without a rule lets nobody in. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly logger = new Logger('Access');

  constructor(
    private readonly reflector: Reflector,
    private readonly attempts: Attempts,
    private readonly authentication: Authentication,
    private readonly metrics: AccessMetrics,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    await this.metrics.count(async () => this.check(this.ruleOf(context), request));
    return true;
  }

  /** @throws AccessRefusal */
  private async check(rule: AccessRule, request: Request): Promise<void> {
    this.attempts.countAddress(addressOf(request));
    if (rule === 'public') return;
    const caller = await this.authentication.callerOf(request);
    this.attempts.countCaller(caller.actor);
    refuseRole(rule, caller);
    refuseScope(request.method, caller);
    if (rule.fresh) refuseStale(caller, new Date());
    setCaller(request, caller);
  }

  private ruleOf(context: ExecutionContext): AccessRule {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, [handler, controller]);
    if (rule !== undefined) return rule;
    this.logger.error(`${controller.name}.${handler.name} has no access rule`);
    throw new AccessRefusal('no_rule', 'Nobody may do this: the route has no access rule.');
  }
}

function refuseRole({ roles }: RoleRule, { role }: Caller): void {
  if (!roles.includes(role))
    throw new AccessRefusal('role', `The role ${role} may not do this; ${roles.join(', ')} may.`);
}

function refuseScope(method: string, { credential }: Caller): void {
  if (credential.kind === 'key' && !credential.scopes.includes(scopeOf(method)))
    throw new AccessRefusal(
      'scope',
      `This key may ${credential.scopes.join(', ')} only; this needs ${scopeOf(method)}.`,
    );
}

function refuseStale({ credential }: Caller, now: Date): void {
  if (credential.kind === 'key')
    throw new AccessRefusal('stale', 'Only a person who is signed in may do this.');
  if (!isFresh(credential.authenticatedAt, now))
    throw new AccessRefusal(
      'stale',
      `Prove who you are again: this asks for it within the last ${FRESH_MINUTES} minutes ` +
        '(POST /api/v1/session/authentication, or sign in again at the identity provider).',
    );
}
