import { Injectable, UnprocessableEntityException } from '@nestjs/common';
import type { Request } from 'express';
import { DataSource } from 'typeorm';
import { AccessMetrics } from './access.metrics.js';
import type { FirstOperator as NewOperator } from './access.schemas.js';
import { Attempts } from './attempts.js';
import { addressOf, Authentication, refuseForeignPage } from './authentication.js';
import type { Caller } from './caller.js';
import { passwordFault } from './domain/password-rules.js';
import { hashPassword, isPassword } from './passwords.js';
import { actorNamed } from '../audit/append-audit.js';
import { auditedTransaction } from '../audit/audited-transaction.js';
import { addFirstOperator, findPassword, identityOf, setPassword } from './person.repository.js';
import { AccessRefusal } from './refusal.js';
import {
  forgetOldSessions,
  openSession,
  recordAuthentication,
  signIn,
  type NewSession,
} from './session.repository.js';

export interface OpenedSession {
  /** For the cookie. */
  readonly token: string;
  readonly caller: Caller;
}

export type SessionCredential = Extract<Caller['credential'], { kind: 'session' }>;

/** Opens sessions, for whoever shows a one-time token or knows their password, and proves again who has one. */
@Injectable()
export class SignInService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly authentication: Authentication,
    private readonly attempts: Attempts,
    private readonly metrics: AccessMetrics,
  ) {}

  /** @throws AccessRefusal */
  async withToken(request: Request, oneTimeToken: string): Promise<OpenedSession> {
    return this.opened(
      await this.metrics.count(() =>
        this.limitToken(request, () => signIn(this.dataSource, oneTimeToken, new Date())),
      ),
    );
  }

  /** @throws AccessRefusal, the same for a wrong login, a wrong password, and somebody who is blocked */
  async withPassword(request: Request, login: string, password: string): Promise<OpenedSession> {
    const personId = await this.metrics.count(() => this.checkPassword(request, login, password));
    const now = new Date();
    return this.open({ personId, method: 'password', authenticatedAt: now, now });
  }

  /** @throws AccessRefusal also when there is somebody already */
  async firstOperator(request: Request, operator: NewOperator): Promise<OpenedSession> {
    refuseFaulty(operator.password, operator.login);
    const token = await this.metrics.count(() =>
      this.limitToken(request, async () => {
        const now = new Date();
        const argon2id = await hashPassword(operator.password);
        const personId = await addFirstOperator(this.dataSource, { ...operator, argon2id, now });
        if (personId === null) return null;
        return openSession(this.dataSource, { personId, method: 'link', authenticatedAt: now, now });
      }),
    );
    return this.opened(token);
  }

  /** Opens a session for somebody whom the identity provider, or we, have recognised. */
  async open(session: NewSession): Promise<OpenedSession> {
    return this.opened(await openSession(this.dataSource, session));
  }

  /** The session counts as fresh again. @throws AccessRefusal when the password is wrong */
  async again(request: Request, session: SessionCredential, password: string): Promise<void> {
    const { login } = await identityOf(this.dataSource, session.personId);
    await this.metrics.count(() => this.checkPassword(request, login, password));
    await recordAuthentication(this.dataSource, session.sessionId, new Date());
  }

  /** The person's new password; their other sessions end. @throws 422 when it is too easy to guess */
  async changePassword(session: SessionCredential, password: string): Promise<void> {
    const { login } = await identityOf(this.dataSource, session.personId);
    refuseFaulty(password, login);
    const argon2id = await hashPassword(password);
    const { personId, sessionId } = session;
    await auditedTransaction(this.dataSource, async (db, record) => {
      await setPassword(db, { personId, argon2id, now: new Date() }, sessionId);
      record({
        actor: actorNamed(`person ${personId}`),
        kind: 'person.password_set',
        subject: `person:${personId}`,
        body: {},
      });
    });
  }

  private checkPassword(request: Request, login: string, password: string): Promise<number> {
    refuseForeignPage(request);
    return this.attempts.limitPassword(addressOf(request), login, async () => {
      const stored = await findPassword(this.dataSource, login);
      if (!(await isPassword(stored?.argon2id ?? null, password)) || stored === null)
        throw new AccessRefusal('wrong', 'The login or the password is wrong.');
      return stored.personId;
    });
  }

  private limitToken(request: Request, begin: () => Promise<string | null>): Promise<string> {
    refuseForeignPage(request);
    return this.attempts.limit(addressOf(request), null, async () => {
      const opened = await begin();
      if (opened === null)
        throw new AccessRefusal('wrong', 'This token is not good: it was used, is too old, or never was.');
      return opened;
    });
  }

  private async opened(token: string): Promise<OpenedSession> {
    await forgetOldSessions(this.dataSource, new Date());
    return { token, caller: await this.authentication.callerOfSession(token) };
  }
}

function refuseFaulty(password: string, login: string): void {
  const fault = passwordFault(password, login);
  if (fault !== null) throw new UnprocessableEntityException(fault);
}
