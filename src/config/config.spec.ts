import { describe, expect, test } from '@jest/globals';
import { validateCronExpression } from 'cron';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { USUAL_CHECKS } from './domain/checks.js';
import { loadConfig, settingsFacts } from './config.js';
import { UsageError } from './errors.js';
import { projectRoot } from './project-root.js';

test('without variables, everything has its default', () => {
  const config = loadConfig({ PATH: '/bin', HOME: '/' });
  expect(config).toEqual({
    dataDir: path.resolve('.gridwarden'),
    databaseUrl: null,
    databaseEngine: 'postgresql',
    chromiumPath: null,
    migrationUrl: null,
    host: '127.0.0.1',
    publicUrl: null,
    trustedProxies: [],
    requestsPerMinute: 3000,
    oidcIssuer: null,
    oidcClientId: null,
    oidcClientSecret: null,
    oidcLoginClaim: 'preferred_username',
    port: 8787,
    scoringCron: '*/10 * * * *',
    dealingCron: '*/5 * * * *',
    proposalDays: 14,
    drawDays: 7,
    reinspectDismissals: 0.1,
    reinspectConfirmations: 0.05,
    seededCases: 0.02,
    randomVisits: 0.05,
    drawBeacon: null,
    namingEvidence: 2,
    checkpointCron: '*/10 * * * *',
    checkpointWebhook: null,
    auditOrigin: null,
    witnessKeys: [],
    uploadMaxBytes: 64 * 2 ** 30,
    unpackedMaxBytes: 256 * 2 ** 30,
    rejectedRowsKept: 100_000,
    mqttUrl: null,
    mqttTopics: [],
    mqttClientId: 'gridwarden',
    mqttShare: null,
    mqttBatchMessages: 1000,
    mqttBatchSeconds: 1,
    checks: USUAL_CHECKS,
    readingsKeptMonths: null,
    rawFilesKeptDays: null,
    deliveriesKeptDays: 1096,
    retentionCron: '30 3 * * *',
    rulebookFile: path.join(projectRoot, 'rulebook', 'ru.json'),
    exportFolder: null,
    exportCron: '0 6 * * *',
    exportFormat: 'csv',
    webhookNetworks: [],
    alertmanagerUrls: [],
    alertmanagerSeconds: 60,
    smtpUrl: null,
    mailFrom: 'gridwarden@localhost.localdomain',
    digestCron: '0 7 * * *',
    logLevel: 'log',
    logFormat: 'auto',
    otlpEndpoint: null,
    traceRatio: 1,
    leastFreeBytes: 256 * 2 ** 20,
  });
  expect(Object.isFrozen(config)).toBe(true);
  expect(existsSync(path.join(projectRoot, 'package.json'))).toBe(true);
});

test('what settings have by default without being looked at is a cron expression', () => {
  const crons = settingsFacts().filter(({ allowed }) => allowed?.startsWith('a cron expression'));
  const wrong = crons.filter(({ byDefault }) => !validateCronExpression(byDefault ?? '').valid);
  expect(crons.length).toBeGreaterThan(5);
  expect(wrong.map(({ variable, byDefault }) => `${variable}: ${byDefault}`)).toEqual([]);
});

