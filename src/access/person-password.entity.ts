import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Person } from './person.entity.js';

/** Of a person with a local account; others come in through the identity provider. */
@Entity('person_password')
@Check('person_password_hash_check', `argon2id like '$argon2id$%'`)
export class PersonPassword {
  @PrimaryColumn('integer', { name: 'person_id', primaryKeyConstraintName: 'person_password_pkey' })
  @ForeignKey(() => Person, { name: 'person_password_person_fkey' })
  personId: number;

  @Column('text')
  argon2id: string;

  @Column('timestamptz', { name: 'set_at' })
  setAt: Date;
}
