import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { BalanceVerdict, TransformerBalance } from './domain/types.js';

/** The newest balance of a transformer, kept under its balance meter. */
@Entity('transformer_balance')
@Check(
  'transformer_balance_verdict_check',
  `verdict in ('hidden_load', 'night_load', 'household_like', 'none', 'inconsistent', 'unclear')`,
)
@Check('transformer_balance_confidence_check', 'confidence between 0 and 1')
// The migration makes it `hidden_kw desc, metering_point_id`, which the decorator can't say.
@Index('transformer_balance_rank_idx', { synchronize: false })
export class TransformerBalanceRow {
  @PrimaryColumn('integer', {
    name: 'metering_point_id',
    primaryKeyConstraintName: 'transformer_balance_pkey',
  })
  meteringPointId: number;

  /** Exclusive end of the readings that were looked at, `YYYY-MM-DD`. */
  @Column('date', { name: 'as_of' })
  asOf: string;

  @Column('text')
  verdict: BalanceVerdict;

  @Column('double precision', { name: 'hidden_kw' })
  hiddenKw: number;

  @Column('double precision', { name: 'hidden_lower_kw' })
  hiddenLowerKw: number;

  @Column('double precision', { name: 'hidden_upper_kw' })
  hiddenUpperKw: number;

  @Column('date', { nullable: true })
  since: string | null;

  /** Metering points registered under it. */
  @Column('integer')
  points: number;

  @Column('double precision')
  confidence: number;

  @Column('jsonb')
  balance: Omit<TransformerBalance, 'suspects'>;

  /** Of the balance with its suspects (see ContentDigest); 0 matches none. */
  @Column('bigint', { default: 0 })
  digest: number;
}
