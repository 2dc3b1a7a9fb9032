import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import type { SignInMethod } from './domain/session-limits.js';
import { Person } from './person.entity.js';

/** A person who is signed in. Asked for on every request, so that blocking somebody works at once. */
@Entity('session')
@Check('session_method_check', `method in ('link', 'password', 'oidc')`)
@Unique('session_token_key', ['tokenSha256'])
@Index('session_person_idx', ['personId'])
export class Session {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'session_pkey',
  })
  id: number;

  @Column('text', { name: 'token_sha256' })
  tokenSha256: string;

  @Column('integer', { name: 'person_id' })
  @ForeignKey(() => Person, { name: 'session_person_fkey' })
  personId: number;

  @Column('text')
  method: SignInMethod;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  /** When they last proved who they are. */
  @Column('timestamptz', { name: 'authenticated_at' })
  authenticatedAt: Date;

  /** To the minute. */
  @Column('timestamptz', { name: 'last_seen_at' })
  lastSeenAt: Date;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt: Date | null;
}
