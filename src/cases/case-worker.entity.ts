import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Person } from '../access/person.entity.js';

/** What dealing must know of an inspector or supervisor; nobody's name. */
@Entity('case_worker')
@Check('case_worker_queue_limit_check', 'queue_limit >= 0')
export class CaseWorker {
  @PrimaryColumn('integer', { name: 'person_id', primaryKeyConstraintName: 'case_worker_pkey' })
  @ForeignKey(() => Person, { name: 'case_worker_person_fkey' })
  personId: number;

  /** Where they live: they are dealt no neighbours. */
  @Column('text', { name: 'home_territory', nullable: true })
  homeTerritory: string | null;

  /** Null: as everybody. */
  @Column('integer', { name: 'queue_limit', nullable: true })
  queueLimit: number | null;

  /** They are dealt nothing. */
  @Column('boolean', { default: false })
  away: boolean;
}
