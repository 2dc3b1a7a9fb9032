import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { AccessMetrics } from './access.metrics.js';
import { ACCESS_RULE, type AccessRule } from './allow.decorator.js';
import { Authentication } from './authentication.js';
import { setCaller } from './caller.js';
import { AccessRefusal } from './refusal.js';

/** Before every route: who is it, and does the route's rule name their role? A route without a rule lets nobody in. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly logger = new Logger('Access');

  constructor(
    private readonly reflector: Reflector,
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
    if (rule === 'public') return;
    const caller = await this.authentication.callerOf(request);
    if (!rule.includes(caller.role))
      throw new AccessRefusal('role', `The role ${caller.role} may not do this; ${rule.join(', ')} may.`);
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
