import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One pass over the metering points; without `finishedAt` it was interrupted or is under way. */
@Entity('scoring_run')
export class ScoringRun {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'scoring_run_pkey',
  })
  id: number;

  /** Exclusive end of the readings that were looked at, `YYYY-MM-DD`. */
  @Column('date', { name: 'as_of' })
  asOf: string;

  @Column('timestamptz', { name: 'started_at' })
  startedAt: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;

  @Column('integer', { default: 0 })
  points: number;

  /** The version of detectors and weights that scored. */
  @Column('text', { name: 'settings_version' })
  settingsVersion: string;

  /** First and last day of all readings stored when it began, `YYYY-MM-DD`. */
  @Column('date', { name: 'first_stored_day' })
  firstStoredDay: string;

  @Column('date', { name: 'last_stored_day' })
  lastStoredDay: string;
}
