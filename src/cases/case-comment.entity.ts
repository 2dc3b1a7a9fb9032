import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Person } from '../access/person.entity.js';
import { CaseFile } from './case-file.entity.js';

/** What somebody wrote beside a case. */
@Entity('case_comment')
@Index('case_comment_case_idx', ['caseId'])
export class CaseComment {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'case_comment_pkey',
  })
  id: number;

  @Column('integer', { name: 'case_id' })
  @ForeignKey(() => CaseFile, { name: 'case_comment_case_fkey' })
  caseId: number;

  @Column('timestamptz')
  at: Date;

  @Column('text')
  actor: string;

  @Column('integer', { name: 'person_id', nullable: true })
  @ForeignKey(() => Person, { name: 'case_comment_person_fkey' })
  personId: number | null;

  @Column('text')
  words: string;
}
