import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { Person } from './person.entity.js';

/** Who a person is, apart from everything they did. */
@Entity('person_identity')
@Unique('person_identity_login_key', ['login'])
export class PersonIdentity {
  @PrimaryColumn('integer', { name: 'person_id', primaryKeyConstraintName: 'person_identity_pkey' })
  @ForeignKey(() => Person, { name: 'person_identity_person_fkey' })
  personId: number;

  @Column('text')
  login: string;

  @Column('text')
  name: string;
}
