import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from 'pg';
import { postToAlertmanagers } from '../../src/alerts/deliveries/alertmanager.js';
import type { Database } from '../../src/database/open-database.js';
import { FREE_REGION } from '../detection/synthetic-points.js';
import { testDatabase, testRunFolder } from '../support/database.js';
import { ALERTMANAGER, describeWithDebian } from '../support/debian.js';
import { freePort } from '../support/free-port.js';
import { eventually } from '../support/process.js';
import { rescore, seedPoints } from './changing-alerts.js';
import { WebhookReceiver } from './webhook-receiver.js';

interface ShownAlert {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly updatedAt: string;
  readonly generatorURL: string;
  readonly status: { readonly state: string; readonly silencedBy: string[] };
}

/** What Alertmanager sends its own receivers (a page, a chat). */
interface Notification {
  readonly status: 'firing' | 'resolved';
  readonly groupLabels: Record<string, string>;
  readonly alerts: { readonly status: string; readonly labels: Record<string, string> }[];
}

describeWithDebian('a real Alertmanager', [ALERTMANAGER], (program) => {
  let db: Database;
  let client: Client;
  let points: number[];
  let alertmanager: ChildProcess;
  let pager: WebhookReceiver;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    points = await seedPoints(client, 6);
    await client.query('update metering_point set territory_code = $1 where id = any ($2)', [
      FREE_REGION,
      points.slice(0, 2),
    ]);
    pager = await WebhookReceiver.start();
    folder = mkdtempSync(path.join(testRunFolder(), 'alertmanager-'));
    writeFileSync(
      path.join(folder, 'config.yml'),
      `route:
  receiver: pager
  group_by: [region, alertname]
  group_wait: 200ms
  group_interval: 500ms
  repeat_interval: 1h
receivers:
  - name: pager
    webhook_configs:
      - url: ${pager.url}/
        send_resolved: true
`,
    );
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    alertmanager = spawn(
      program,
      [
        `--config.file=${folder}/config.yml`,
        `--storage.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      { stdio: 'ignore' },
    );
    await eventually(async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true, 20_000);
    await rescore(db, client, { points, suspected: true, afterDays: 0 });
  });
  afterAll(async () => {
    if (alertmanager.exitCode === null) {
      const exit = once(alertmanager, 'exit');
      alertmanager.kill('SIGKILL');
      await exit;
    }
    await pager.close();
    rmSync(folder, { recursive: true, force: true });
    await client.end();
    await db.close();
  });

  const tell = (urls = [url]) =>
    postToAlertmanagers(db.dataSource, { urls, publicUrl: 'https://gridwarden.example', now: new Date() });
  const shown = async (query = ''): Promise<ShownAlert[]> =>
    (await fetch(`${url}/api/v2/alerts${query}`)).json() as Promise<ShownAlert[]>;
  const notifications = (): Notification[] => pager.received.map(({ body }) => JSON.parse(body));

  it('shows what fires, with labels that are few and name no household', async () => {
    expect(await tell()).toEqual({ told: 1, failures: [], unposted: 0 });
    const alerts = await shown();
    expect(alerts).toHaveLength(points.length);
    for (const { labels, annotations, generatorURL, status } of alerts) {
      expect(Object.keys(labels).sort()).toEqual([
        ...['alert', 'alertname', 'kind', 'region', 'service', 'severity', 'territory'],
      ]);
      expect(generatorURL).toBe(`https://gridwarden.example/api/v1/alerts/${labels.alert}`);
      expect(annotations.summary).toBe('The load resembles mining');
      expect(JSON.stringify([labels, annotations])).not.toMatch(/P-\d/);
      expect(status.state).toMatch(/active|unprocessed/);
    }
  });

  it('groups them by region, and pages once for each', async () => {
    const groups = (await (await fetch(`${url}/api/v2/alerts/groups`)).json()) as {
      labels: Record<string, string>;
      alerts: unknown[];
    }[];
    const sizes = groups.map(({ labels, alerts }) => [labels.region, alerts.length]);
    expect(Object.fromEntries(sizes)).toEqual({ 'RU-DA': 4, [FREE_REGION]: 2 });
    await eventually(() => notifications().length === 2);
    expect(
      notifications()
        .map(({ groupLabels }) => groupLabels.region)
        .sort(),
    ).toEqual(['RU-DA', FREE_REGION]);
  });

  it('is refreshed by being told again: the same alerts, a later end, no further page', async () => {
    const before = await shown();
    await rescore(db, client, { points, suspected: true, afterDays: 1 });
    await tell();
    const after = await shown();
    expect(after.map(({ labels }) => labels)).toEqual(
      expect.arrayContaining(before.map(({ labels }) => labels)),
    );
    expect(after).toHaveLength(before.length);
    const end = ({ endsAt }: ShownAlert) => Date.parse(endsAt);
    expect(Math.min(...after.map(end))).toBeGreaterThan(Math.max(...before.map(end)));
    expect(notifications()).toHaveLength(2);
  });

  it('a silence of its own holds for a region', async () => {
    const response = await fetch(`${url}/api/v2/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        matchers: [{ name: 'region', value: FREE_REGION, isRegex: false, isEqual: true }],
        startsAt: new Date().toISOString(),
        endsAt: new Date(Date.now() + 3_600_000).toISOString(),
        createdBy: 'test',
        comment: 'inspectors are on their way',
      }),
    });
    const { silenceID } = (await response.json()) as { silenceID: string };
    await tell();
    await eventually(async () => (await shown('?active=false&silenced=true')).length === 2);
    const silenced = await shown('?active=false&silenced=true');
    expect(silenced.map(({ labels, status }) => [labels.region, status.silencedBy])).toEqual([
      [FREE_REGION, [silenceID]],
      [FREE_REGION, [silenceID]],
    ]);
    expect(await shown('?silenced=false')).toHaveLength(4);
  });

  it('resolves what has resolved, and nothing else; the pager hears of it', async () => {
    const [, , quiet, ...rest] = points;
    await rescore(db, client, { points: [quiet], suspected: false, afterDays: 12 });
    await rescore(db, client, { points: rest, suspected: true, afterDays: 12 });
    await tell();
    const active = await shown('?silenced=false');
    expect(active).toHaveLength(3);
    await eventually(() => notifications().length === 3);
    const [, , last] = notifications();
    expect(last.alerts.filter(({ status }) => status === 'resolved')).toHaveLength(1);
    // Told again and again, it stays resolved.
    await tell();
    expect(await shown('?silenced=false')).toHaveLength(3);
  });

  it('one that is away is named, and the other is told all the same', async () => {
    const away = `http://127.0.0.1:${await freePort()}`;
    const round = await tell([away, url]);
    expect(round).toMatchObject({
      told: 1,
      failures: [expect.stringMatching(/^Alertmanager at 127.*can't be reached/)],
    });
  });

  it('one that does not take them is named too', async () => {
    const refusing = await WebhookReceiver.start();
    refusing.answer = () => 400;
    expect((await tell([refusing.url])).failures).toEqual([expect.stringContaining('answered 400')]);
    await refusing.close();
  });
});
