import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { MeteringPoint } from './metering-point.entity.js';

/** Somebody was shown whose household a metering point is. */
@Entity('disclosure')
@Index('disclosure_point_idx', ['meteringPointId'])
@Index('disclosure_actor_idx', ['actor', 'at'])
export class Disclosure {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'disclosure_pkey',
  })
  id: number;

  @Column('integer', { name: 'metering_point_id' })
  @ForeignKey(() => MeteringPoint, { name: 'disclosure_point_fkey' })
  meteringPointId: number;

  @Column('timestamptz')
  at: Date;

  /** `person 7`, `key nightly-export`. */
  @Column('text')
  actor: string;

  @Column('text', { nullable: true })
  reason: string | null;
}
