import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { CaseFile } from './case-file.entity.js';

const KEY = { primaryKeyConstraintName: 'case_link_pkey' };

/** Two cases that have to do with each other; each pair once, the older case first. */
@Entity('case_link')
@Check('case_link_order_check', 'case_id < other_id')
@Index('case_link_other_idx', ['otherId'])
export class CaseLink {
  @PrimaryColumn('integer', { name: 'case_id', ...KEY })
  @ForeignKey(() => CaseFile, { name: 'case_link_case_fkey' })
  caseId: number;

  @PrimaryColumn('integer', { name: 'other_id', ...KEY })
  @ForeignKey(() => CaseFile, { name: 'case_link_other_fkey' })
  otherId: number;

  @Column('timestamptz')
  at: Date;

  @Column('text')
  actor: string;

  /** What they have to do with each other. */
  @Column('text')
  words: string;
}
