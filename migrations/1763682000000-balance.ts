import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The newest balance of each transformer, and the points under it that may hold what it misses. */
export class Balance1763682000000 implements MigrationInterface {
  name = 'Balance1763682000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table transformer_balance (
        -- The balance meter.
        metering_point_id integer not null,
        as_of date not null,
        verdict text not null,
        hidden_kw double precision not null,
        hidden_lower_kw double precision not null,
        hidden_upper_kw double precision not null,
        since date,
        points integer not null,
        confidence double precision not null,
        -- Everything that reproduces the verdict, but for the suspects.
        balance jsonb not null,
        constraint transformer_balance_pkey primary key (metering_point_id),
        constraint transformer_balance_verdict_check check (verdict in
          ('hidden_load', 'night_load', 'household_like', 'none', 'inconsistent', 'unclear')),
        constraint transformer_balance_confidence_check check (confidence between 0 and 1)
      )`);
    await runner.query(
      `create index transformer_balance_rank_idx on transformer_balance (hidden_kw desc, metering_point_id)`,
    );
    await runner.query(`
      create table balance_suspect (
        -- The suspect, and the balance meter above it: first who it is, for one point's reasons and for sharding.
        metering_point_id integer not null,
        balance_point_id integer not null,
        rank smallint not null,
        share double precision not null,
        drop_kw double precision not null,
        drop_day date,
        observed jsonb not null,
        constraint balance_suspect_pkey primary key (metering_point_id, balance_point_id),
        constraint balance_suspect_share_check check (share between 0 and 1)
      )`);
    await runner.query(
      `create index balance_suspect_balance_idx on balance_suspect (balance_point_id, rank)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table balance_suspect, transformer_balance`);
  }
}
