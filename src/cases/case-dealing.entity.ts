import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { DealingResult, DealingSettings, DealtCase, Inspector } from './domain/dealing.js';

/** One dealing, with everything that it can be made from again. */
@Entity('case_dealing')
export class CaseDealing {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'case_dealing_pkey',
  })
  id: number;

  @Column('timestamptz')
  at: Date;

  @Column('text')
  actor: string;

  @Column('text')
  seed: string;

  @Column('jsonb')
  settings: DealingSettings;

  @Column('jsonb')
  input: { readonly cases: readonly DealtCase[]; readonly inspectors: readonly Inspector[] };

  @Column('integer')
  dealt: number;

  @Column('jsonb')
  undealt: DealingResult['undealt'];
}
