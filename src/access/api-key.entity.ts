import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import type { Role, Scope } from '../rights/domain/roles.js';

/** What a machine shows to come in. The key itself was shown once; only its hash is kept. */
@Entity('api_key')
@Unique('api_key_prefix_key', ['prefix'])
@Check(
  'api_key_role_check',
  `role in ('utility', 'inspector', 'supervisor', 'auditor', 'operator', 'metrics')`,
)
@Check('api_key_tenant_check', `(role = 'utility') = (utility_id is not null)`)
@Check('api_key_scopes_check', `scopes <@ array['read', 'write'] and cardinality(scopes) > 0`)
@Check('api_key_slot_check', 'slot in (1, 2)')
@Check('api_key_expiry_check', 'expires_at > created_at')
@Index('api_key_slot_key', ['owner', 'slot'], { unique: true, where: 'revoked_at is null' })
export class ApiKey {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'api_key_pkey',
  })
  id: number;

  /** Names the key in lists, and finds it. */
  @Column('text')
  prefix: string;

  @Column('text', { name: 'secret_sha256' })
  secretSha256: string;

  /** The machine or job that holds it. */
  @Column('text')
  owner: string;

  @Column('smallint')
  slot: number;

  @Column('text')
  role: Role;

  @Column('text', { array: true })
  scopes: Scope[];

  /** By name: the registry's module comes after this one. */
  @Column('integer', { name: 'utility_id', nullable: true })
  @ForeignKey('Utility', { name: 'api_key_utility_fkey' })
  utilityId: number | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('text', { name: 'created_by' })
  createdBy: string;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  /** To the minute. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;
}
