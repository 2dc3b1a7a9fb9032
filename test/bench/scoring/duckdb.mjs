/** The same features in DuckDB. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { DuckDBInstance } from '@duckdb/node-api';

const HOURS = Array.from({ length: 24 }, (_, hour) => `h${String(hour).padStart(2, '0')}`);

/** Loads the wide readings of the region's first `points` households into DuckDB's own table, a row an hour, in household order. */
export async function loadDuckDb(folder, { outDir, days }, { points, weatherFile }) {
  const instance = await DuckDBInstance.create(path.join(folder, 'readings.duckdb'));
  const connection = await instance.connect();
  await connection.run(`create table weather as select * from read_csv('${weatherFile}')`);
  const file = `read_csv('${path.join(outDir, 'readings_wide.csv')}')`;
  await connection.run(
    `create table wide as select w.* from ${file} w
     semi join (select distinct metering_point from ${file} order by 1 limit ${points}) using (metering_point)`,
  );
  await connection.run(
    `create table reading as
     select meter, ((day - first) * 24 + clock)::integer as hour, kwh from (
       select m.meter, w.date - date '1970-01-01' as day, f.first, unnest(range(24)) as clock,
         unnest([${HOURS.join(', ')}])::float as kwh
       from wide w
       join (select metering_point, row_number() over (order by metering_point)::integer as meter
             from (select distinct metering_point from wide)) m using (metering_point)
       cross join (select min(date) - date '1970-01-01' as first from wide) f)
     where kwh is not null order by meter, hour`,
  );
  await connection.run('drop table wide');
  const sql = await readFile(path.join(import.meta.dirname, 'features.sql'), 'utf8');
  const statements = sql.replaceAll('{days}', String(days)).split(/;\s*\n/);
  return { connection, statements: statements.filter((statement) => statement.trim() !== '') };
}

export async function featuresInDuckDb({ connection, statements }) {
  const started = performance.now();
  for (const statement of statements) await connection.run(statement);
  return (performance.now() - started) / 1000;
}
