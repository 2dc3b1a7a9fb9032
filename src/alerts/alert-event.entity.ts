import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Alert } from './alert.entity.js';
import type { AlertState, Correction } from './domain/lifecycle.js';

/** One change of an alert's state: who, when, why; written in the transaction that makes the change. */
@Entity('alert_event')
@Index('alert_event_alert_idx', ['alertId'])
export class AlertEvent {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'alert_event_pkey',
  })
  id: number;

  @Column('integer', { name: 'alert_id' })
  @ForeignKey(() => Alert, { name: 'alert_event_alert_fkey' })
  alertId: number;

  @Column('timestamptz')
  at: Date;

  /** `scoring`, or the person who acted. */
  @Column('text')
  actor: string;

  /** Null when the alert was opened. */
  @Column('text', { name: 'from_state', nullable: true })
  fromState: AlertState | null;

  @Column('text', { name: 'to_state' })
  toState: AlertState;

  @Column('text')
  reason: string;

  @Column('integer', { name: 'run_id', nullable: true })
  runId: number | null;

  /** Uploads that corrected readings which had been scored before, where that led to the change. */
  @Column('jsonb', { default: [] })
  corrections: Correction[];
}