describe('what may be set', () => {
  test.each([
    { variable: 'GRIDWARDEN_DATA_DIR', text: 'here', name: 'dataDir', value: path.resolve('here') },
    {
      variable: 'DATABASE_URL',
      text: 'postgres://u:p@db/grid',
      name: 'databaseUrl',
      value: 'postgres://u:p@db/grid',
    },
    { variable: 'GRIDWARDEN_HOST', text: '::1', name: 'host', value: '::1' },
    { variable: 'GRIDWARDEN_HOST', text: '127.0.0.2', name: 'host', value: '127.0.0.2' },
    { variable: 'GRIDWARDEN_HOST', text: 'localhost', name: 'host', value: 'localhost' },
    { variable: 'GRIDWARDEN_HOST', text: '0.0.0.0', name: 'host', value: '0.0.0.0' },
    {
      variable: 'GRIDWARDEN_PUBLIC_URL',
      text: 'https://grid.example:8443/',
      name: 'publicUrl',
      value: 'https://grid.example:8443',
    },
    {
      variable: 'GRIDWARDEN_TRUSTED_PROXIES',
      text: '127.0.0.1, 10.0.0.0/24',
      name: 'trustedProxies',
      value: ['127.0.0.1', '10.0.0.0/24'],
    },
    { variable: 'GRIDWARDEN_PORT', text: '0', name: 'port', value: 0 },
    { variable: 'GRIDWARDEN_PORT', text: ' 80 ', name: 'port', value: 80 },
    { variable: 'GRIDWARDEN_PORT', text: '', name: 'port', value: 8787 },
    {
      variable: 'GRIDWARDEN_SCORING_CRON',
      text: '0 */5 * * * *',
      name: 'scoringCron',
      value: '0 */5 * * * *',
    },
    { variable: 'GRIDWARDEN_SEEDED_CASES', text: '0.5', name: 'seededCases', value: 0.5 },
    {
      variable: 'GRIDWARDEN_DEALING_CRON',
      text: '0 8 * * 1-5',
      name: 'dealingCron',
      value: '0 8 * * 1-5',
    },
    {
      variable: 'GRIDWARDEN_MIGRATION_URL',
      text: 'postgres://owner:p@db/grid',
      name: 'migrationUrl',
      value: 'postgres://owner:p@db/grid',
    },
    {
      variable: 'GRIDWARDEN_CHECKPOINT_CRON',
      text: '0 * * * *',
      name: 'checkpointCron',
      value: '0 * * * *',
    },
    {
      variable: 'GRIDWARDEN_CHECKPOINT_WEBHOOK',
      text: 'https://tax.example/checkpoints',
      name: 'checkpointWebhook',
      value: 'https://tax.example/checkpoints',
    },
    {
      variable: 'GRIDWARDEN_AUDIT_ORIGIN',
      text: 'energo.example/log',
      name: 'auditOrigin',
      value: 'energo.example/log',
    },
    { variable: 'GRIDWARDEN_MQTT_BATCH_SECONDS', text: '5', name: 'mqttBatchSeconds', value: 5 },
    { variable: 'GRIDWARDEN_UPLOAD_MAX_BYTES', text: '1048576', name: 'uploadMaxBytes', value: 1_048_576 },
    { variable: 'GRIDWARDEN_UNPACKED_MAX_BYTES', text: '1', name: 'unpackedMaxBytes', value: 1 },
    {
      variable: 'GRIDWARDEN_CHECKS',
      text: 'spike=reject:10, zero_run=off,stuck=7',
      name: 'checks',
      value: {
        ...USUAL_CHECKS,
        spike: { severity: 'reject', limit: 10 },
        zero_run: { severity: 'off', limit: 30 },
        stuck: { severity: 'mark', limit: 7 },
      },
    },
    { variable: 'GRIDWARDEN_REJECTED_ROWS_KEPT', text: '0', name: 'rejectedRowsKept', value: 0 },
    {
      variable: 'GRIDWARDEN_RULEBOOK_FILE',
      text: '/etc/rules.json',
      name: 'rulebookFile',
      value: '/etc/rules.json',
    },
    {
      variable: 'GRIDWARDEN_WEBHOOK_NETWORKS',
      text: '10.0.0.0/8, fd00::/8',
      name: 'webhookNetworks',
      value: ['10.0.0.0/8', 'fd00::/8'],
    },
    {
      variable: 'GRIDWARDEN_ALERTMANAGER_URLS',
      text: 'http://a:9093/,https://b/am',
      name: 'alertmanagerUrls',
      value: ['http://a:9093', 'https://b/am'],
    },
    { variable: 'GRIDWARDEN_LOG_LEVEL', text: 'debug', name: 'logLevel', value: 'debug' },
  ])('$variable=$text', ({ variable, text, name, value }) => {
    expect(loadConfig({ [variable]: text })).toHaveProperty(name, value);
  });
});

