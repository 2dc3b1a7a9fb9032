import { Column, Entity, ForeignKey, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Person } from '../access/person.entity.js';

/** A filter that somebody keeps under a name; theirs alone. */
@Entity('case_view')
@Unique('case_view_name_key', ['personId', 'name'])
export class CaseView {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'case_view_pkey',
  })
  id: number;

  @Column('integer', { name: 'person_id' })
  @ForeignKey(() => Person, { name: 'case_view_person_fkey' })
  personId: number;

  @Column('text')
  name: string;

  @Column('jsonb')
  filter: Record<string, unknown>;

  @Column('timestamptz', { name: 'saved_at' })
  savedAt: Date;
}
