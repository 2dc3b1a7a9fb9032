import type { validateCronExpression } from 'cron';
import ipaddr from 'ipaddr.js';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { checkSettings } from './checks.js';
import { isLoopback } from './domain/loopback.js';
import { topicRule } from './domain/mqtt-topics.js';
import { UsageError } from './errors.js';
import { nearestName } from './nearest-name.js';
import { projectRoot } from './project-root.js';

/** Everything that can be set from outside, parsed once and frozen. */
export type Config = { readonly [Name in keyof Settings]: z.output<Settings[Name]['schema']> };

type Settings = typeof SETTINGS;

interface Setting {
  readonly variable: string;
  /** Parses the text of the variable; its message says what is allowed. */
  readonly schema: z.ZodType;
  /** As the variable would say it; null = the setting is null when the variable is not set. */
  readonly byDefault: string | null;
  /** Never shown in a message. */
  readonly secret?: boolean;
}

const PREFIX = 'GRIDWARDEN_';
/** After the variable of a secret: names a file that holds it. */
const FILE_SUFFIX = '_FILE';
const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** Nest's names, from the quietest. */
const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;
const LOG_FORMATS = ['auto', 'text', 'json'] as const;

const DATABASE_ENGINES = ['postgresql', 'citus'] as const;
export type DatabaseEngine = (typeof DATABASE_ENGINES)[number];

const folderOrFile = z.string().transform((text) => path.resolve(text));
const byteCount = wholeNumber(1, Number.MAX_SAFE_INTEGER, 'a number of bytes, 1 or more');