describe('what stops the start, in one sentence', () => {
  test.each([
    [
      'GRIDWARDEN_PORT',
      '99999',
      'GRIDWARDEN_PORT is "99999"; allowed is a port from 1 to 65535, or 0 for any free one.',
    ],
    [
      'GRIDWARDEN_PORT',
      '0x50',
      'GRIDWARDEN_PORT is "0x50"; allowed is a port from 1 to 65535, or 0 for any free one.',
    ],
    [
      'GRIDWARDEN_PORT',
      '-1',
      'GRIDWARDEN_PORT is "-1"; allowed is a port from 1 to 65535, or 0 for any free one.',
    ],
    [
      'GRIDWARDEN_PUBLIC_URL',
      'http://grid.example',
      'GRIDWARDEN_PUBLIC_URL is "http://grid.example"; allowed is https://host[:port] without a path; ' +
        'http for this machine alone (127.0.0.1).',
    ],
    ['GRIDWARDEN_PUBLIC_URL', 'https://grid.example/app', /without a path/],
    ['GRIDWARDEN_OIDC_ISSUER', 'http://id.example', /^GRIDWARDEN_OIDC_ISSUER is .*; allowed is https:/],
    [
      'GRIDWARDEN_OIDC_ISSUER',
      'https://id.example',
      'GRIDWARDEN_OIDC_ISSUER needs GRIDWARDEN_OIDC_CLIENT_ID beside it; it is not set.',
    ],
    ['GRIDWARDEN_TRUSTED_PROXIES', '10.0.0.1,proxy', /addresses or networks/],
    ['GRIDWARDEN_TRUSTED_PROXIES', '10.0.0.0/33', /addresses or networks/],
    ['GRIDWARDEN_HOST', '127.example.org', /^GRIDWARDEN_HOST is "127.example.org"; allowed is/],
    [
      'GRIDWARDEN_SCORING_CRON',
      'hourly',
      'GRIDWARDEN_SCORING_CRON is "hourly"; allowed is a cron expression such as */10 * * * *.',
    ],
    [
      'GRIDWARDEN_UPLOAD_MAX_BYTES',
      '64G',
      'GRIDWARDEN_UPLOAD_MAX_BYTES is "64G"; allowed is a number of bytes, 1 or more.',
    ],
    [
      'GRIDWARDEN_REJECTED_ROWS_KEPT',
      '1e5',
      'GRIDWARDEN_REJECTED_ROWS_KEPT is "1e5"; allowed is a number of rows, 0 or more.',
    ],
    ...(
      [
        ['spkie=off', '"spkie" is no check: did you mean spike?'],
        ['missing=reject', 'missing may be off or mark'],
        ['spike=', 'spike may be off or reject or mark'],
        ['spike=mark:0', 'the limit of spike is above 0'],
      ] as const
    ).map(([text, why]): [string, string, string] => [
      'GRIDWARDEN_CHECKS',
      text,
      `GRIDWARDEN_CHECKS is "${text}"; allowed is name=severity, name=severity:limit, name=limit or name=off, separated by commas; ${why}.`,
    ]),
    [
      'GRIDWARDEN_LOG_LEVEL',
      'loud',
      'GRIDWARDEN_LOG_LEVEL is "loud"; allowed is one of fatal, error, warn, log, debug, verbose.',
    ],
    [
      'DATABASE_URL',
      'mysql://u:secret@db/grid',
      'DATABASE_URL has a wrong value; allowed is postgresql://user:password@host:5432/database.',
    ],
    [
      'DATABASE_URL',
      'postgresql://db',
      'DATABASE_URL has a wrong value; allowed is postgresql://user:password@host:5432/database.',
    ],
    ['GRIDWARDEN_PROT', '80', 'GRIDWARDEN_PROT is no setting of Gridwarden; did you mean GRIDWARDEN_PORT?'],
    [
      'GRIDWARDEN_DATADIR',
      'x',
      'GRIDWARDEN_DATADIR is no setting of Gridwarden; did you mean GRIDWARDEN_DATA_DIR?',
    ],
    [
      'GRIDWARDEN_COLOUR',
      'x',
      /^GRIDWARDEN_COLOUR is no setting of Gridwarden; known are GRIDWARDEN_DATA_DIR, /,
    ],
  ])('%s=%s', (variable, text, message) => {
    expect(() => loadConfig({ [variable]: text })).toThrow(UsageError);
    expect(() => loadConfig({ [variable]: text })).toThrow(message);
  });
});

