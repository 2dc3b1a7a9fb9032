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
  readonly witnessed: Gauge<'witness'>;
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
    this.witnessed = new Gauge({
      name: 'gridwarden_audit_witness_timestamp_seconds',
      help: 'When each witness last told that it has cosigned the audit log.',
      labelNames: ['witness'],
      registers: [],
      async collect() {
        const rows: { witness: string; at: number }[] = await dataSource.query(
          'select witness, extract(epoch from cosigned_at)::float8 as at from audit_cosignature',
        );
        this.reset();
        for (const { witness, at } of rows) this.set({ witness }, at);
      },
    });
    this.all = [this.entries, this.signed, this.signedAt, this.failures, this.witnessed];
  }

  observeCheckpoint(size: number, now: Date): void {
    this.signed.set(size);
    this.signedAt.set(now.getTime() / 1000);
  }
}
