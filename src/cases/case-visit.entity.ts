import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CaseFile } from './case-file.entity.js';
import type { VisitFinding } from './domain/visit.js';

/** A visit to the place: booked, and done once it has a report. */
@Entity('case_visit')
@Check('case_visit_report_check', '(done_at is null) = (reported_at is null)')
@Check(
  'case_visit_findings_check',
  `findings <@ array['mining_equipment', 'traces_of_equipment', 'unmetered_connection', 'meter_tampered', ` +
    `'electric_heating', 'electric_vehicle', 'greenhouse', 'workshop', 'pump_or_well', 'several_households', ` +
    `'wrong_meter', 'nothing_unusual', 'no_access']`,
)
@Index('case_visit_case_idx', ['caseId'])
export class CaseVisit {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'case_visit_pkey',
  })
  id: number;

  @Column('integer', { name: 'case_id' })
  @ForeignKey(() => CaseFile, { name: 'case_visit_case_fkey' })
  caseId: number;

  @Column('timestamptz', { name: 'booked_for' })
  bookedFor: Date;

  @Column('timestamptz', { name: 'booked_at' })
  bookedAt: Date;

  @Column('text', { name: 'booked_by' })
  bookedBy: string;

  @Column('timestamptz', { name: 'done_at', nullable: true })
  doneAt: Date | null;

  @Column('timestamptz', { name: 'reported_at', nullable: true })
  reportedAt: Date | null;

  @Column('text', { name: 'reported_by', nullable: true })
  reportedBy: string | null;

  @Column('text', { array: true, default: [] })
  findings: VisitFinding[];

  /** What the household says, in its words. */
  @Column('text', { nullable: true })
  explanation: string | null;
}