const SETTINGS = {
  /** Absolute path of the folder for the embedded database and received files. */
  dataDir: { variable: 'GRIDWARDEN_DATA_DIR', schema: folderOrFile, byDefault: '.gridwarden' },
  /** Null: our own PostgreSQL in the data folder. */
  databaseUrl: {
    variable: 'DATABASE_URL',
    schema: z.nullable(z.string().refine(isPostgresUrl, 'postgresql://user:password@host:5432/database')),
    byDefault: null,
    secret: true,
  },
  /** What DATABASE_URL is: with citus, migrations spread the big tables over its workers. */
  databaseEngine: {
    variable: 'DATABASE_ENGINE',
    schema: z.enum(DATABASE_ENGINES, { error: `one of ${DATABASE_ENGINES.join(', ')}` }),
    byDefault: 'postgresql',
  },
  /** Of the role that owns the tables and migrates them; null: the one of databaseUrl does. */
  migrationUrl: {
    variable: 'GRIDWARDEN_MIGRATION_URL',
    schema: z.nullable(z.string().refine(isPostgresUrl, 'postgresql://user:password@host:5432/database')),
    byDefault: null,
    secret: true,
  },
  /** Address the HTTP server listens on. */
  host: {
    variable: 'GRIDWARDEN_HOST',
    schema: z
      .string()
      .refine(
        (text) => text === 'localhost' || isIP(text) !== 0,
        'an address of this machine: 127.0.0.1, 0.0.0.0 for all of them, ::1, or localhost',
      ),
    byDefault: '127.0.0.1',
  },
  /** How browsers reach the service, without a slash at the end; null: by the address it listens on. */
  publicUrl: {
    variable: 'GRIDWARDEN_PUBLIC_URL',
    schema: z.nullable(
      z
        .string()
        .refine(isOrigin, 'https://host[:port] without a path; http for this machine alone (127.0.0.1)')
        .transform((text) => new URL(text).origin),
    ),
    byDefault: null,
  },
  /** Proxies whose word on a request's real address, host and protocol counts. */
  trustedProxies: {
    variable: 'GRIDWARDEN_TRUSTED_PROXIES',
    schema: z
      .string()
      .transform((text) =>
        text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      )
      .refine((parts) => parts.every(isNetwork), 'addresses or networks: 127.0.0.1, 10.0.0.0/24'),
    byDefault: '',
  },
  /** Of one person or key; ten times as many of one address. */
  requestsPerMinute: {
    variable: 'GRIDWARDEN_REQUESTS_PER_MINUTE',
    schema: wholeNumber(1, 1_000_000, 'a number of requests, 1 or more'),
    byDefault: '3000',
  },
  /** Null: people sign in with passwords kept here. */
  oidcIssuer: {
    variable: 'GRIDWARDEN_OIDC_ISSUER',
    schema: z.nullable(
      z
        .string()
        .refine(isProviderUrl, 'https://… of the identity provider; http for this machine alone (127.0.0.1)'),
    ),
    byDefault: null,
  },
  /** Our name at the identity provider. */
  oidcClientId: { variable: 'GRIDWARDEN_OIDC_CLIENT_ID', schema: z.nullable(z.string()), byDefault: null },
  /** Null: a public client. */
  oidcClientSecret: {
    variable: 'GRIDWARDEN_OIDC_CLIENT_SECRET',
    schema: z.nullable(z.string()),
    byDefault: null,
    secret: true,
  },
  /** What of the provider's answer is the login of a person here. */
  oidcLoginClaim: {
    variable: 'GRIDWARDEN_OIDC_LOGIN_CLAIM',
    schema: z.string(),
    byDefault: 'preferred_username',
  },
  /** 0: any free one. */
  port: {
    variable: 'GRIDWARDEN_PORT',
    schema: wholeNumber(0, 65_535, 'a port from 1 to 65535, or 0 for any free one'),
    byDefault: '8787',
  },
  /** When what changed is scored. */
  scoringCron: {
    variable: 'GRIDWARDEN_SCORING_CRON',
    schema: cronExpression(),
    byDefault: '*/10 * * * *',
  },
  /** When cases that wait are dealt to inspectors. */
  dealingCron: {
    variable: 'GRIDWARDEN_DEALING_CRON',
    schema: cronExpression('*/5 * * * *'),
    byDefault: '*/5 * * * *',
  },
  /** Days in which a second person may agree to a proposed change; afterwards it is void. */
  proposalDays: {
    variable: 'GRIDWARDEN_PROPOSAL_DAYS',
    schema: wholeNumber(1, 365, 'a number of days from 1 to 365'),
    byDefault: '14',
  },
  /** Days of a period of draws: its secret is fixed before it begins and told after it ends. */
  drawDays: {
    variable: 'GRIDWARDEN_DRAW_DAYS',
    schema: wholeNumber(1, 92, 'a number of days from 1 to 92'),
    byDefault: '7',
  },
  /** Share of dismissals that somebody else looks at again without knowing. */
  reinspectDismissals: {
    variable: 'GRIDWARDEN_REINSPECT_DISMISSALS',
    schema: share(),
    byDefault: '0.10',
  },
  /** The same of confirmations. */
  reinspectConfirmations: {
    variable: 'GRIDWARDEN_REINSPECT_CONFIRMATIONS',
    schema: share(),
    byDefault: '0.05',
  },
  /** Known cases put into the queue, as a share of the cases dealt. */
  seededCases: { variable: 'GRIDWARDEN_SEEDED_CASES', schema: share(), byDefault: '0.02' },
  /** Households visited at random, as a share of all visits; at least one a period, unless 0. */
  randomVisits: { variable: 'GRIDWARDEN_RANDOM_VISITS', schema: share(), byDefault: '0.05' },
  /**
   * Address of a public source of chance, such as a drand relay; `{unix}` stands for the moment a minute after a period
   * ends. Null: draws rest on the secret alone.
   */
  drawBeacon: {
    variable: 'GRIDWARDEN_DRAW_BEACON',
    schema: z.nullable(
      z
        .string()
        .refine(
          (text) => isUrlOf(text, ['https:', 'http:']),
          'an address that begins with https:// or http://',
        ),
    ),
    byDefault: null,
  },
  /** Kinds of evidence that must speak for mining before an inspector or supervisor is shown whose household it is; 0: none. */
  namingEvidence: {
    variable: 'GRIDWARDEN_NAMING_EVIDENCE',
    schema: wholeNumber(0, 6, 'a number of kinds of evidence from 0 to 6'),
    byDefault: '2',
  },
  /** When the audit log is signed. */
  checkpointCron: {
    variable: 'GRIDWARDEN_CHECKPOINT_CRON',
    schema: cronExpression(),
    byDefault: '*/10 * * * *',
  },
  /** Where each new checkpoint is posted; null: nowhere. */
  checkpointWebhook: {
    variable: 'GRIDWARDEN_CHECKPOINT_WEBHOOK',
    schema: z.nullable(
      z
        .string()
        .refine(
          (text) => isUrlOf(text, ['https:', 'http:']),
          'an address that begins with https:// or http://',
        ),
    ),
    byDefault: null,
    secret: true,
  },
  /** The audit log's name in its checkpoints, for when its key is made; null: a random one. */
  auditOrigin: {
    variable: 'GRIDWARDEN_AUDIT_ORIGIN',
    schema: z.nullable(z.string().regex(/^[^\s+\p{Cc}]{1,200}$/u, 'a name such as energo.example/log')),
    byDefault: null,
  },
  /** Verifier keys of witnesses whose cosignatures are taken, and whose age is measured; empty: nobody's. */
  witnessKeys: { variable: 'GRIDWARDEN_WITNESS_KEYS', schema: verifierKeys(), byDefault: '' },
  /** Of one upload as received. */
  uploadMaxBytes: { variable: 'GRIDWARDEN_UPLOAD_MAX_BYTES', schema: byteCount, byDefault: `${64 * GIB}` },
  /** Of one upload after decompression. */
  unpackedMaxBytes: {
    variable: 'GRIDWARDEN_UNPACKED_MAX_BYTES',
    schema: byteCount,
    byDefault: `${256 * GIB}`,
  },
  /** Of one upload; further ones are only counted. */
  rejectedRowsKept: {
    variable: 'GRIDWARDEN_REJECTED_ROWS_KEPT',
    schema: wholeNumber(0, 2 ** 31 - 1, 'a number of rows, 0 or more'),
    byDefault: '100000',
  },
  /** The broker that readings come from; user and password are written before the host. Null: none. */
  mqttUrl: {
    variable: 'GRIDWARDEN_MQTT_URL',
    schema: z.nullable(
      z
        .string()
        .refine(
          (text) => isUrlOf(text, ['mqtt:', 'mqtts:', 'ws:', 'wss:']),
          'mqtts://user:password@host:8883',
        ),
    ),
    byDefault: null,
    secret: true,
  },
  /**
   * Whose messages they are, by topic, and what they call the fields of a reading (docs/formats.md); `{metering_point}` is
   * the level that names the point.
   */
  mqttTopics: { variable: 'GRIDWARDEN_MQTT_TOPICS', schema: mqttTopics(), byDefault: '' },
  /** Our name at the broker, by which it keeps what comes while we are away; of one instance only. */
  mqttClientId: {
    variable: 'GRIDWARDEN_MQTT_CLIENT_ID',
    schema: brokerName(),
    byDefault: 'gridwarden',
  },
  /**
   * The group in which several instances share the messages, each going to one of them (`$share/…`); each instance needs a
   * client id of its own then. Null: one instance takes all.
   */
  mqttShare: {
    variable: 'GRIDWARDEN_MQTT_SHARE',
    schema: z.nullable(brokerName()),
    byDefault: null,
  },
  /** Messages that are stored together at most. */
  mqttBatchMessages: {
    variable: 'GRIDWARDEN_MQTT_BATCH_MESSAGES',
    schema: wholeNumber(1, 65_535, 'a number of messages from 1 to 65535'),
    byDefault: '1000',
  },
  /** A message waits for others this long at most. */
  mqttBatchSeconds: {
    variable: 'GRIDWARDEN_MQTT_BATCH_SECONDS',
    schema: wholeNumber(1, 60, 'a number of seconds from 1 to 60'),
    byDefault: '1',
  },
  /** What differs from the usual severities and limits of the checks of readings. */
  checks: { variable: 'GRIDWARDEN_CHECKS', schema: checkSettings(), byDefault: '' },
  /** Months of readings that retention keeps besides the running one; null: all. */
  readingsKeptMonths: {
    variable: 'GRIDWARDEN_READINGS_KEPT_MONTHS',
    schema: z.nullable(wholeNumber(13, 1200, 'a number of months from 13 to 1200')),
    byDefault: null,
  },
  /** Days that a received file is kept once it is loaded; null: for ever. */
  rawFilesKeptDays: {
    variable: 'GRIDWARDEN_RAW_FILES_KEPT_DAYS',
    schema: z.nullable(wholeNumber(1, 36_500, 'a number of days, 1 or more')),
    byDefault: null,
  },
  /** Days that the history of a message or digest is kept once it is delivered or given up; what is still owed is never dropped. */
  deliveriesKeptDays: {
    variable: 'GRIDWARDEN_DELIVERIES_KEPT_DAYS',
    schema: wholeNumber(30, 36_500, 'a number of days from 30 to 36500'),
    byDefault: '1096',
  },
  /** When what has been kept long enough is dropped. */
  retentionCron: {
    variable: 'GRIDWARDEN_RETENTION_CRON',
    schema: cronExpression('30 3 * * *'),
    byDefault: '30 3 * * *',
  },
  /** Absolute path. */
  rulebookFile: {
    variable: 'GRIDWARDEN_RULEBOOK_FILE',
    schema: folderOrFile,
    byDefault: path.join(projectRoot, 'rulebook', 'ru.json'),
  },
  /** Absolute path; null: no scheduled exports. */
  exportFolder: { variable: 'GRIDWARDEN_EXPORT_FOLDER', schema: z.nullable(folderOrFile), byDefault: null },
  /** When alerts are exported to that folder. */
  exportCron: { variable: 'GRIDWARDEN_EXPORT_CRON', schema: cronExpression(), byDefault: '0 6 * * *' },
  /** Of those exports. */
  exportFormat: {
    variable: 'GRIDWARDEN_EXPORT_FORMAT',
    schema: z.enum(['csv', 'ndjson', 'xlsx'], { error: 'one of csv, ndjson, xlsx' }),
    byDefault: 'csv',
  },
  /** Networks of ours that webhooks may reach besides the public internet. */
  webhookNetworks: { variable: 'GRIDWARDEN_WEBHOOK_NETWORKS', schema: networks(), byDefault: '' },
  /** API v2 roots; empty: none is told. */
  alertmanagerUrls: { variable: 'GRIDWARDEN_ALERTMANAGER_URLS', schema: httpUrls(), byDefault: '' },
  /** Between two posts of what fires. */
  alertmanagerSeconds: {
    variable: 'GRIDWARDEN_ALERTMANAGER_SECONDS',
    schema: wholeNumber(1, 3600, 'a number of seconds from 1 to 3600'),
    byDefault: '60',
  },
  /** Null: no mail is sent. */
  smtpUrl: {
    variable: 'GRIDWARDEN_SMTP_URL',
    schema: z.nullable(
      z.string().refine((text) => isUrlOf(text, ['smtp:', 'smtps:']), 'smtps://user:password@host:465'),
    ),
    byDefault: null,
    secret: true,
  },
  /** Sender of digests. */
  mailFrom: {
    variable: 'GRIDWARDEN_MAIL_FROM',
    schema: z.email('an e-mail address'),
    byDefault: 'gridwarden@localhost.localdomain',
  },
  /** Absolute path of the browser that prints dossiers as PDF; null: looked for where systems install it. */
  chromiumPath: { variable: 'GRIDWARDEN_CHROMIUM', schema: z.nullable(folderOrFile), byDefault: null },
  /** When digests are mailed. */
  digestCron: { variable: 'GRIDWARDEN_DIGEST_CRON', schema: cronExpression(), byDefault: '0 7 * * *' },
  /** From which level on the log speaks. */
  logLevel: {
    variable: 'GRIDWARDEN_LOG_LEVEL',
    schema: z.enum(LOG_LEVELS, { error: `one of ${LOG_LEVELS.join(', ')}` }),
    byDefault: 'log',
  },
  /** auto: text at a terminal, else JSON. */
  logFormat: {
    variable: 'GRIDWARDEN_LOG_FORMAT',
    schema: z.enum(LOG_FORMATS, { error: `one of ${LOG_FORMATS.join(', ')}` }),
    byDefault: 'auto',
  },
  /** Where traces go, by OTLP over HTTP; null: none are made. */
  otlpEndpoint: {
    variable: 'GRIDWARDEN_OTLP_ENDPOINT',
    schema: z.nullable(httpUrl()),
    byDefault: null,
  },
  /** Share of the traces that are kept. */
  traceRatio: {
    variable: 'GRIDWARDEN_TRACE_RATIO',
    schema: z
      .string()
      .regex(/^(0|1|0?\.\d{1,6})$/, 'a share from 0 to 1, such as 0.1')
      .transform(Number),
    byDefault: '1',
  },
  /** With less room on the disk of the data folder the service says that it is not ready. */
  leastFreeBytes: {
    variable: 'GRIDWARDEN_LEAST_FREE_BYTES',
    schema: wholeNumber(0, Number.MAX_SAFE_INTEGER, 'a number of bytes, 0 or more'),
    byDefault: `${256 * MIB}`,
  },
} as const satisfies Record<string, Setting>;

