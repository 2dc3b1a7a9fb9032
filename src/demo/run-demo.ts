import path from 'node:path';
import type { Client } from 'pg';
import { updateAlerts } from '../alerts/update-alerts.js';
import type { Config } from '../config/config.js';
import { RefusedError } from '../config/errors.js';
import { openDatabase } from '../database/open-database.js';
import type { Database } from '../database/open-database.js';
import { compareWithTruth, readFlagged, readHidden } from './demo-report.js';
import { renderNextSteps, renderSummary } from './demo-summary.js';
import { scorePoints } from '../detection/score-points.js';
import { isoFromDay } from '../grid/domain/calendar.js';
import { loadRulebook } from '../rulebook/rulebook-file.js';
import { startService, stopped, stopSignal } from '../http/service.js';
import type { RootModule, Service } from '../http/service.js';
import { simulateRegion } from '../simulation/simulate-region.js';
import { Steps } from './steps.js';
import { ingestFile } from '../uploads/ingest-file.js';
import type { UploadKind } from '../uploads/upload.entity.js';

export interface DemoOptions {
  readonly points: number;
  readonly days: number;
  readonly seed: number;
  /** Stop after the summary; else the service stays up until a signal. */
  readonly once: boolean;
}

/** In the order they go in: the registry first, or every reading would be held. */
const FILES: readonly { readonly name: string; readonly kind: UploadKind }[] = [
  { name: 'registry.csv', kind: 'registry' },
  { name: 'weather.csv', kind: 'weather' },
  { name: 'readings.csv', kind: 'readings' },
  { name: 'transformer_readings.csv', kind: 'transformer-readings' },
];

const UTILITY = 'demo';
const PLAIN_COLUMNS = 120;

/**
 * Simulates a region, takes it in, scores it, prints who was flagged, and serves it. Each region has a data folder and
 * a database of its own, so that a second run finds everything in place and says the same. Returns the number of
 * households flagged. Throws {@link RefusedError} when the same region's demo is running already.
 */
export async function runDemo(root: RootModule, config: Config, options: DemoOptions): Promise<number> {
  const stop = stopSignal();
  const name = `${options.points}x${options.days}-${options.seed}`;
  const demoConfig: Config = {
    ...config,
    dataDir: path.join(config.dataDir, 'demo', name),
    databaseUrl: null,
  };
  const steps = new Steps(process.stderr);
  process.stderr.write('\n');
  const database = await steps.run(
    'database',
    () => openDatabase(demoConfig),
    () => `ready in ${demoConfig.dataDir}`,
  );
  try {
    const lock = await refuseSecondDemo(database);
    try {
      const flagged = await fillAndReport(demoConfig, database, options, { steps, stop });
      if (!options.once) await serveUntil(stop, root, demoConfig, database);
      return flagged;
    } finally {
      await lock.end();
    }
  } finally {
    await database.close();
  }
}

/** How a demo speaks and when it ends early. What has been taken in by then stands, and the next run finds it. */
interface Course {
  readonly steps: Steps;
  readonly stop: AbortSignal;
}

async function fillAndReport(
  config: Config,
  database: Database,
  options: DemoOptions,
  course: Course,
): Promise<number> {
  const { points, days, seed } = options;
  const region = path.join(config.dataDir, 'region');
  await course.steps.run(
    'simulated region',
    (show) =>
      simulateRegion({
        points,
        days,
        seed,
        outDir: region,
        onProgress: (done) => {
          course.stop.throwIfAborted();
          show(`${count(done)} of ${count(points)} points`);
        },
      }),
    (made) => `${count(made.points)} metering points × ${days} days, ${count(made.readings)} readings`,
  );
  for (const { name, kind } of FILES) {
    course.stop.throwIfAborted();
    await takeIn(config, database, { file: path.join(region, name), kind }, course);
  }
  const asOf = await score(config, database, course);
  const flagged = await readFlagged(database, asOf);
  const hidden = await readHidden(database);
  const outcomes = await compareWithTruth(path.join(region, 'truth.csv'), flagged, hidden);
  process.stdout.write(
    renderSummary(
      { points, days, seed, asOf, flagged, hidden, outcomes },
      { columns: process.stdout.columns ?? PLAIN_COLUMNS, colour: wantsColour() },
    ),
  );
  return flagged.length;
}

async function takeIn(
  config: Config,
  database: Database,
  { file, kind }: { readonly file: string; readonly kind: UploadKind },
  { steps }: Course,
): Promise<void> {
  const { receipt } = await steps.run(
    path.basename(file),
    (show) =>
      ingestFile(database, config, {
        path: file,
        kind,
        utility: UTILITY,
        zone: null,
        onProgress: ({ bytesDone, bytesTotal }) =>
          show(bytesTotal ? `${Math.floor((100 * bytesDone) / bytesTotal)} %` : ''),
      }),
    ({ receipt: { counts }, repeated }) => {
      const notes = [`${count(counts.accepted)} accepted`];
      if (counts.rejected > 0) notes.push(`${count(counts.rejected)} rejected`);
      if (counts.held > 0) notes.push(`${count(counts.held)} held: not in the registry`);
      return repeated ? `${notes.join(', ')}; received before, nothing written` : notes.join(', ');
    },
  );
  if (receipt.status !== 'loaded')
    throw new RefusedError(`${receipt.filename} was ${receipt.status}: ${receipt.refusal}`);
}

/** Scores every point and opens the alerts; returns the as-of day as an ISO date. */
async function score(config: Config, database: Database, { steps, stop }: Course): Promise<string> {
  const rulebook = loadRulebook(config.rulebookFile);
  const now = new Date();
  const summary = await steps.run(
    'scoring',
    (show) =>
      scorePoints(database, {
        rulebook,
        now,
        signal: stop,
        onProgress: ({ done, total }) => show(`${count(done)} of ${count(total)} points`),
      }),
    (result) =>
      result
        ? `${count(result.points)} points, ${count(Math.round(result.points / result.seconds))} a second`
        : '',
  );
  if (summary === null)
    throw new RefusedError(
      'None of the simulated readings were taken in: is the clock of this machine right?',
    );
  await steps.run(
    'alerts',
    () => updateAlerts(database, summary.runId, now),
    ({ opened, fired, resolved }) =>
      `${count(opened)} new, ${count(fired)} newly firing, ${count(resolved)} resolved`,
  );
  return isoFromDay(summary.asOf);
}

async function serveUntil(
  stop: AbortSignal,
  root: RootModule,
  config: Config,
  database: Database,
): Promise<void> {
  const service = await startOnAnyPort(root, config, database);
  process.stdout.write(renderNextSteps(service.url, config.dataDir, wantsColour()));
  await stopped(stop);
  await service.close();
}

/** The demo's address is printed at its end: when the usual port is taken, any other one is as good. */
async function startOnAnyPort(root: RootModule, config: Config, database: Database): Promise<Service> {
  try {
    return await startService(root, config, database);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    process.stderr.write(`gridwarden: ${error.message} Taking a free one.\n`);
    return startService(root, { ...config, port: 0 }, database);
  }
}

/**
 * Locks the demo's database for this process, until the connection ends. Two demos of one region would load the same
 * files into it at once.
 */
async function refuseSecondDemo(database: Database): Promise<Client> {
  const client = await database.connect();
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_lock(hashtext('gridwarden.demo')) as locked`,
  );
  if (rows[0].locked) return client;
  await client.end();
  throw new RefusedError(
    'This demo is running already, in another process; stop that one, or give another --seed.',
  );
}

function wantsColour(): boolean {
  return process.stdout.isTTY && !process.env.NO_COLOR;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
