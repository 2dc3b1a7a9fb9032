/**
 * The yardstick for a run over everything: from stored days to scores written when nothing is explained. Two threads, each with half
 * of the households and connections of its own, read the day rows, compute twelve plain features, sum the load of each
 * transformer, sort six features for comparison with others, and write one number a household into a new table with its primary
 * key. No law, no detectors, no reasons, no balance's loss model, no quota, no comparison with what is stored.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as breathe } from 'node:timers/promises';
import { connect } from '../../../dist/src/database/connection.js';
import { copyIn, copyOut } from '../../../dist/src/database/copy-binary.js';
import { inThread, workOnPart } from '../part-thread.mjs';
import { plainFeatures } from './plain-features.mjs';

const THREADS = 2;
const POINTS_OF_A_BLOCK = 4_000;
const HOURS = 24;
const MISSING = 65_535;
/** For comparison with others. */
const SORTED_FEATURES = 6;

/** Seconds for `days` days from `firstDay` on; `temperatureC` is of each. The table of scores is dropped. */
export async function timeBarePath(url, { firstDay, days, temperatureC }) {
  const client = await connect(url);
  try {
    await client.query(
      'create table bare_score (metering_point_id integer primary key, score float8 not null)',
    );
    const started = performance.now();
    const points = await households(client);
    const size = Math.ceil(points.length / 2 / THREADS) * 2;
    const parts = Array.from({ length: THREADS }, (_, n) => points.subarray(n * size, (n + 1) * size));
    await Promise.all(
      parts.map((points) => inThread(import.meta.url, { url, points, firstDay, days, temperatureC })),
    );
    return (performance.now() - started) / 1000;
  } finally {
    await client.query('drop table if exists bare_score');
    await client.end();
  }
}

/** Pairs of a household's id and its transformer's, in the order of the former. */
async function households(client) {
  const pairs = [];
  const sql = `copy (select id, coalesce(transformer_id, 0) from metering_point where kind = 'household' order by id)
    to stdout (format binary)`;
  await copyOut(client, sql, 2, (row) => pairs.push(row.int4(0), row.int4(1)));
  return Int32Array.from(pairs);
}

async function work({ url, points, firstDay, days, temperatureC }) {
  const [reader, writer] = await Promise.all([connect(url), connect(url)]);
  const count = points.length / 2;
  const hours = days * HOURS;
  const loads = [0, 1].map(() => new Float32Array(Math.min(POINTS_OF_A_BLOCK, count) * hours));
  const columns = Array.from({ length: SORTED_FEATURES }, () => new Float32Array(count));
  const transformers = new Map();
  const read = async (from, kw) => {
    const end = Math.min(from + POINTS_OF_A_BLOCK, count);
    if (from < end)
      await readDays(reader, points.subarray(from * 2, end * 2), { kw: kw.fill(NaN), firstDay, hours });
  };
  await read(0, loads[0]);
  for (let from = 0, turn = 0; from < count; from += POINTS_OF_A_BLOCK, turn++) {
    const reading = read(from + POINTS_OF_A_BLOCK, loads[(turn + 1) % 2]);
    const kw = loads[turn % 2];
    const end = Math.min(from + POINTS_OF_A_BLOCK, count);
    const scores = new Float64Array(end - from);
    for (let at = from; at < end; at++) {
      const hourlyKw = kw.subarray((at - from) * hours, (at - from + 1) * hours);
      const features = plainFeatures({ hourlyKw, days, firstDay }, temperatureC);
      scores[at - from] = features[5];
      for (let n = 0; n < SORTED_FEATURES; n++) columns[n][at] = features[n];
      addTo(transformers, points[at * 2 + 1], hourlyKw);
      // So that rows keep coming in.
      if (at % 64 === 0) await breathe();
    }
    await writeScores(writer, points.subarray(from * 2), scores);
    await reading;
  }
  for (const column of columns) column.sort();
  await Promise.all([reader.end(), writer.end()]);
}

async function readDays(client, points, { kw, firstDay, hours }) {
  const slots = new Map();
  for (let at = 0; at < points.length; at += 2) slots.set(points[at], at / 2);
  const sql = `copy (select metering_point_id, day, scale, energy from load_profile
    where metering_point_id between ${points[0]} and ${points.at(-2)}) to stdout (format binary)`;
  await copyOut(client, sql, 4, (row) => {
    const slot = slots.get(row.int4(0));
    if (slot === undefined || row.lengths[3] !== HOURS * 2) return;
    const at = slot * hours + (row.date(1) - firstDay) * HOURS;
    const unit = 10 ** (row.int2(2) - 3);
    const { buffer, starts } = row;
    for (let hour = 0, from = starts[3]; hour < HOURS; hour++, from += 2) {
      const value = buffer[from] | (buffer[from + 1] << 8);
      if (value !== MISSING) kw[at + hour] = value * unit;
    }
  });
}

function addTo(transformers, id, hourlyKw) {
  let sum = transformers.get(id);
  if (sum === undefined) transformers.set(id, (sum = new Float32Array(hourlyKw.length)));
  for (let hour = 0; hour < sum.length; hour++) {
    const kw = hourlyKw[hour];
    if (kw === kw) sum[hour] += kw;
  }
}

async function writeScores(client, points, scores) {
  let next = 0;
  await copyIn(client, 'copy bare_score (metering_point_id, score) from stdin (format binary)', (encoder) => {
    if (next === scores.length) return false;
    encoder.row(2);
    encoder.int4(points[next * 2]);
    encoder.float8(scores[next++]);
    return true;
  });
}

await workOnPart(work);