/** A setting as the reference shows it. */
export interface SettingFacts {
  readonly name: string;
  readonly variable: string;
  readonly byDefault: string | null;
  /** What a wrong value is answered with; null where any text will do. */
  readonly allowed: string | null;
  readonly isSecret: boolean;
}

/** Every setting, in the order of this file; docs/settings.md is made of it. */
export function settingsFacts(): SettingFacts[] {
  return Object.entries<Setting>(SETTINGS).map(([name, { variable, schema, byDefault, secret = false }]) => {
    const refusal = schema.safeParse('\u0000');
    const allowed = refusal.success ? null : refusal.error.issues[0].message;
    return { name, variable, byDefault, allowed, isSecret: secret };
  });
}

/**
 * The settings in `env`; a variable that is empty counts as not set, as compose files and service managers mean it.
 * Throws a UsageError, one sentence, for the first unknown or wrong one.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  refuseUnknown(Object.keys(env));
  const entries = Object.entries<Setting>(SETTINGS).map(([name, setting]) => [name, read(setting, env)]);
  const config = Object.freeze(Object.fromEntries(entries)) as Config;
  refuseHalfProvider(config);
  refuseEngineWithoutDatabase(config);
  refuseHalfBroker(config);
  return config;
}

/** A name that a broker takes as it is. */
function brokerName() {
  return z.string().regex(/^[\w.-]{1,64}$/, 'letters, digits, dot, dash and underscore, at most 64');
}

