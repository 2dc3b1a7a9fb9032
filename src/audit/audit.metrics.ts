import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Metric } from 'prom-client';
import { DATABASE } from '../database/database.token.js';
import type { Database } from '../database/open-database.js';

/** The audit log: how long it is, and how much of it is signed. */
@Injectable()
export class AuditMetrics {
  readonly entries: Gauge;
  readonly signed = new Gauge({
    name: 'gridwarden_audit_signed_entries',
    help: 'Entries of the audit log that the newest checkpoint of this instance covers.',
    registers: [],
  });
  readonly signedAt = new Gauge({
    name: 'gridwarden_audit_checkpoint_timestamp_seconds',
    help: 'When this instance last signed the audit log, or found it signed already.',
    registers: [],
  });
  readonly failures = new Counter({
    name: 'gridwarden_audit_checkpoint_failures_total',
    help: 'Times that the audit log was not signed, or its checkpoint not handed out.',
    registers: [],
  });
  readonly all: Metric[];

  constructor(@Inject(DATABASE) { dataSource }: Database) {
    this.entries = new Gauge({
      name: 'gridwarden_audit_entries',
      help: 'Entries of the audit log.',
      registers: [],
      async collect() {
        const [{ size }]: { size: number }[] = await dataSource.query(
          'select coalesce(max(seq) + 1, 0)::float8 as size from audit_entry',
        );
        this.set(size);
      },
    });
    this.all = [this.entries, this.signed, this.signedAt, this.failures];
  }

  observeCheckpoint(size: number, now: Date): void {
    this.signed.set(size);
    this.signedAt.set(now.getTime() / 1000);
  }
}
