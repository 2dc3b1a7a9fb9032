import { Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Alert } from '../alerts/alert.entity.js';
import { CaseFile } from './case-file.entity.js';

/** Which cases an alert belongs to: mostly one; a second one when it still fires after the first was decided. */
@Entity('case_alert')
@Index('case_alert_case_idx', ['caseId'])
export class CaseAlert {
  @PrimaryColumn('integer', { name: 'alert_id', primaryKeyConstraintName: 'case_alert_pkey' })
  @ForeignKey(() => Alert, { name: 'case_alert_alert_fkey' })
  alertId: number;

  @PrimaryColumn('integer', { name: 'case_id', primaryKeyConstraintName: 'case_alert_pkey' })
  @ForeignKey(() => CaseFile, { name: 'case_alert_case_fkey' })
  caseId: number;
}
