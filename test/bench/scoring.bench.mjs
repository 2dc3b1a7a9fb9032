/**
 * Scoring of stored profiles, from rows in PostgreSQL to written scores, in points a second; and the share of it that
 * is arithmetic: one pass of our features over a point's window against the same kind of numbers (mean, sd, quantiles,
 * hourly means) by simple-statistics, side by side.
 */
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import * as statistics from 'simple-statistics';
import { loadConfig } from '../../dist/src/config/config.js';
import { openUrl } from '../../dist/src/database/open-database.js';
import { scorePoints } from '../../dist/src/detection/score-points.js';
import { loadRulebook } from '../../dist/src/rulebook/rulebook-file.js';
import { ingestFile } from '../../dist/src/uploads/ingest-file.js';
import { benchRegion, median, newDatabase, ROUNDS, withServer } from './bench-region.mjs';

export const name = 'scoring';

export async function* run() {
  const measured = await withServer(async ({ folder, server }) => {
    const region = await benchRegion(folder, 'wide');
    const database = await openUrl(await newDatabase(server, 'scoring'), async () => {});
    const config = loadConfig({ GRIDWARDEN_DATA_DIR: path.join(folder, 'service') });
    try {
      await load(database, config, region.outDir);
      const rulebook = loadRulebook(config.rulebookFile);
      const seconds = [];
      let points = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const started = performance.now();
        points = (await scorePoints(database, { rulebook, now: new Date() })).points;
        seconds.push((performance.now() - started) / 1000);
      }
      return { pointsPerSecond: points / median(seconds), plain: plainPointsPerSecond(region.days * 24) };
    } finally {
      await database.close();
    }
  });
  const { pointsPerSecond, plain } = measured;
  yield {
    name: 'scoring-vs-plain-statistics',
    ours: pointsPerSecond,
    other: plain,
    ratio: pointsPerSecond / plain,
    unit: 'points/s',
  };
}

async function load(database, config, outDir) {
  const files = [
    ['registry', 'registry.csv'],
    ['weather', 'weather.csv'],
    ['readings', 'readings_wide.csv'],
  ];
  for (const [kind, file] of files) {
    const request = { path: path.join(outDir, file), kind, utility: 'bench', zone: null };
    const { receipt } = await ingestFile(database, config, request);
    if (receipt.status !== 'loaded') throw new Error(`${file}: ${receipt.refusal}`);
  }
}

/** Twelve plain features of one point by simple-statistics, data already in memory: no reading, no findings, no writing. */
function plainPointsPerSecond(hours) {
  const load = Array.from(
    { length: hours },
    (_, hour) => 0.3 + 0.2 * Math.sin(hour / 4) + ((hour * 7919) % 97) / 300,
  );
  const started = performance.now();
  let points = 0;
  for (; performance.now() - started < 2000; points++) {
    const byHour = Array.from({ length: 24 }, (_, h) => statistics.mean(load.filter((_, i) => i % 24 === h)));
    statistics.mean(load);
    statistics.standardDeviation(load);
    for (const p of [0.05, 0.25, 0.5, 0.75, 0.95]) statistics.quantile(load, p);
    statistics.medianAbsoluteDeviation(load);
    statistics.max(byHour);
    statistics.min(byHour);
  }
  return points / ((performance.now() - started) / 1000);
}
