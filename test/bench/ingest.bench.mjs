/**
 * `gridwarden ingest` of a CSV (whole process: receive, hash, spool, validate, store with revisions) against `psql \copy` of
 * the same readings into a plain table (meter, ts, kwh) with its primary key, and against DuckDB's read_csv and INSERT into a
 * table of its own without one; the wide layout also against the bare path, which checks and keeps nothing. In turn, A B C A B C.
 * Then what comes after a first time: the same file, a copy of it, a byte more, one reading in a hundred corrected; and what a stored reading
 * takes on disk. BENCH_LAYOUTS=wide for one layout only.
 */
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { appendFile, copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import copyStreams from 'pg-copy-streams';
import { connect } from '../../dist/src/database/connection.js';
import { timeBarePath } from './ingest/bare-path.mjs';
import { benchRegion, dropDatabase, median, newDatabase, withServer } from './bench-region.mjs';

const execute = promisify(execFile);
const CLI = path.resolve(import.meta.dirname, '../../scripts/gridwarden.mjs');
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const LAYOUTS = (process.env.BENCH_LAYOUTS ?? 'long,wide').split(',');
const HOURS = Array.from({ length: 24 }, (_, hour) => `h${String(hour).padStart(2, '0')}`);

export const name = 'ingest';

export async function* run() {
  for (const layout of LAYOUTS) yield* await compare(layout);
  yield await halfHourly();
}

/** `wide` is held against the same COPY of the long file: psql can't read the wide one into such a table. */
function compare(layout) {
  return withServer(async ({ folder, server }) => {
    const { outDir, readings } = await benchRegion(folder, 'long');
    const long = path.join(outDir, 'readings.csv');
    const file =
      layout === 'long' ? long : path.join((await benchRegion(folder, 'wide')).outDir, 'readings_wide.csv');
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const copy = await timeCopy(server, long, `copy_${round}`);
      const duck = await timeDuckDb(folder, file, layout);
      const bare = layout === 'wide' ? await timeBare(server, file, `bare_${round}`) : null;
      const installation = await Installation.make(server, { folder, outDir, name: `ours_${round}` });
      rounds.push({ copy, duck, bare, ...(await firstAndLater(installation, file, layout)) });
      await installation.remove();
    }
    return results(layout, readings, rounds);
  });
}

async function firstAndLater(installation, file, layout) {
  const first = await installation.ingest(file);
  const bytesPerReading = (await installation.storedBytes()) / first.receipt.counts.accepted;
  const again = await installation.ingest(file);
  await copyFile(file, `${file}.same`);
  const elsewhere = await installation.ingest(`${file}.same`);
  await rm(`${file}.same`);
  const changed = await installation.ingest(await withAnEmptyLine(file));
  const corrected = await correctedFile(file, layout);
  const correction = await installation.ingest(corrected.path);
  await rm(corrected.path);
  return { first, again, elsewhere, changed, correction, days: corrected.days, bytesPerReading };
}

function results(layout, readings, rounds) {
  const of = (value) => median(rounds.map(value));
  const rate = (value) => readings / of(value);
  const ratio = (a, b) => median(rounds.map((round) => a(round) / b(round)));
  const first = ({ first }) => first.seconds;
  const copy = ({ copy }) => copy;
  const duck = ({ duck }) => duck;
  const again = ({ again }) => again.seconds;
  const elsewhere = ({ elsewhere }) => elsewhere.seconds;
  const changed = ({ changed }) => changed.seconds;
  const corrected = ({ correction }) => correction.seconds;
  const last = rounds.at(-1);
  const against = (label, other) => ({
    name: `ingest-${layout}-vs-${label}`,
    ours: rate(first),
    other: rate(other),
    ratio: ratio(other, first),
    unit: 'readings/s',
  });
  const later = (label, time) => ({
    name: `ingest-${layout}-${label}-vs-first`,
    ours: of(time),
    other: of(first),
    ratio: ratio(first, time),
    unit: 's',
  });
  const megabytes = (label, value, other) => ({
    name: `ingest-${layout}-${label}`,
    ours: value / 1e6,
    other: other / 1e6,
    ratio: other / value,
    unit: 'MB of WAL',
  });
  return [
    against('psql-copy', copy),
    against('duckdb-insert', duck),
    ...(layout === 'wide' ? [against('bare-path', ({ bare }) => bare)] : []),
    later('same-file-again', again),
    later('same-bytes-elsewhere', elsewhere),
    later('a-byte-more', changed),
    megabytes('a-byte-more-writes', last.changed.walBytes, last.first.walBytes),
    later('1-percent-corrected', corrected),
    {
      name: `ingest-${layout}-1-percent-corrected-revisions`,
      ours: last.correction.receipt.counts.stored.changed,
      other: last.days,
      ratio: last.correction.receipt.counts.stored.changed / last.days,
      unit: 'days',
    },
    limited(`ingest-${layout}-stored-hourly`, last.bytesPerReading, 5.5, 'bytes/reading'),
  ];
}

/** `other` is the most it may be: a ratio of 1 and more is within it. */
function limited(label, ours, other, unit) {
  return { name: label, ours, other, ratio: other / ours, unit };
}

