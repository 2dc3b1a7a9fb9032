import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { MeteringPoint } from './metering-point.entity.js';

/** Whose household a metering point is: the only place for names and addresses. Everything else knows the point's id. */
@Entity('household_identity')
@Check('household_identity_stated_check', 'consumer_name is not null or address is not null')
export class HouseholdIdentity {
  @PrimaryColumn('integer', {
    name: 'metering_point_id',
    primaryKeyConstraintName: 'household_identity_pkey',
  })
  @ForeignKey(() => MeteringPoint, { name: 'household_identity_point_fkey' })
  meteringPointId: number;

  @Column('text', { name: 'consumer_name', nullable: true })
  consumerName: string | null;

  @Column('text', { nullable: true })
  address: string | null;

  /** The registry that last stated it. */
  @Column('integer', { name: 'upload_id', nullable: true })
  uploadId: number | null;
}
