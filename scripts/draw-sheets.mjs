/**
 * `node scripts/draw-sheets.mjs`: draws each dashboard into docs/dashboards/, from its own queries over a simulated region
 * that a running service serves and a real Prometheus (Debian's) scrapes. Grafana itself is not needed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promtoolFolder } from './promtool.mjs';
import { exitWith, root, say, setup } from './setup.mjs';
import { sheetSvg } from './sheet-svg.mjs';

const SECONDS = 60;
const STEP = 2;
const OUT = path.join(root, 'docs', 'dashboards');

await exitWith(async () => {
  await setup();
  const folder = promtoolFolder();
  if (folder === null) return 1;
  const { withServer, newDatabase } = await import('../test/bench/bench-region.mjs');
  await withServer(async ({ folder: scratch, server }) => {
    const region = await openRegion(scratch, await newDatabase(server, 'sheets'));
    const prometheus = await startPrometheus(path.join(folder, 'prometheus'), scratch, region);
    try {
      say(`watching the service for ${SECONDS} s`);
      await useService(region, SECONDS);
      mkdirSync(OUT, { recursive: true });
      for (const file of readdirSync(path.join(root, 'grafana', 'dashboards'))) {
        const dashboard = JSON.parse(readFileSync(path.join(root, 'grafana', 'dashboards', file), 'utf8'));
        await draw(dashboard, path.basename(file, '.json'), prometheus.url, region.database);
      }
    } finally {
      prometheus.child.kill('SIGKILL');
      await once(prometheus.child, 'exit');
      await region.service.close();
      await region.database.close();
    }
  });
  return 0;
});

/** A region that was taken in and scored, with cases, some of them dealt and decided; served. */
async function openRegion(scratch, url) {
  const from = (name) => import(path.join(root, 'dist', 'src', name));
  const { openUrl } = await from('database/open-database.js');
  const { loadConfig } = await from('config/config.js');
  const { simulateRegion } = await from('simulation/simulate-region.js');
  const { ingestFile } = await from('uploads/ingest-file.js');
  const { scorePoints } = await from('detection/score-points.js');
  const { loadRulebook } = await from('rulebook/rulebook-file.js');
  const { updateAlerts } = await from('alerts/update-alerts.js');
  const { followAlerts } = await from('cases/follow-alerts.js');
  const { startService } = await from('http/service.js');
  const { AppModule } = await from('app.module.js');
  const { addKey } = await from('access/api-key.repository.js');
  const database = await openUrl(url, async () => {});
  const { openWitnessKey } = await from('audit/key-files.js');
  const stateFile = path.join(scratch, 'witness.txt');
  const { key: witness } = await openWitnessKey(`${stateFile}.key`, 'tax.example/witness');
  const config = loadConfig({
    GRIDWARDEN_WITNESS_KEYS: witness.verifier.text,
    GRIDWARDEN_CHECKPOINT_CRON: '*/10 * * * * *',
    GRIDWARDEN_DATA_DIR: path.join(scratch, 'service'),
    GRIDWARDEN_LOG_LEVEL: 'fatal',
    GRIDWARDEN_SCORING_CRON: '*/1 * * * *',
    GRIDWARDEN_PORT: '0',
  });
  const outDir = path.join(scratch, 'region');
  await simulateRegion({ points: 1000, days: 75, seed: 1, outDir });
  for (const [name, kind] of [
    ['registry.csv', 'registry'],
    ['weather.csv', 'weather'],
    ['readings.csv', 'readings'],
    ['transformer_readings.csv', 'transformer-readings'],
  ])
    await ingestFile(database, config, { path: path.join(outDir, name), kind, utility: 'demo', zone: null });
  const now = new Date();
  const scored = await scorePoints(database, { rulebook: loadRulebook(config.rulebookFile), now });
  await updateAlerts(database, scored.runId, now, followAlerts);
  const service = await startService((...over) => AppModule.over(...over), config, database);
  const [{ id: demo }] = await database.dataSource.query(`select id from utility where code = 'demo'`);
  const key = (role, utilityId = null) =>
    addKey(database.dataSource, {
      owner: role,
      role,
      scopes: ['read', 'write'],
      utilityId,
      expiresAt: new Date(now.getTime() + 3_600_000),
      createdBy: 'sheets',
      now,
    });
  const keys = {
    metricsKey: await key('metrics'),
    readerKey: await key('auditor'),
    senderKey: await key('utility', demo),
  };
  const witnessed = await witnessOf(service.url, config.dataDir, stateFile);
  return { database, service, ...keys, witnessed, readings: path.join(outDir, 'readings.csv') };
}

