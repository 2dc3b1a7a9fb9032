import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Person } from '../access/person.entity.js';
import type { AlertKind } from '../alerts/domain/lifecycle.js';
import { MeteringPoint } from '../grid/metering-point.entity.js';
import type { CaseKind } from './domain/case-alerts.js';
import type { Grounds } from './domain/reopening.js';
import type { CaseState } from './domain/transitions.js';

/** The human work on one household or transformer: at most one that is not closed for each metering point. */
@Entity('case_file')
@Check(
  'case_file_state_check',
  `state in ('new', 'dealt', 'first_look', 'needs_visit', 'second_look', 'confirmed', 'dismissed', 'reopened')`,
)
@Check(
  'case_file_kind_check',
  `kind in ('hidden_load', 'quota_exceeded', 'mining_suspected', 'quota_forecast', 'random_audit')`,
)
@Check('case_file_score_check', 'score between 0 and 1')
@Index('case_file_open_key', ['meteringPointId'], {
  unique: true,
  where: `state not in ('confirmed', 'dismissed')`,
})
@Index('case_file_point_idx', ['meteringPointId'])
@Index('case_file_transformer_idx', ['transformerId'])
// Descending, of an expression or of words, which the decorator can't say.
@Index('case_file_score_idx', { synchronize: false })
@Index('case_file_kwh_idx', { synchronize: false })
@Index('case_file_inspector_idx', { synchronize: false })
@Index('case_file_organisation_idx', { synchronize: false })
@Index('case_file_state_idx', { synchronize: false })
@Index('case_file_territory_idx', { synchronize: false })
@Index('case_file_words_idx', { synchronize: false })
export class CaseFile {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'case_file_pkey',
  })
  id: number;

  @Column('integer', { name: 'metering_point_id' })
  @ForeignKey(() => MeteringPoint, { name: 'case_file_metering_point_fkey' })
  meteringPointId: number;

  @Column('integer', { name: 'utility_id' })
  utilityId: number;

  @Column('text', { name: 'territory_code' })
  territoryCode: string;

  @Column('integer', { name: 'transformer_id', nullable: true })
  transformerId: number | null;

  /** Of its leading alert. */
  @Column('text')
  kind: CaseKind;

  /** Kinds of the alerts that fire now; none: the readings no longer support it. */
  @Column('text', { name: 'firing_kinds', array: true })
  firingKinds: AlertKind[];

  @Column('text')
  state: CaseState;

  /** Number of its last step: whoever changes it says which one they have seen. */
  @Column('integer')
  version: number;

  @Column('double precision')
  score: number;

  /** Energy of the last judged month at its pace; null when none was judged. */
  @Column('double precision', { name: 'month_kwh', nullable: true })
  monthKwh: number | null;

  @Column('date', { nullable: true })
  since: string | null;

  @Column('timestamptz', { name: 'opened_at' })
  openedAt: Date;

  @Column('timestamptz', { name: 'state_at' })
  stateAt: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;

  @Column('integer', { name: 'inspector_id', nullable: true })
  @ForeignKey(() => Person, { name: 'case_file_inspector_fkey' })
  inspectorId: number | null;

  /** Of the inspector when it was dealt. */
  @Column('text', { nullable: true })
  organisation: string | null;

  /** Of a second look: whose supervisors may not take it; null: any may. */
  @Column('text', { name: 'review_not_by', nullable: true })
  reviewNotBy: string | null;

  @Column('text', { array: true, default: [] })
  tags: string[];

  /** What a dismissed case rested on when it was dismissed. */
  @Column('jsonb', { name: 'dismissed_on', nullable: true })
  dismissedOn: Grounds | null;

  /** What it is found by: names of the point, household and transformer, in small letters. */
  @Column('tsvector')
  words: string;
}