/** What a half-hourly reading takes, indexes included: 5,000 points for 30 days. */
function halfHourly() {
  return withServer(async ({ folder, server }) => {
    const { outDir } = await benchRegion(folder, 'wide', 1);
    const slots = Array.from({ length: 48 }, (_, slot) => slot);
    const clock = (slot) => `${String(slot >> 1).padStart(2, '0')}:${slot % 2 ? '30' : '00'}`;
    const lines = [`metering_point,date,${slots.map(clock).join(',')}`];
    for (let point = 1; point <= 5000; point++) {
      for (let day = 0; day < 30; day++) {
        const date = new Date(Date.UTC(2026, 2, 1 + day)).toISOString().slice(0, 10);
        const wh = slots.map((slot) => ((point * 7919 + day * 104_729 + slot * 31) % 2000) / 1000);
        lines.push(`P${String(point).padStart(7, '0')},${date},${wh.join(',')}`);
      }
    }
    const file = path.join(folder, 'half-hours.csv');
    await writeFile(file, `${lines.join('\n')}\n`);
    const installation = await Installation.make(server, { folder, outDir, name: 'half_hours' });
    const { receipt } = await installation.ingest(file);
    const bytes = await installation.storedBytes();
    return limited('ingest-stored-half-hourly', bytes / receipt.counts.accepted, 4, 'bytes/reading');
  });
}

/** A database of its own with the region's registry, and the command line over it. */
class Installation {
  static async make(server, { folder, outDir, name }) {
    const databaseUrl = await newDatabase(server, name);
    const dataDir = path.join(folder, name);
    const env = { ...process.env, DATABASE_URL: databaseUrl, GRIDWARDEN_DATA_DIR: dataDir };
    await execute(process.execPath, [CLI, 'ingest', '--registry', path.join(outDir, 'registry.csv')], {
      env,
    });
    return Object.assign(new Installation(), { server, name, databaseUrl, dataDir, env });
  }

  async ingest(file) {
    const before = await this.one('select pg_current_wal_insert_lsn() as at');
    const started = performance.now();
    const { stdout } = await execute(process.execPath, [CLI, 'ingest', '--json', file], {
      env: this.env,
      maxBuffer: 1 << 26,
    });
    const seconds = (performance.now() - started) / 1000;
    const sql = `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '${before.at}')::float8 as bytes`;
    return { seconds, walBytes: (await this.one(sql)).bytes, receipt: JSON.parse(stdout) };
  }

  /** Of all months, with their indexes. */
  async storedBytes() {
    const { bytes } = await this.one(
      `select sum(pg_total_relation_size(relid))::float8 as bytes from pg_partition_tree('load_profile') where isleaf`,
    );
    return bytes;
  }

  async one(sql) {
    const client = await connect(this.databaseUrl);
    try {
      return (await client.query(sql)).rows[0];
    } finally {
      await client.end();
    }
  }

  async remove() {
    await dropDatabase(this.server, this.name);
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Other bytes that say the same: every row has to be compared. */
async function withAnEmptyLine(file) {
  const copy = `${file}.more`;
  await copyFile(file, copy);
  await appendFile(copy, '\n');
  return copy;
}

/** The file with every hundredth line said otherwise (in the long layout a reading, in the wide one a day), and how many days that is. */
async function correctedFile(file, layout) {
  const corrected = `${file}.corrected`;
  const out = createWriteStream(corrected, { highWaterMark: 1 << 20 });
  const registry = await readFile(path.join(path.dirname(file), 'registry.csv'), 'utf8');
  const known = new Set(registry.split('\n').map((row) => row.slice(0, row.indexOf(','))));
  const days = new Set();
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file, { highWaterMark: 1 << 20 }) })) {
    const last = text.lastIndexOf(',') + 1;
    const isKnown = known.has(text.slice(0, text.indexOf(','))) && !text.startsWith('metering_point');
    let said = text;
    if (isKnown && ++line % 100 === 0 && last < text.length) {
      said = `${text.slice(0, last)}${(Number(text.slice(last)) + 0.001).toFixed(3)}`;
      days.add(layout === 'long' ? text.slice(0, text.indexOf('T')) : text.slice(0, text.indexOf(',', 10)));
    }
    if (!out.write(`${said}\n`)) await new Promise((resolve) => out.once('drain', resolve));
  }
  out.end();
  await new Promise((resolve) => out.once('close', resolve));
  return { path: corrected, days: days.size };
}

/** psql where there is one; else the same COPY, streamed by us. */
async function timeCopy(server, file, name) {
  const databaseUrl = await newDatabase(server, name);
  const client = await connect(databaseUrl);
  const table = 'create table plain (meter text, ts timestamptz, kwh real, primary key (meter, ts))';
  await client.query(table);
  const started = performance.now();
  try {
    await execute('psql', [databaseUrl, '-qc', `\\copy plain from '${file}' csv header`]);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    const sink = client.query(copyStreams.from('copy plain from stdin csv header'));
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), sink);
  }
  const seconds = (performance.now() - started) / 1000;
  await client.end();
  await dropDatabase(server, name);
  return seconds;
}

async function timeBare(server, file, name) {
  const seconds = await timeBarePath(await newDatabase(server, name), file);
  await dropDatabase(server, name);
  return seconds;
}

/** Into a native table, a row a reading, on disk when it ends; DuckDB validates nothing and has no key. */
async function timeDuckDb(folder, file, layout) {
  const database = path.join(folder, 'bench.duckdb');
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  await connection.run('create table plain (meter varchar, ts timestamptz, kwh float)');
  const started = performance.now();
  await connection.run(
    layout === 'long'
      ? `insert into plain select metering_point, start, kwh from read_csv('${file}')`
      : `insert into plain select metering_point, date + to_hours(clock), kwh from (
           select metering_point, date, unnest(range(24)) as clock, unnest([${HOURS.join(', ')}])::float as kwh
           from read_csv('${file}'))`,
  );
  await connection.run('checkpoint');
  const seconds = (performance.now() - started) / 1000;
  connection.closeSync();
  instance.closeSync();
  await rm(database);
  return seconds;
}
