import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { updateAlerts } from '../../src/alerts/update-alerts.js';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/config/config.js';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { startService, type Service } from '../../src/http/service.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { simulateRegion } from '../../src/simulation/simulate-region.js';
import { ingestFile } from '../../src/uploads/ingest-file.js';
import { DASHBOARDS } from '../../grafana/source/dashboards.js';
import { mintKey } from '../support/access.js';
import { testDatabase, testRunFolder } from '../support/database.js';
import { describeWithDebian, PROMETHEUS } from '../support/debian.js';
import { freePort } from '../support/free-port.js';
import { eventually } from '../support/process.js';

const SERIES_LIMIT = 2_000;
const SCRAPE_LIMIT_SECONDS = 0.2;

interface Query {
  readonly name: string;
  readonly expr: string;
}

/** Every query of every panel, with Grafana's own variables as it would fill them in. */
const QUERIES: Query[] = Object.entries(DASHBOARDS).flatMap(([dashboard, { panels = [] }]) =>
  panels.flatMap((panel) =>
    targetsOf(panel).flatMap(({ refId, expr }) =>
      expr === undefined
        ? []
        : {
            name: `${dashboard}: ${panel.title} ${refId}`,
            expr: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(region|utility)\b/g, '.*'),
          },
    ),
  ),
);

function targetsOf(panel: object): { refId: string; expr?: string }[] {
  return 'targets' in panel ? (panel.targets as { refId: string; expr?: string }[]) : [];
}

/** A simulated region that was taken in and scored, served; Prometheus, which scrapes it by the rules that we ship. */
describeWithDebian('a real Prometheus over the running service', [PROMETHEUS], (program) => {
  let database: Database;
  let service: Service;
  let prometheus: ChildProcess;
  let url: string;

  beforeAll(async () => {
    const folder = mkdtempSync(path.join(testRunFolder(), 'prometheus-'));
    database = await testDatabase();
    const env = {
      GRIDWARDEN_DATA_DIR: folder,
      GRIDWARDEN_LOG_LEVEL: 'fatal',
      GRIDWARDEN_SCORING_CRON: '0 0 1 1 *',
      GRIDWARDEN_PORT: '0',
    };
    const config = loadConfig(env);
    await fill(database, config, folder);
    service = await startService((...over) => AppModule.over(...over), config, database);
    writeFileSync(path.join(folder, 'gridwarden.key'), await mintKey(database, 'metrics'));
    await fetch(`${service.url}/api/v1/alerts`);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    cpSync(path.join(projectRoot, 'grafana', 'prometheus'), folder, { recursive: true });
    const text = readFileSync(path.join(folder, 'prometheus.yml'), 'utf8')
      .replaceAll('15s', '1s')
      .replace('127.0.0.1:8787', new URL(service.url).host);
    writeFileSync(path.join(folder, 'prometheus.yml'), text);
    prometheus = spawn(
      program,
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/tsdb`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    // Two scrapes for a rate, and the rules after them.
    await eventually(async () => (await ask('gridwarden:http_requests:rate5m > 0')).length > 0, 60_000);
  }, 300_000);

  afterAll(async () => {
    if (prometheus.exitCode === null) {
      prometheus.kill('SIGKILL');
      await once(prometheus, 'exit');
    }
    await service.close();
    await database.close();
  });

  type Sample = { readonly metric: Record<string, string>; readonly value: [number, string] };
  async function ask(query: string): Promise<Sample[]> {
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`).catch(() => null);
    if (response === null || response.status === 503) return [];
    const { status, error, data } = (await response.json()) as {
      status: string;
      error?: string;
      data?: { result: Sample[] };
    };
    if (status !== 'success') throw new Error(`${query}: ${error}`);
    return data!.result;
  }

  it.each(QUERIES)('$name has data', async ({ expr }) => {
    const samples = await ask(expr);
    expect({ expr, series: samples.length }).not.toEqual({ expr, series: 0 });
    const numbers = samples.map(({ value: [, number] }) => Number(number));
    expect({ expr, numbers: numbers.filter((number) => Number.isNaN(number) || number < 0) }).toEqual({
      expr,
      numbers: [],
    });
  });

  it.each([
    ['firing alerts', 'sum(gridwarden_firing_alerts) > 0'],
    ['suspected load', 'sum(gridwarden_suspected_load_watts) > 0'],
    ['values of the last day', 'sum(gridwarden_intake_recent_values{result="accepted"}) > 1000'],
    [
      'the last success of the utility',
      'gridwarden_intake_last_success_timestamp_seconds{utility="demo"} > 1.6e9',
    ],
    [
      'shares of lateness that make a whole',
      'abs(sum by (utility) (gridwarden_intake_lateness_ratio) - 1) < 1e-9',
    ],
    ['connections of the database', 'gridwarden_database_server_connections{state="active"} >= 1'],
  ])('%s: not only there, but counted', async (_, query) => {
    expect(await ask(query)).not.toEqual([]);
  });

  it('takes the rules as healthy, and none of them fires over a service that is well', async () => {
    const { data } = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
      data: { groups: { rules: { name: string; health: string; state?: string }[] }[] };
    };
    const rules = data.groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(rules.filter(({ state }) => state === 'firing')).toEqual([]);
  });

  it(`scrapes fewer than ${SERIES_LIMIT} series, in less than ${SCRAPE_LIMIT_SECONDS} s`, async () => {
    const [series] = await ask('scrape_samples_scraped{job="gridwarden"}');
    expect(Number(series.value[1])).toBeGreaterThan(200);
    expect(Number(series.value[1])).toBeLessThan(SERIES_LIMIT);
    // The least of them: the machine may be busy with other tests.
    const [seconds] = await ask('min_over_time(scrape_duration_seconds{job="gridwarden"}[5m])');
    expect(Number(seconds.value[1])).toBeLessThan(SCRAPE_LIMIT_SECONDS);
  });
});

async function fill(
  database: Database,
  config: ReturnType<typeof loadConfig>,
  folder: string,
): Promise<void> {
  const region = path.join(folder, 'region');
  await simulateRegion({ points: 200, days: 75, seed: 1, outDir: region });
  for (const [file, kind] of [
    ['registry.csv', 'registry'],
    ['weather.csv', 'weather'],
    ['readings.csv', 'readings'],
    ['transformer_readings.csv', 'transformer-readings'],
  ] as const)
    await ingestFile(database, config, { path: path.join(region, file), kind, utility: 'demo', zone: null });
  // As a witness outside tells it.
  await database.dataSource.query(
    `insert into audit_cosignature (witness, size, cosigned_at, note) values ('tax.example/witness', 1, now(), '')`,
  );
  const now = new Date();
  const summary = await scorePoints(database, { rulebook: loadRulebook(config.rulebookFile), now });
  await updateAlerts(database, summary!.runId, now);
}
