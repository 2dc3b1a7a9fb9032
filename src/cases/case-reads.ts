import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { auditActor, type Caller } from '../access/caller.js';
import { recordAtEnd } from '../audit/audited-transaction.js';
import { inCaseTransaction } from './case-transaction.js';

/** A page asks again and again while somebody looks at it: that is one look. */
const LOOK_MS = 3_600_000;
const MOST_REMEMBERED = 20_000;

/** Records who was shown whose load: a curve tells when somebody is at home. Once an hour for each reader and case. */
@Injectable()
export class CaseReads {
  private readonly shownAt = new Map<string, number>();

  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Before anything of the case leaves; what can't be recorded is not shown. */
  async record(caller: Caller, caseId: number, now: Date): Promise<void> {
    const key = `${caller.actor} ${caseId}`;
    const last = this.shownAt.get(key);
    if (last !== undefined && now.getTime() - last < LOOK_MS) return;
    await inCaseTransaction(this.dataSource, async (client) =>
      recordAtEnd(client, {
        actor: auditActor(caller),
        kind: 'case.shown',
        subject: `case:${caseId}`,
        body: {},
      }),
    );
    this.remember(key, now.getTime());
  }

  private remember(key: string, at: number): void {
    this.shownAt.delete(key);
    this.shownAt.set(key, at);
    // The oldest look goes: at worst it is recorded twice.
    if (this.shownAt.size > MOST_REMEMBERED) this.shownAt.delete(this.shownAt.keys().next().value!);
  }
}
