import { Column, Entity, ForeignKey, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Utility } from './utility.entity.js';

/** The line that transformers hang on, by the utility's code. */
@Entity('feeder')
@Unique('feeder_code_key', ['utilityId', 'code'])
export class Feeder {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'feeder_pkey',
  })
  id: number;

  @Column('integer', { name: 'utility_id' })
  @ForeignKey(() => Utility, { name: 'feeder_utility_fkey' })
  utilityId: number;

  @Column('text')
  code: string;
}
