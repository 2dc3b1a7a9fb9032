/**
 * The cost of a first import from ten thousand to a million metering points × 30 days hourly, wide layout, once each: it grows
 * with the readings and no faster. Draws docs/images/ingest-scale.svg. BENCH_SCALE names other sizes («2000,20000»); a million
 * points take 5 GB for the file, as much for its copy and in the spool, and 5 GB in the database. Each file comes a second time, and as a copy; it goes
 * the bare path as well, which checks and keeps nothing.
 *
 * The largest file then goes to a running service, whose resident set and /healthz are watched while it loads; beside it a process that does nothing
 * is asked as often.
 */
import { execFile, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { copyFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { addKey } from '../../dist/src/access/api-key.repository.js';
import { connect } from '../../dist/src/database/connection.js';
import { openUrl } from '../../dist/src/database/open-database.js';
import { simulateRegion } from '../../dist/src/simulation/simulate-region.js';
import { watchService } from './ingest/watch-service.mjs';
import { timeBarePath } from './ingest/bare-path.mjs';
import { dropDatabase, newDatabase, withServer } from './bench-region.mjs';

const execute = promisify(execFile);
const CLI = path.resolve(import.meta.dirname, '../../scripts/gridwarden.mjs');
const PICTURE = path.resolve(import.meta.dirname, '../../docs/images/ingest-scale.svg');
const SIZES = (process.env.BENCH_SCALE ?? '10000,100000,1000000').split(',').map(Number);
const DAYS = Number(process.env.BENCH_DAYS ?? 30);
const MOST_RESIDENT_MB = 400;
const MOST_HEALTH_MS = 100;

export const name = 'ingest-scale';

export async function* run() {
  yield* await withServer(async ({ folder, server }) => {
    const measured = [];
    const results = [];
    for (const points of SIZES) {
      const region = await makeRegion(folder, points);
      const bareSeconds = await timeBarePath(await newDatabase(server, `bare_${points}`), region.readings);
      await dropDatabase(server, `bare_${points}`);
      const env = await installation(server, folder, `scale_${points}`);
      const registry = await timed(env, '--registry', region.registry);
      const readings = await timed(env, region.readings);
      const again = await timed(env, region.readings);
      await copyFile(region.readings, `${region.readings}.same`);
      const elsewhere = await timed(env, `${region.readings}.same`);
      await rm(`${region.readings}.same`);
      measured.push({
        points,
        readings: region.count,
        seconds: readings,
        againSeconds: again,
        elsewhereSeconds: elsewhere,
        bareSeconds,
        registrySeconds: registry,
      });
      await dropDatabase(server, `scale_${points}`);
      await rm(env.GRIDWARDEN_DATA_DIR, { recursive: true, force: true });
      if (points === SIZES.at(-1)) results.push(...(await watched(server, folder, region)));
      await rm(region.outDir, { recursive: true });
    }
    if (process.env.BENCH_SCALE === undefined) await writeFile(PICTURE, picture(measured));
    return [...measured.flatMap((each) => perReading(each, measured[0])), ...results];
  });
}

async function makeRegion(folder, points) {
  const outDir = path.join(folder, `region-${points}`);
  const { readings: count } = await simulateRegion({ points, days: DAYS, seed: 1, outDir, layout: 'wide' });
  const readings = path.join(outDir, 'readings_wide.csv');
  return { outDir, count, readings, registry: path.join(outDir, 'registry.csv') };
}

async function installation(server, folder, name) {
  const databaseUrl = await newDatabase(server, name);
  return { ...process.env, DATABASE_URL: databaseUrl, GRIDWARDEN_DATA_DIR: path.join(folder, name) };
}

async function timed(env, ...files) {
  const started = performance.now();
  await execute(process.execPath, [CLI, 'ingest', ...files], { env, maxBuffer: 1 << 26 });
  return (performance.now() - started) / 1000;
}

/** `other`: what the smallest took for a reading. */
function perReading(size, smallest) {
  const { points, readings, seconds, bareSeconds, registrySeconds } = size;
  const later = (label, took) => ({
    name: `ingest-scale-${points}-${label}-vs-first`,
    ours: took,
    other: seconds,
    ratio: seconds / took,
    unit: 's',
  });
  const [ours, other] = [(seconds / readings) * 1e6, (smallest.seconds / smallest.readings) * 1e6];
  return [
    { name: `ingest-scale-${points}`, ours, other, ratio: other / ours, unit: 'µs/reading' },
    {
      name: `ingest-scale-${points}-vs-bare-path`,
      ours: readings / seconds,
      other: readings / bareSeconds,
      ratio: bareSeconds / seconds,
      unit: 'readings/s',
    },
    later('same-file-again', size.againSeconds),
    later('same-bytes-elsewhere', size.elsewhereSeconds),
    { name: `ingest-scale-${points}-registry`, ours: points / registrySeconds, unit: 'points/s' },
  ];
}

/** The file sent to a running service: its highest resident set in either half of the load, and its slowest /healthz. */
async function watched(server, folder, region) {
  const env = await installation(server, folder, 'watched');
  await timed(env, '--registry', region.registry);
  const key = await keyFor(env.DATABASE_URL);
  const serving = {
    ...env,
    GRIDWARDEN_PORT: '18787',
    GRIDWARDEN_SCORING_CRON: '0 0 1 1 *',
    GRIDWARDEN_LOG_LEVEL: 'fatal',
    // As the Dockerfile has it.
    MALLOC_MMAP_THRESHOLD_: '131072',
  };
  const service = spawn(process.execPath, [CLI, 'serve'], { env: serving, stdio: 'ignore' });
  const url = 'http://127.0.0.1:18787';
  try {
    while (!(await fetch(`${url}/healthz`).catch(() => null))?.ok) await sleep(100);
    const samples = watchService(service.pid, url);
    const sent = await fetch(`${url}/api/v1/uploads?filename=region.csv`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${key}`,
        'content-length': String((await stat(region.readings)).size),
      },
      body: createReadStream(region.readings, { highWaterMark: 1 << 20 }),
      duplex: 'half',
    });
    const { id } = await sent.json();
    const received = Date.now();
    await loaded(env.DATABASE_URL, id);
    return verdict(await samples(), received);
  } finally {
    service.kill('SIGTERM');
    await new Promise((resolve) => service.once('exit', resolve));
  }
}

async function keyFor(databaseUrl) {
  const database = await openUrl(databaseUrl, async () => {});
  try {
    const [{ id: utilityId }] = await database.dataSource.query(
      `select id from utility where code = 'default'`,
    );
    const now = new Date();
    const expiresAt = new Date(now.getTime() + 86_400_000);
    const owner = { owner: 'bench', role: 'utility', scopes: ['read', 'write'], utilityId, expiresAt };
    return await addKey(database.dataSource, { ...owner, createdBy: 'bench', now });
  } finally {
    await database.close();
  }
}

async function loaded(databaseUrl, id) {
  const client = await connect(databaseUrl);
  try {
    for (;;) {
      const { rows } = await client.query('select status, refusal from upload where id = $1', [id]);
      if (rows[0].status === 'loaded') return;
      if (!['received', 'loading'].includes(rows[0].status))
        throw new Error(`${rows[0].status}: ${rows[0].refusal}`);
      await sleep(250);
    }
  } finally {
    await client.end();
  }
}

/** Of the receiving, to `received` by the clock, and of the loading. */
function verdict(samples, received) {
  const highest = (part) => Math.max(...part.map(({ megabytes }) => megabytes));
  const half = samples.length >> 1;
  const [first, second] = [highest(samples.slice(0, half)), highest(samples.slice(half))];
  const most = Math.max(first, second);
  return [
    {
      name: 'ingest-resident-highest',
      ours: most,
      other: MOST_RESIDENT_MB,
      ratio: MOST_RESIDENT_MB / most,
      unit: 'MB',
    },
    {
      name: 'ingest-resident-second-half-vs-first',
      ours: second,
      other: first,
      ratio: first / second,
      unit: 'MB',
    },
    ...answered(
      'receiving',
      samples.filter(({ at }) => at < received),
    ),
    ...answered(
      'loading',
      samples.filter(({ at }) => at >= received),
    ),
  ];
}

function answered(phase, samples) {
  const slowest = Math.max(...samples.map(({ ms }) => ms));
  const slow = (which) => samples.filter((sample) => sample[which] > MOST_HEALTH_MS).length;
  return [
    {
      name: `ingest-healthz-slowest-while-${phase}`,
      ours: slowest,
      other: MOST_HEALTH_MS,
      ratio: MOST_HEALTH_MS / slowest,
      unit: 'ms',
    },
    { name: `ingest-healthz-slow-while-${phase}`, ours: slow('ms'), other: samples.length, unit: 'requests' },
    {
      name: `ingest-idle-slow-while-${phase}`,
      ours: slow('idleMs'),
      other: samples.length,
      unit: 'requests',
    },
  ];
}

/** Seconds over readings, both logarithmic: a straight line of slope one is what linear looks like. */
function picture(measured) {
  const [width, height, left, bottom] = [640, 360, 70, 300];
  const x = (readings) => left + ((Math.log10(readings) - 6.5) / 2.75) * (width - left - 30);
  const y = (seconds) => bottom - ((Math.log10(seconds) + 0.5) / 3) * (bottom - 30);
  const last = measured.at(-1);
  const linear = (readings) => (last.seconds * readings) / last.readings;
  const ends = [measured[0].readings, last.readings];
  const line = ends
    .map((readings) => `${x(readings).toFixed(1)},${y(linear(readings)).toFixed(1)}`)
    .join(' ');
  const dots = measured.map(
    ({ points, readings, seconds }) =>
      `  <circle cx="${x(readings).toFixed(1)}" cy="${y(seconds).toFixed(1)}" r="5" fill="#1f6feb"/>
  <text x="${(x(readings) - 8).toFixed(1)}" y="${(y(seconds) - 10).toFixed(1)}" text-anchor="end">${points.toLocaleString('en')} points: ${seconds.toFixed(1)} s</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">
  <rect width="${width}" height="${height}" fill="#fff"/>
  <path d="M${left} 30V${bottom}H${width - 30}" fill="none" stroke="#57606a"/>
  <text x="${left}" y="20">seconds for a first import (logarithmic)</text>
  <text x="${width - 30}" y="${bottom + 30}" text-anchor="end">readings, ${DAYS} days hourly (logarithmic); dashed: what linear cost would be</text>
  <polyline points="${line}" fill="none" stroke="#57606a" stroke-dasharray="5 4"/>
${dots.join('\n')}
</svg>
`;
}
