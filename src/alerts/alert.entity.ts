import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { MeteringPoint } from '../grid/metering-point.entity.js';
import type { Evidence, Finding } from '../detection/domain/types.js';
import type { AlertKind, AlertState } from './domain/lifecycle.js';

/** A suspicion with its lifecycle: at most one open alert per metering point and kind. */
@Entity('alert')
@Check('alert_state_check', `state in ('pending', 'firing', 'resolved')`)
@Check('alert_kind_check', `kind in ('quota_exceeded', 'quota_forecast', 'mining_suspected', 'hidden_load')`)
@Index('alert_open_key', ['meteringPointId', 'kind'], { unique: true, where: `state <> 'resolved'` })
@Index('alert_state_idx', ['state', 'id'])
@Index('alert_resolved_idx', ['resolvedAt'], { where: `state = 'resolved'` })
export class Alert {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'alert_pkey' })
  id: number;

  @Column('integer', { name: 'metering_point_id' })
  @ForeignKey(() => MeteringPoint, { name: 'alert_metering_point_fkey' })
  meteringPointId: number;

  @Column('text')
  kind: AlertKind;

  @Column('text')
  state: AlertState;

  /** Probability at the last scoring that supported it. */
  @Column('double precision')
  score: number;

  @Column('date', { nullable: true })
  since: string | null;

  @Column('timestamptz', { name: 'opened_at' })
  openedAt: Date;

  @Column('timestamptz', { name: 'fired_at', nullable: true })
  firedAt: Date | null;

  @Column('timestamptz', { name: 'resolved_at', nullable: true })
  resolvedAt: Date | null;

  /** As-of day of the last scoring that supported it, `YYYY-MM-DD`. */
  @Column('date', { name: 'last_seen_as_of' })
  lastSeenAsOf: string;

  /** Of that scoring, so that the reasons shown are those that raised the alert. */
  @Column('jsonb', { default: [] })
  findings: Finding[];

  @Column('jsonb', { default: [] })
  evidence: Evidence[];
}