/** What an institution outside does: looks whether the log has only grown, and tells that it saw it. */
async function witnessOf(url, dataDir, stateFile) {
  const from = (name) => import(path.join(root, 'dist', 'src', 'audit', name));
  const { publicLogKey } = await from('key-files.js');
  const { serviceSource } = await from('log-source.js');
  const { witnessLog } = await from('witness.js');
  return async () => {
    const logKey = await publicLogKey(dataDir);
    if (logKey === null) return;
    const request = { stateFile, name: null, logKey, now: new Date() };
    const { checkpoint } = await witnessLog(serviceSource(url), request);
    await serviceSource(url).handIn(checkpoint);
  };
}

async function startPrometheus(program, scratch, { service, metricsKey }) {
  cpSync(path.join(root, 'grafana', 'prometheus'), scratch, { recursive: true });
  writeFileSync(path.join(scratch, 'gridwarden.key'), metricsKey);
  const file = path.join(scratch, 'prometheus.yml');
  const text = readFileSync(file, 'utf8')
    .replaceAll('15s', '1s')
    .replace('127.0.0.1:8787', new URL(service.url).host);
  writeFileSync(file, text);
  const port = await freePort();
  const child = spawn(
    program,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${scratch}/tsdb`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  return { child, url: `http://127.0.0.1:${port}` };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** What people and programs ask for, a few times a second. */
async function useService({ service, readerKey, senderKey, readings, witnessed }, seconds) {
  const [header, ...lines] = readFileSync(readings, 'utf8').split('\n', 200_000);
  const paths = [
    'alerts',
    'cases',
    'transformers',
    'metering-points',
    'uploads',
    'territories/hidden-load',
    'alerts/999999',
  ];
  const end = Date.now() + seconds * 1000;
  for (let turn = 0; Date.now() < end; turn++) {
    if (turn % 30 === 5) {
      // Sent before, every third value another one than then: what a correction looks like.
      const part = lines.slice(turn * 200, turn * 200 + 4_000);
      const text = [header, ...part.map((line, at) => (at % 3 === 0 ? `${line}1` : line))].join('\n');
      await ask(service, 'uploads?kind=readings&utility=demo&filename=more.csv', senderKey, text);
    }
    if (turn % 60 === 55) await witnessed();
    await ask(service, paths[turn % paths.length], readerKey);
    await sleep(150 + 350 * Math.abs(Math.sin(turn / 40)));
  }
}

async function ask(service, what, key, body) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/csv' };
  const method = body === undefined ? 'GET' : 'POST';
  const response = await fetch(`${service.url}/api/v1/${what}`, { method, headers, body });
  await response.arrayBuffer();
}

async function draw(dashboard, name, prometheus, database) {
  const to = Math.floor(Date.now() / 1000);
  const from = to - SECONDS;
  const panels = [];
  for (const panel of dashboard.panels)
    panels.push({ ...panel, ...(await answer(panel, { prometheus, database, from, to })) });
  const svg = sheetSvg({ title: dashboard.title, question: dashboard.description, panels, from, to });
  const file = path.join(OUT, `${name}.svg`);
  writeFileSync(file, svg);
  say(`drew ${path.relative(root, file)}`);
}

async function answer({ type, targets = [] }, { prometheus, database, from, to }) {
  if (type === 'row') return {};
  if (targets[0].rawSql !== undefined) {
    const found = await database.dataSource.query(targets[0].rawSql);
    const columns = Object.keys(found[0] ?? {});
    const number = (value) => (/^-?\d+(\.\d+)?$/.test(String(value)) ? Number(value) : value);
    return {
      table: { isPlain: true, columns, rows: found.map((row) => columns.map((name) => number(row[name]))) },
    };
  }
  const results = await Promise.all(
    targets.map(async ({ expr, legendFormat }) => {
      const asked = expr.replaceAll('$__rate_interval', '20s').replaceAll(/\$(region|utility)\b/g, '.*');
      const url = `${prometheus}/api/v1/query_range?query=${encodeURIComponent(asked)}&start=${from}&end=${to}&step=${STEP}`;
      const { status, error, data } = await (await fetch(url)).json();
      if (status !== 'success') throw new Error(`${asked}: ${error}`);
      return data.result.map(({ metric, values }) => ({
        metric,
        name: nameOf(metric, legendFormat),
        points: values
          .map(([at, value]) => [at, Number(value)])
          .filter(([, value]) => Number.isFinite(value)),
      }));
    }),
  );
  const series = results.flat().filter(({ points }) => points.length > 0);
  return type === 'table' ? { table: tableOf(series) } : { series };
}

function nameOf(metric, format) {
  if (format) return format.replaceAll(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? '');
  return Object.entries(metric)
    .filter(([label]) => label !== '__name__')
    .map(([, value]) => value)
    .join(' ');
}

/** As Grafana's table of an instant query: a column for each label, and the value. */
function tableOf(series) {
  const labels = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))].filter(
    (label) => label !== '__name__',
  );
  const rows = series.map(({ metric, points }) => [
    ...labels.map((label) => metric[label] ?? ''),
    points.at(-1)[1],
  ]);
  return { columns: [...labels, 'Value'], rows: rows.sort((a, b) => b.at(-1) - a.at(-1)) };
}
