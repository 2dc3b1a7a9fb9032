import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { CaseVisit } from './case-visit.entity.js';
import type { PhotographType } from './domain/photograph.js';

const KEY = { primaryKeyConstraintName: 'case_photograph_pkey' };

/** A photograph of a visit; its bytes lie in the data folder under their hash. */
@Entity('case_photograph')
@Check('case_photograph_type_check', `media_type in ('image/jpeg', 'image/png', 'image/webp')`)
export class CasePhotograph {
  @PrimaryColumn('integer', { name: 'visit_id', ...KEY })
  @ForeignKey(() => CaseVisit, { name: 'case_photograph_visit_fkey' })
  visitId: number;

  /** Of what is kept, in hex. */
  @PrimaryColumn('text', KEY)
  sha256: string;

  @Column('text', { name: 'media_type' })
  mediaType: PhotographType;

  @Column('integer')
  bytes: number;

  @Column('timestamptz', { name: 'added_at' })
  addedAt: Date;

  @Column('text', { name: 'added_by' })
  addedBy: string;
}
