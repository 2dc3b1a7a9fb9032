import { HttpException } from '@nestjs/common';

export type RefusalReason =
  'none' | 'wrong' | 'expired' | 'role' | 'scope' | 'stale' | 'foreign_page' | 'throttled' | 'no_rule';

const STATUS: Readonly<Record<RefusalReason, number>> = {
  none: 401,
  wrong: 401,
  expired: 401,
  role: 403,
  scope: 403,
  stale: 403,
  foreign_page: 403,
  no_rule: 403,
  throttled: 429,
};

/** Somebody is not let in; the message is for them, the reason for the page or program that asked. */
export class AccessRefusal extends HttpException {
  constructor(
    readonly reason: RefusalReason,
    message: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message, STATUS[reason]);
  }
}
