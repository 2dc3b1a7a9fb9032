import { Column, Entity, ForeignKey, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Feeder } from './feeder.entity.js';
import { Utility } from './utility.entity.js';

/** A distribution transformer; its balance meter is a metering point of kind `transformer`. */
@Entity('transformer')
@Unique('transformer_code_key', ['utilityId', 'code'])
export class Transformer {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'transformer_pkey',
  })
  id: number;

  @Column('integer', { name: 'utility_id' })
  @ForeignKey(() => Utility, { name: 'transformer_utility_fkey' })
  utilityId: number;

  @Column('integer', { name: 'feeder_id', nullable: true })
  @ForeignKey(() => Feeder, { name: 'transformer_feeder_fkey' })
  feederId: number | null;

  @Column('text')
  code: string;
}
