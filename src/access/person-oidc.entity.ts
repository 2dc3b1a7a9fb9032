import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { Person } from './person.entity.js';

/** Who a person is at the identity provider. */
@Entity('person_oidc')
@Unique('person_oidc_subject_key', ['issuer', 'subject'])
export class PersonOidc {
  @PrimaryColumn('integer', { name: 'person_id', primaryKeyConstraintName: 'person_oidc_pkey' })
  @ForeignKey(() => Person, { name: 'person_oidc_person_fkey' })
  personId: number;

  @Column('text')
  issuer: string;

  /** Never given to anybody else, unlike a name. */
  @Column('text')
  subject: string;

  @Column('timestamptz', { name: 'bound_at' })
  boundAt: Date;
}
