import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Suspect } from './domain/types.js';

/** A metering point that may hold what the balance of its transformer misses. */
@Entity('balance_suspect')
@Check('balance_suspect_share_check', 'share between 0 and 1')
@Index('balance_suspect_balance_idx', ['balancePointId', 'rank'])
export class BalanceSuspect {
  @PrimaryColumn('integer', {
    name: 'metering_point_id',
    primaryKeyConstraintName: 'balance_suspect_pkey',
  })
  meteringPointId: number;

  /** The balance meter. */
  @PrimaryColumn('integer', {
    name: 'balance_point_id',
    primaryKeyConstraintName: 'balance_suspect_pkey',
  })
  balancePointId: number;

  /** 1 = the likeliest. */
  @Column('smallint')
  rank: number;

  /** Of responsibility, 0 to 1. */
  @Column('double precision')
  share: number;

  @Column('double precision', { name: 'drop_kw' })
  dropKw: number;

  @Column('date', { name: 'drop_day', nullable: true })
  dropDay: string | null;

  @Column('jsonb')
  observed: Suspect;
}
