import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A metering point's month held against the quota that was in force then; missing intervals are shown, not filled in. Kept where
 * something is suspected, or the use comes near the limit; any other month is judged when somebody asks: `judgedMonths`.
 */
@Entity('quota_judgement')
export class QuotaJudgementRow {
  @PrimaryColumn('integer', { name: 'metering_point_id', primaryKeyConstraintName: 'quota_judgement_pkey' })
  meteringPointId: number;

  /** First day of the month, `YYYY-MM-DD`. */
  @PrimaryColumn('date', { primaryKeyConstraintName: 'quota_judgement_pkey' })
  month: string;

  @Column('text', { name: 'counted_per' })
  countedPer: 'metering_point' | 'household';

  @Column('text', { name: 'rule_id' })
  ruleId: string;

  @Column('double precision', { name: 'limit_kwh' })
  limitKwh: number;

  @Column('double precision', { name: 'metered_kwh' })
  meteredKwh: number;

  /** What the unit that the rule counts over used. */
  @Column('double precision', { name: 'unit_kwh' })
  unitKwh: number;

  @Column('double precision', { name: 'flat_kwh' })
  flatKwh: number;

  @Column('integer', { name: 'intervals_present' })
  intervalsPresent: number;

  @Column('integer', { name: 'intervals_expected' })
  intervalsExpected: number;

  @Column('boolean')
  exceeded: boolean;
}