test('a secret may lie in a file, and in one place only', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gridwarden-config-'));
  const file = path.join(folder, 'database_url');
  writeFileSync(file, 'postgres://u:p@db/grid\n');
  expect(loadConfig({ DATABASE_URL_FILE: file }).databaseUrl).toBe('postgres://u:p@db/grid');
  expect(() => loadConfig({ DATABASE_URL_FILE: file, DATABASE_URL: 'postgres://u@db/grid' })).toThrow(
    'DATABASE_URL and DATABASE_URL_FILE are both set',
  );
  expect(() => loadConfig({ GRIDWARDEN_SMTP_URL_FILE: `${file}x` })).toThrow(/can't be read \(ENOENT\)/);
  expect(() => loadConfig({ GRIDWARDEN_PORT_FILE: file })).toThrow('is no setting of Gridwarden');
  rmSync(folder, { recursive: true });
});

describe('the broker that readings come from', () => {
  const url = 'mqtts://user:secret@broker.example:8883';

  test('has topics that name a utility, a point and fields', () => {
    const topics = 'energo:meters/{metering_point}/+?start=ts&kwh=value, other:batches/#';
    expect(loadConfig({ GRIDWARDEN_MQTT_URL: url, GRIDWARDEN_MQTT_TOPICS: topics }).mqttTopics).toEqual([
      { utility: 'energo', filter: 'meters/+/+', pointLevel: 1, names: { start: 'ts', kwh: 'value' } },
      { utility: 'other', filter: 'batches/#', pointLevel: null, names: {} },
    ]);
  });

  test.each([
    'meters/+',
    'energo:a/#/b',
    'energo:{metering_point}/{metering_point}',
    'energo:a?volts=v',
    'energo:a+',
  ])('has no topics such as %s', (topics) => {
    expect(() => loadConfig({ GRIDWARDEN_MQTT_URL: url, GRIDWARDEN_MQTT_TOPICS: topics })).toThrow(
      /GRIDWARDEN_MQTT_TOPICS is .*; allowed is rules/,
    );
  });

  test('is shared by instances that each have a name of their own', () => {
    const set = {
      GRIDWARDEN_MQTT_URL: url,
      GRIDWARDEN_MQTT_TOPICS: 'a:b',
      GRIDWARDEN_MQTT_SHARE: 'gridwarden',
    };
    expect(() => loadConfig(set)).toThrow('needs GRIDWARDEN_MQTT_CLIENT_ID beside it, another one on each');
    expect(loadConfig({ ...set, GRIDWARDEN_MQTT_CLIENT_ID: 'gw-2' })).toMatchObject({
      mqttShare: 'gridwarden',
    });
    expect(() => loadConfig({ ...set, GRIDWARDEN_MQTT_SHARE: 'a/+' })).toThrow('GRIDWARDEN_MQTT_SHARE');
  });

  test('needs both, and keeps its password to itself', () => {
    expect(() => loadConfig({ GRIDWARDEN_MQTT_URL: url })).toThrow('needs GRIDWARDEN_MQTT_TOPICS beside it');
    expect(() => loadConfig({ GRIDWARDEN_MQTT_TOPICS: 'a:b' })).toThrow(
      'needs GRIDWARDEN_MQTT_URL beside it',
    );
    expect(() => loadConfig({ GRIDWARDEN_MQTT_URL: 'http://u:secret@h' })).toThrow(
      /^(?!.*secret).*wrong value/,
    );
  });
});