/** An identity provider needs to know who asks, and where to send people back to. */
function refuseHalfProvider({ oidcIssuer, oidcClientId, publicUrl }: Config): void {
  if (oidcIssuer === null) return;
  const missing =
    oidcClientId === null
      ? SETTINGS.oidcClientId.variable
      : publicUrl === null
        ? SETTINGS.publicUrl.variable
        : null;
  if (missing !== null)
    throw new UsageError(`${SETTINGS.oidcIssuer.variable} needs ${missing} beside it; it is not set.`);
}

function refuseHalfBroker({ mqttUrl, mqttTopics, mqttShare, mqttClientId }: Config): void {
  const { mqttUrl: url, mqttTopics: topics, mqttShare: share, mqttClientId: id } = SETTINGS;
  if (mqttShare !== null && mqttClientId === id.byDefault)
    throw new UsageError(
      `${share.variable} needs ${id.variable} beside it, another one on each instance; it is not set.`,
    );
  if ((mqttUrl === null) === (mqttTopics.length === 0)) return;
  const [set, missing] = mqttUrl === null ? [topics, url] : [url, topics];
  throw new UsageError(`${set.variable} needs ${missing.variable} beside it; it is not set.`);
}

/** Our own server is plain PostgreSQL. */
function refuseEngineWithoutDatabase({ databaseEngine, databaseUrl }: Config): void {
  if (databaseEngine === 'postgresql' || databaseUrl !== null) return;
  const { databaseEngine: engine, databaseUrl: url } = SETTINGS;
  throw new UsageError(
    `${engine.variable}=${databaseEngine} needs ${url.variable} beside it; it is not set.`,
  );
}

