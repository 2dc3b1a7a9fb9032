import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Person } from './person.entity.js';

/** Lets one person in, once. */
@Entity('sign_in_token')
export class SignInToken {
  @PrimaryColumn('text', { name: 'token_sha256', primaryKeyConstraintName: 'sign_in_token_pkey' })
  tokenSha256: string;

  /** Null: makes the first operator, and only while there is nobody. */
  @Column('integer', { name: 'person_id', nullable: true })
  @ForeignKey(() => Person, { name: 'sign_in_token_person_fkey' })
  personId: number | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt: Date | null;
}
