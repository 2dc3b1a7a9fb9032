import { Check, Column, Entity, ForeignKey, PrimaryGeneratedColumn } from 'typeorm';
import type { PersonRole } from '../rights/domain/roles.js';

/** Somebody who signs in, without a name: records of what was done point here. */
@Entity('person')
@Check('person_role_check', `role in ('utility', 'inspector', 'supervisor', 'auditor', 'operator')`)
@Check('person_tenant_check', `(role = 'utility') = (utility_id is not null)`)
export class Person {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'person_pkey',
  })
  id: number;

  @Column('text')
  role: PersonRole;

  /** By name: the registry's module comes after this one. */
  @Column('integer', { name: 'utility_id', nullable: true })
  @ForeignKey('Utility', { name: 'person_utility_fkey' })
  utilityId: number | null;

  /** Whom they act for, as a second opinion must come from another one where there is one; '': nobody said. */
  @Column('text', { default: '' })
  organisation: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('text', { name: 'created_by' })
  createdBy: string;

  /** From then on they come in no more; their sessions ended. */
  @Column('timestamptz', { name: 'blocked_at', nullable: true })
  blockedAt: Date | null;
}
