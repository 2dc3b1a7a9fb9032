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

const run = promisify(execFile);
const CLI = path.resolve('dist/src/cli.js');

export const name = 'ingest';

export async function* bench(layout) {
  const results = await withServer(async ({ folder, url }) => {
    const region = await benchRegion(folder, 'long');
    const file = path.join(
      layout === 'long' ? region.outDir : (await benchRegion(folder, layout)).outDir,
      layout === 'long' ? 'readings.csv' : 'readings_wide.csv',
    );
    const long = path.join(region.outDir, 'readings.csv');
    const times = { ingest: [], copy: [], again: [], compared: [] };
    for (let round = 0; round < ROUNDS; round++) {
      times.copy.push(await timeCopy(url, long, `copy_${round}`));
      const ours = await timeIngest(url, region.outDir, file, folder, `ours_${round}`);
      times.ingest.push(ours.first);
      times.again.push(ours.again);
    }
    return { readings: region.readings, times };
  });
  const { readings, times } = results;
  const perSecond = (seconds) => readings / median(seconds);
  yield {
    name: `ingest-${layout}-vs-psql-copy`,
    ours: perSecond(times.ingest),
    other: perSecond(times.copy),
    ratio: median(times.ingest.map((seconds, round) => times.copy[round] / seconds)),
    unit: 'readings/s',
  };
  yield {
    name: `ingest-${layout}-same-file-again`,
    ours: median(times.again),
    other: median(times.ingest),
    ratio: median(times.ingest.map((seconds, round) => seconds / times.again[round])),
    unit: 's',
  };
}

export async function* run_() {
  yield* bench('long');
  yield* bench('wide');
}
export { run_ as run };

async function timeIngest(url, regionDir, file, folder, name) {
  const databaseUrl = await newDatabase(url, name);
  const dataDir = path.join(folder, name);
  const env = { ...process.env, DATABASE_URL: databaseUrl, GRIDWARDEN_DATA_DIR: dataDir };
  await run(process.execPath, [CLI, 'ingest', '--registry', path.join(regionDir, 'registry.csv')], { env });
  const once = async () => {
    const started = performance.now();
    await run(process.execPath, [CLI, 'ingest', file], { env, maxBuffer: 1 << 26 });
    return (performance.now() - started) / 1000;
  };
  const first = await once();
  const again = await once();
  await dropDatabase(url, name);
  return { first, again };
}

/** psql where there is one; else the same COPY, streamed by us. */
async function timeCopy(url, file, name) {
  const databaseUrl = await newDatabase(url, name);
  const client = await connect(databaseUrl);
  const table = 'create table plain (meter text, ts timestamptz, kwh real, primary key (meter, ts))';
  await client.query(table);
  const started = performance.now();
  try {
    await run('psql', [databaseUrl, '-qc', `\\copy plain from '${file}' csv header`]);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    const sink = client.query(copyStreams.from('copy plain from stdin csv header'));
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), sink);
  }
  const seconds = (performance.now() - started) / 1000;
  await client.end();
  await dropDatabase(url, name);
  return seconds;
}
