import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { settingsFacts } from '../../src/config/config.js';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>> | readonly string[];
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

interface Composition {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const root = path.resolve(import.meta.dirname, '../..');
const text = readFileSync(path.join(root, 'compose.yaml'), 'utf8');
const composition = parse(text, { uniqueKeys: true }) as Composition;
const { services, networks, volumes, secrets } = composition;
/** Keys of the Compose Specification that we use; a slip of the finger is none of them. */
const KNOWN = new Set([
  ...[
    'image',
    'build',
    'command',
    'environment',
    'volumes',
    'secrets',
    'ports',
    'networks',
    'depends_on',
    'user',
  ],
  ...['shm_size', 'read_only', 'tmpfs', 'cap_drop', 'security_opt', 'restart', 'stop_signal'],
  ...['stop_grace_period', 'healthcheck'],
]);

test('is what the specification knows', () => {
  expect(Object.keys(composition)).toEqual(['name', 'services', 'networks', 'volumes', 'secrets']);
  expect(Object.keys(services).sort()).toEqual(
    ['alertmanager', 'gridwarden', 'grafana', 'postgres', 'prometheus'].sort(),
  );
});

describe.each(Object.entries(services))('%s', (name, service) => {
  test('has known keys only, and an image of a full version', () => {
    expect(Object.keys(service).filter((key) => !KNOWN.has(key))).toEqual([]);
    expect(service.image).toMatch(/^[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+)?$/);
  });

  test('may do nothing that it need not', () => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.privileged).toBeUndefined();
  });

  test('is watched', () => {
    const ofImage =
      name === 'gridwarden' && /^HEALTHCHECK /m.test(readFileSync(path.join(root, 'Dockerfile'), 'utf8'));
    expect(ofImage || service.healthcheck?.test[0] === 'CMD').toBe(true);
  });

  test('opens its ports to this machine alone', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('mounts what is there, read-only, and volumes that are declared', () => {
    for (const volume of service.volumes ?? []) {
      const [source, target, mode] = volume.split(':');
      expect(target).toMatch(/^\//);
      if (source.startsWith('.'))
        expect([volume, existsSync(path.join(root, source)), mode]).toEqual([volume, true, 'ro']);
      else expect(Object.keys(volumes)).toContain(source);
    }
  });

  test('knows only networks, secrets and services that are declared, and no secret in its environment', () => {
    for (const network of service.networks) expect(Object.keys(networks)).toContain(network);
    for (const secret of service.secrets ?? []) expect(Object.keys(secrets)).toContain(secret);
    const needed = service.depends_on ?? [];
    for (const other of Array.isArray(needed) ? needed : Object.keys(needed))
      expect(Object.keys(services)).toContain(other);
    for (const [variable, value] of Object.entries(service.environment ?? {})) {
      if (/PASSWORD|SECRET|TOKEN|KEY|DATABASE_URL/.test(variable)) expect(variable).toMatch(/_FILE$/);
      const file = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
      if (file !== undefined) expect(service.secrets).toContain(file);
    }
  });
});

test('secrets are files that are never checked in, and have no defaults', () => {
  for (const { file } of Object.values(secrets)) expect(file).toMatch(/^\.\/secrets\/\w+$/);
  expect(readFileSync(path.join(root, '.gitignore'), 'utf8').split('\n')).toContain('/secrets/');
  expect(readFileSync(path.join(root, '.dockerignore'), 'utf8').split('\n')).toContain('*');
  expect(text).not.toMatch(/password:\s*(?!\{ file)\S|changeme|admin:admin/i);
});

test('the settings of gridwarden are settings', () => {
  const variables = Object.keys(services.gridwarden.environment!).map((name) => name.replace(/_FILE$/, ''));
  const known = settingsFacts().map(({ variable }) => variable);
  for (const variable of variables) expect(known).toContain(variable);
});

test('the database is on a network that leads nowhere, and on no port', () => {
  expect(services.postgres.networks).toEqual(['database']);
  expect(services.postgres.ports).toBeUndefined();
  expect(networks.database.internal).toBe(true);
});

test('Prometheus and Grafana ask the services by the names that they have here', () => {
  const configuration = ['grafana/compose/prometheus.yml', 'grafana/provisioning/datasources/gridwarden.yaml']
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
    .join('\n');
  const hosts = [...configuration.matchAll(/(?:https?:\/\/|\[')([a-z][\w-]+):\d+/g)].map(([, host]) => host);
  expect(hosts.length).toBeGreaterThan(2);
  for (const host of hosts) expect(Object.keys(services)).toContain(host);
});

test('the steps of docs/operating.md make every secret', () => {
  const steps = readFileSync(path.join(root, 'docs/operating.md'), 'utf8');
  for (const { file } of Object.values(secrets))
    expect(steps).toContain(
      `> ${file.slice(2)}`.replace('> secrets/metrics_key', 'touch secrets/metrics_key'),
    );
});

test('Grafana may read the password of its data source, and the steps make the role that has it', () => {
  const sources = readFileSync(path.join(root, 'grafana/provisioning/datasources/gridwarden.yaml'), 'utf8');
  const files = [...sources.matchAll(/\$__file\{\/run\/secrets\/(\w+)\}/g)].map(([, file]) => file);
  expect(files).toEqual(['report_password']);
  for (const file of files) expect(services.grafana.secrets).toContain(file);
  expect(sources).not.toMatch(/password: (?!\$__file)/);
  const steps = readFileSync(path.join(root, 'docs/operating.md'), 'utf8');
  expect(steps).toMatch(
    /secrets\/report_password\)"; cat grafana\/report-role\.sql; \} \|\s+docker compose exec -T postgres psql/,
  );
});

const compose = spawnSync('docker', ['compose', 'version']).status === 0;
if (!compose)
  process.stderr.write(
    '\n*** SKIPPED, `docker compose` is not on this machine: compose.yaml by Docker’s own word\n\n',
  );
(compose ? test : test.skip)('docker compose takes it', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gridwarden-compose-'));
  cpSync(path.join(root, 'compose.yaml'), path.join(folder, 'compose.yaml'));
  cpSync(path.join(root, 'grafana'), path.join(folder, 'grafana'), { recursive: true });
  mkdirSync(path.join(folder, 'secrets'));
  for (const name of Object.keys(secrets)) writeFileSync(path.join(folder, 'secrets', name), 'x');
  const { status, stderr } = spawnSync('docker', ['compose', 'config', '--quiet'], {
    cwd: folder,
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  expect([status, stderr]).toEqual([0, '']);
});