function refuseUnknown(variables: readonly string[]): void {
  const known = Object.values<Setting>(SETTINGS).flatMap(({ variable, secret }) =>
    secret ? [variable, `${variable}${FILE_SUFFIX}`] : [variable],
  );
  const unknown = variables.find((name) => name.startsWith(PREFIX) && !known.some((each) => each === name));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known);
  const advice = nearest === null ? `known are ${known.join(', ')}` : `did you mean ${nearest}?`;
  throw new UsageError(`${unknown} is no setting of Gridwarden; ${advice}`);
}

function read({ variable, schema, byDefault, secret }: Setting, env: NodeJS.ProcessEnv): unknown {
  const text = (secret ? secretIn(variable, env) : env[variable]?.trim()) || byDefault;
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  const shown = secret ? 'has a wrong value' : `is ${JSON.stringify(text)}`;
  throw new UsageError(`${variable} ${shown}; allowed is ${parsed.error.issues[0].message}.`);
}

/** A secret may lie in a file, as compositions and service managers hand them out, and not in the environment. */
function secretIn(variable: string, env: NodeJS.ProcessEnv): string | undefined {
  const [text, file] = [env[variable]?.trim(), env[`${variable}${FILE_SUFFIX}`]?.trim()];
  if (!file) return text;
  if (text)
    throw new UsageError(`${variable} and ${variable}${FILE_SUFFIX} are both set; one of them says it.`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${variable}${FILE_SUFFIX} names ${file}, which can't be read (${code}).`);
  }
}

