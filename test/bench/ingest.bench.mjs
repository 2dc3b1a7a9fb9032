/**
 * `gridwarden ingest` of a long CSV (whole process: receive, hash, spool, validate, store with revisions) against
 * `psql \copy` of the same readings into a plain table (meter, ts, kwh) with its primary key. In turn, A B A B.
 */
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import copyStreams from 'pg-copy-streams';
import { connect } from '../../dist/src/database/connection.js';
import { benchRegion, dropDatabase, median, newDatabase, ROUNDS, withServer } from './bench-region.mjs';

const execute = promisify(execFile);
const CLI = path.resolve(import.meta.dirname, '../../scripts/gridwarden.mjs');

export const name = 'ingest';

export async function* run() {
  for (const layout of ['long', 'wide']) yield* compare(layout);
}

/** `wide` is held against the same COPY of the long file: psql can't read the wide one into such a table. */
async function* compare(layout) {
  const { readings, times } = await withServer(async ({ folder, server }) => {
    const { outDir, readings } = await benchRegion(folder, 'long');
    const long = path.join(outDir, 'readings.csv');
    const file =
      layout === 'long' ? long : path.join((await benchRegion(folder, 'wide')).outDir, 'readings_wide.csv');
    const times = { ingest: [], copy: [], again: [] };
    for (let round = 0; round < ROUNDS; round++) {
      times.copy.push(await timeCopy(server, long, `copy_${round}`));
      const ours = await timeIngest(server, outDir, file, folder, `ours_${round}`);
      times.ingest.push(ours.first);
      times.again.push(ours.again);
    }
    return { readings, times };
  });
  yield {
    name: `ingest-${layout}-vs-psql-copy`,
    ours: readings / median(times.ingest),
    other: readings / median(times.copy),
    ratio: median(times.ingest.map((seconds, round) => times.copy[round] / seconds)),
    unit: 'readings/s',
  };
  yield {
    name: `ingest-${layout}-same-file-again-vs-first`,
    ours: median(times.again),
    other: median(times.ingest),
    ratio: median(times.ingest.map((seconds, round) => seconds / times.again[round])),
    unit: 's',
  };
}

async function timeIngest(server, regionDir, file, folder, name) {
  const databaseUrl = await newDatabase(server, name);
  const dataDir = path.join(folder, name);
  const env = { ...process.env, DATABASE_URL: databaseUrl, GRIDWARDEN_DATA_DIR: dataDir };
  await execute(process.execPath, [CLI, 'ingest', '--registry', path.join(regionDir, 'registry.csv')], {
    env,
  });
  const once = async () => {
    const started = performance.now();
    await execute(process.execPath, [CLI, 'ingest', file], { env, maxBuffer: 1 << 26 });
    return (performance.now() - started) / 1000;
  };
  const first = await once();
  const again = await once();
  await dropDatabase(server, name);
  return { first, again };
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
