/** What the benchmarks share: a simulated region on disk, a scratch database, and medians. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  connectionUrl,
  DEFAULT_SYSTEM_FOLDER,
  startServer,
} from '../../dist/src/database/embedded-postgres.js';
import { adminClient, stopServer } from '../../dist/src/database/embedded/server.js';
import { simulateRegion } from '../../dist/src/simulation/simulate-region.js';

const ROLE = 'gridwarden';

/** A scratch folder with its own PostgreSQL, removed afterwards whatever happens. */
export async function withServer(work) {
  const folder = await mkdtemp(path.join(tmpdir(), 'gridwarden-bench-'));
  // Run as root, PostgreSQL is another user and must get through.
  await chmod(folder, 0o711);
  const options = { systemFolder: DEFAULT_SYSTEM_FOLDER, say: () => {} };
  const server = await startServer(path.join(folder, 'data'), options);
  try {
    return await work({ folder, server });
  } finally {
    await stopServer(server);
    await rm(folder, { recursive: true, force: true });
  }
}

/** A new empty database on the server; returns its URL. */
export async function newDatabase(server, name) {
  await asSuperuser(server, `create database ${name} owner ${ROLE}`);
  return connectionUrl(server, ROLE, name);
}

export async function dropDatabase(server, name) {
  await asSuperuser(server, `drop database ${name} with (force)`);
}

async function asSuperuser(server, sql) {
  const client = adminClient(server, 'gridwarden bench');
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** The region the numbers in docs/performance.md are of; smaller by BENCH_POINTS and BENCH_DAYS for a trial. */
export async function benchRegion(folder, layout = 'long', usualDays = 30) {
  const points = Number(process.env.BENCH_POINTS ?? 20_000);
  const days = Number(process.env.BENCH_DAYS ?? usualDays);
  const outDir = path.join(folder, `region-${layout}`);
  const summary = await simulateRegion({ points, days, seed: 1, outDir, layout });
  return { outDir, points, days, readings: summary.readings };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
