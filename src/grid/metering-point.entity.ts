import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { TerritoryEntity } from './territory.entity.js';
import { Transformer } from './transformer.entity.js';
import { Utility } from './utility.entity.js';

/**
 * `transformer`: the balance meter of a transformer, stored like any other point. `seeded`: stands behind a known case that was
 * put into the queue to measure reviews; no readings, no household.
 */
export type MeteringPointKind = 'household' | 'transformer' | 'seeded';

/** The place that is metered, by the utility's stable id; meters come and go behind it. */
@Entity('metering_point')
@Check('metering_point_kind_check', `kind in ('household', 'transformer', 'seeded')`)
@Unique('metering_point_external_id_key', ['utilityId', 'kind', 'externalId'])
@Index('metering_point_transformer_idx', ['transformerId'])
@Index('metering_point_household_idx', ['utilityId', 'household'])
export class MeteringPoint {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'metering_point_pkey',
  })
  id: number;

  @Column('integer', { name: 'utility_id' })
  @ForeignKey(() => Utility, { name: 'metering_point_utility_fkey' })
  utilityId: number;

  @Column('text')
  kind: MeteringPointKind;

  /** The utility's id; for a balance meter the transformer's code. */
  @Column('text', { name: 'external_id' })
  externalId: string;

  @Column('text', { nullable: true })
  household: string | null;

  @Column('text', { name: 'territory_code' })
  @ForeignKey(() => TerritoryEntity, { name: 'metering_point_territory_fkey' })
  territoryCode: string;

  /** The transformer that feeds it; for a balance meter the one it measures. */
  @Column('integer', { name: 'transformer_id', nullable: true })
  @ForeignKey(() => Transformer, { name: 'metering_point_transformer_fkey' })
  transformerId: number | null;

  @Column('text', { name: 'tariff_category', nullable: true })
  tariffCategory: string | null;

  @Column('boolean', { name: 'electric_heating', nullable: true })
  electricHeating: boolean | null;

  @Column('double precision', { name: 'contracted_kw', nullable: true })
  contractedKw: number | null;

  @Column('double precision', { name: 'declared_load_kw', nullable: true })
  declaredLoadKw: number | null;

  @Column('text', { name: 'declared_purpose', nullable: true })
  declaredPurpose: string | null;

  /** The upload that last changed this row. */
  @Column('integer', { name: 'registry_upload_id', nullable: true })
  registryUploadId: number | null;
}
