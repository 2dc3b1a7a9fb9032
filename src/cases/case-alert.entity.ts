import { Entity, Column, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Alert } from '../alerts/alert.entity.js';
import { CaseFile } from './case-file.entity.js';

/** Which case an alert belongs to. */
@Entity('case_alert')
@Index('case_alert_case_idx', ['caseId'])
export class CaseAlert {
  @PrimaryColumn('integer', { name: 'alert_id', primaryKeyConstraintName: 'case_alert_pkey' })
  @ForeignKey(() => Alert, { name: 'case_alert_alert_fkey' })
  alertId: number;

  @Column('integer', { name: 'case_id' })
  @ForeignKey(() => CaseFile, { name: 'case_alert_case_fkey' })
  caseId: number;
}
