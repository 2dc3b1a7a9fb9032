import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A company whose registry and readings are kept apart from the others'. */
@Entity('utility')
@Unique('utility_code_key', ['code'])
export class Utility {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'utility_pkey',
  })
  id: number;

  @Column('text')
  code: string;

  @Column('text')
  name: string;
}
