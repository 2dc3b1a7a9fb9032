import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Each month of load profiles has its primary key by itself, no longer through the parent table: so a month that one import
 * fills may be given its key when it is full, in a quarter of the time that a key takes which is kept up row by row.
 */
export class MonthKeys1763856000000 implements MigrationInterface {
  name = 'MonthKeys1763856000000';

  async up(runner: QueryRunner): Promise<void> {
    // With its parent's key a month would lose its own: they are taken apart first, and nothing is built again.
    await withoutMonths(runner, `alter table load_profile drop constraint load_profile_pkey`);
    // What every row that comes by COPY has in common need not be sent with each of them.
    for (const table of ['load_profile', 'load_profile_staging'])
      await runner.query(`
        alter table ${table} alter column revision set default 1, alter column channel set default 0`);
    await runner.query(`
      create function load_profile_key_months() returns void language plpgsql
      security definer set search_path from current as $$
      declare
        month regclass;
        key text;
      begin
        for month in
          select inhrelid::regclass from pg_inherits where inhparent = 'load_profile'::regclass
            and not exists (select from pg_index where indrelid = inhrelid and indisprimary)
        loop
          select relname || '_pkey' into key from pg_class where oid = month;
          if to_regclass('pg_dist_partition') is null then
            -- Two steps: readers are shut out for the second only, which takes no time.
            execute format('create unique index %I on %s (metering_point_id, day) with (fillfactor = 100)', key, month);
            execute format('alter table %s add constraint %I primary key using index %I', month, key, key);
          else
            -- Citus knows no «using index».
            execute format('alter table %s add constraint %I primary key (metering_point_id, day) with (fillfactor = 100)',
              month, key);
          end if;
        end loop;
      end $$`);
    await runner.query(`revoke execute on function load_profile_key_months() from public`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`select load_profile_key_months()`);
    await runner.query(`drop function load_profile_key_months`);
    for (const table of ['load_profile', 'load_profile_staging'])
      await runner.query(
        `alter table ${table} alter column revision drop default, alter column channel drop default`,
      );
    await withoutMonths(
      runner,
      `alter table load_profile add constraint load_profile_pkey primary key (metering_point_id, day) with (fillfactor = 100)`,
    );
  }
}

/** Runs the statement on the parent table alone: its months are taken off before, and put back afterwards. */
async function withoutMonths(runner: QueryRunner, statement: string): Promise<void> {
  const months = (await runner.query(
    `select inhrelid::regclass::text as name, pg_get_expr(relpartbound, inhrelid) as bound
     from pg_inherits join pg_class on oid = inhrelid where inhparent = 'load_profile'::regclass order by 1`,
  )) as { name: string; bound: string }[];
  for (const { name } of months) await runner.query(`alter table load_profile detach partition ${name}`);
  await runner.query(statement);
  for (const { name, bound } of months)
    await runner.query(`alter table load_profile attach partition ${name} ${bound}`);
}
