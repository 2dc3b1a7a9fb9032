import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { DataSource } from 'typeorm';
import { AccessMetrics } from './access.metrics.js';
import { addressOf, Authentication, refuseForeignPage } from './authentication.js';
import type { Caller } from './caller.js';
import { FailedAttempts } from './failed-attempts.js';
import { addFirstOperator } from './person.repository.js';
import { AccessRefusal } from './refusal.js';
import { forgetOldSessions, openSession, signIn } from './session.repository.js';

export interface OpenedSession {
  /** For the cookie. */
  readonly token: string;
  readonly caller: Caller;
}

/** Opens sessions, for whoever shows a one-time token. */
@Injectable()
export class SignInService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly authentication: Authentication,
    private readonly attempts: FailedAttempts,
    private readonly metrics: AccessMetrics,
  ) {}

  /** @throws AccessRefusal */
  async signIn(request: Request, oneTimeToken: string): Promise<OpenedSession> {
    return this.open(request, () => signIn(this.dataSource, oneTimeToken, new Date()));
  }

  /** @throws AccessRefusal also when there is somebody already */
  async firstOperator(
    request: Request,
    operator: { readonly token: string; readonly login: string; readonly name: string },
  ): Promise<OpenedSession> {
    return this.open(request, async () => {
      const now = new Date();
      const personId = await addFirstOperator(this.dataSource, { ...operator, now });
      return personId === null ? null : openSession(this.dataSource, personId, now);
    });
  }

  private async open(request: Request, begin: () => Promise<string | null>): Promise<OpenedSession> {
    const token = await this.metrics.count(async () => {
      refuseForeignPage(request);
      return this.attempts.limit(addressOf(request), null, async () => {
        const opened = await begin();
        if (opened === null)
          throw new AccessRefusal('wrong', 'This token is not good: it was used, is too old, or never was.');
        return opened;
      });
    });
    await forgetOldSessions(this.dataSource, new Date());
    return { token, caller: await this.authentication.callerOfSession(token) };
  }
}