function share() {
  const words = 'a share from 0 to 1, such as 0.05';
  return z
    .string()
    .regex(/^(0(\.\d{1,6})?|1(\.0+)?)$/, words)
    .transform(Number);
}

/** Decimal digits only: Number('') is 0, and Number('0x1f') and Number('1e3') are not what anybody meant. */
function wholeNumber(min: number, max: number, allowed: string) {
  return z
    .string()
    .regex(/^\d+$/, allowed)
    .transform(Number)
    .refine((value) => value >= min && value <= max, allowed);
}

/** Those that settings have by default. To check another, the scheduler's library is loaded: 70 ms for every command. */
const USUAL_CRONS = ['*/10 * * * *', '*/5 * * * *', '30 3 * * *', '0 6 * * *', '0 7 * * *'];

function cronExpression(example = '*/10 * * * *') {
  return z
    .string()
    .refine(
      (text) => USUAL_CRONS.includes(text) || isCronExpression(text),
      `a cron expression such as ${example}`,
    );
}

function isCronExpression(text: string): boolean {
  const cron = createRequire(import.meta.url)('cron') as {
    validateCronExpression: typeof validateCronExpression;
  };
  return cron.validateCronExpression(text).valid;
}

function httpUrl() {
  return z
    .string()
    .refine((text) => isUrlOf(text, ['http:', 'https:']), 'an address such as https://gridwarden.example')
    .transform((text) => text.replace(/\/+$/, ''));
}

/** Separated by commas. */
function httpUrls() {
  return list().pipe(z.array(httpUrl()));
}

/** Separated by commas; parsed where they are used. */
function verifierKeys() {
  return list().refine(
    (each) => each.every((text) => /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/.test(text)),
    'keys separated by commas, as gridwarden audit witness prints them',
  );
}

/** Separated by commas; parsed where they are used. */
function networks() {
  return list().refine(
    (each) => each.every((text) => ipaddr.isValidCIDR(text)),
    'networks separated by commas, such as 10.20.0.0/16,127.0.0.1/32',
  );
}

/** Separated by commas. */
function mqttTopics() {
  const example = 'energo:meters/{metering_point}/energy?start=ts&kwh=value';
  return list().transform((texts, context) =>
    texts.map((text) => {
      const rule = topicRule(text);
      if (rule !== null) return rule;
      context.addIssue({ code: 'custom', message: `rules separated by commas, such as ${example}` });
      return z.NEVER;
    }),
  );
}

function list() {
  return z.string().transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
}

function isUrlOf(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol) && new URL(text).hostname !== '';
}

/** Scheme, host and port alone; unencrypted only where nothing leaves this machine. */
function isOrigin(text: string): boolean {
  if (!isProviderUrl(text)) return false;
  const { pathname, search, hash } = new URL(text);
  return pathname === '/' && search === '' && hash === '';
}

function isProviderUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username } = new URL(text);
  const isOurs = isLoopback(hostname);
  return username === '' && (protocol === 'https:' || (protocol === 'http:' && isOurs));
}

function isNetwork(text: string): boolean {
  const [address, bits = '0', ...more] = text.split('/');
  const family = isIP(address);
  return (
    more.length === 0 && family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
  );
}

function isPostgresUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname } = new URL(text);
  return ['postgres:', 'postgresql:'].includes(protocol) && hostname !== '' && pathname.length > 1;
}
