import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { RefusedError } from '../../../src/config/errors.js';
import { topicRule } from '../../../src/config/domain/mqtt-topics.js';
import { REJECT_REASONS } from '../../../src/uploads/domain/rejected-row.js';
import type { FoundItem, Source } from '../../../src/uploads/formats/format.js';
import { FORMATS } from '../../../src/uploads/formats/index.js';
import { READINGS_NDJSON } from '../../../src/uploads/formats/ndjson/readings-ndjson.js';
import { openSources, headOf } from '../../../src/uploads/formats/sources.js';
import { linesOfMessage } from '../../../src/uploads/mqtt/message-lines.js';
import { randomFrom } from '../file-oracle.js';
import { FORMAT_SEEDS, workbookOf } from './format-seeds.js';
import type { Random } from './mutations.js';

/** Files of a few kilobytes; two seconds for one would be a hang. */
const MOST_MS = 2_000;
const RECEIVED = new Date('2026-06-01T00:00:00Z');
const MQTT = 'mqtt-payload';
const TARGETS = [...Object.keys(FORMAT_SEEDS), MQTT];
const RULE = topicRule('energo:meters/{metering_point}/energy?start=ts&kwh=value')!;
const PAYLOAD = Buffer.from(
  '{"ts":1738368000,"value":0.5,"quality":"actual"}\n{"ts":1738371600,"value":null}',
);

/** What has broken readers of such files before. */
const TOKENS = [
  ...[
    '',
    '\0',
    '"',
    "'",
    '<',
    '>',
    '&',
    '&#0;',
    ']]>',
    '<![CDATA[',
    '<!--',
    '<!DOCTYPE a>',
    '</',
    '<a>',
    '?',
    '?+',
  ],
  ...['\r', '\n', '\r\n', ';', ',', '\t', '|', '{', '}', '[', ']', ':', '="', '\ufeff', '\u00a0'],
  ...[
    '-1',
    '1e999',
    'NaN',
    'null',
    '9'.repeat(400),
    '99999999',
    '0.0000000001',
    '1,234.5',
    '24:00',
    '2025-02-30',
  ],
  ...[
    '20250230',
    '1970-01-01',
    '2199-12-31T23:59',
    '+99:99',
    'PT0S',
    'PT1Y',
    'A02',
    '300,',
    '200,',
    '400,1,1,',
    'жук',
  ],
];

export interface FormatFuzzResult {
  /** Files of each target that were decoded to their end, and those that were refused in a sentence. */
  readonly decoded: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  /** What was wrong, each with the seed of its case. */
  readonly faults: readonly string[];
}

/** Changed files of each format, and payloads of MQTT messages, in turn; the case `n` of a seed is always the same. */
export async function fuzzFormats(cases: number, seed: number): Promise<FormatFuzzResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gridwarden-fuzz-'));
  const decoded: Record<string, number> = {};
  const refused: Record<string, number> = {};
  const faults: string[] = [];
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 4;
  try {
    for (let n = 0; n < cases && faults.length < 5; n++) {
      const random = randomFrom(seed + n);
      const target = TARGETS[n % TARGETS.length];
      const started = performance.now();
      const told = (what: string) => faults.push(`seed ${seed + n}, ${target}: ${what}`);
      try {
        const fault =
          target === MQTT
            ? await messageFault(random)
            : await fileFault(target, random, path.join(folder, 'file'));
        if (fault !== null) told(fault);
        decoded[target] = (decoded[target] ?? 0) + 1;
      } catch (error) {
        if (error instanceof RefusedError && /[.?!]$/.test(error.message))
          refused[target] = (refused[target] ?? 0) + 1;
        else told(String((error as Error).stack));
      }
      if (performance.now() - started > MOST_MS) told(`took ${Math.round(performance.now() - started)} ms`);
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    rmSync(folder, { recursive: true });
  }
  return { decoded, refused, faults };
}

async function fileFault(target: string, random: Random, file: string): Promise<string | null> {
  const seeds = FORMAT_SEEDS[target];
  const changed = mutated(seeds[Math.floor(random() * seeds.length)], random);
  writeFileSync(file, target === 'xlsx-sheet' ? workbookOf(changed) : changed);
  const sources = await openSources(file);
  try {
    for (const source of sources.all) {
      const fault = await sourceFault(source);
      if (fault !== null) return fault;
    }
    return null;
  } finally {
    sources.close();
  }
}

async function sourceFault(source: Source): Promise<string | null> {
  const head = await headOf(source);
  for (const format of FORMATS) {
    const found = await format.recognise(head, source);
    if (found === null) continue;
    if ('declined' in found) return /[.?]$/.test(found.declined) ? null : `declined: ${found.declined}`;
    for await (const items of format.decode(source, { zone: null, receivedAt: RECEIVED })) {
      const fault = items.map(itemFault).find((each) => each !== null);
      if (fault !== undefined) return `${format.name}: ${fault}`;
    }
    return null;
  }
  return null;
}

/** A message becomes lines that the decoder of readings judges. */
async function messageFault(random: Random): Promise<string | null> {
  const { lines } = linesOfMessage('meters/HOME-1/energy', mutated(PAYLOAD, random), RULE, RECEIVED);
  if (lines.length === 0) return 'a message without a line';
  const bytes = Buffer.from(lines.join('\n'));
  const source: Source = {
    member: '',
    file: null,
    chunks: async function* () {
      yield bytes;
    },
  };
  for await (const items of READINGS_NDJSON.decode(source, { zone: null, receivedAt: RECEIVED })) {
    const fault = items.map(itemFault).find((each) => each !== null);
    if (fault !== undefined) return fault;
  }
  return null;
}

function itemFault(item: FoundItem): string | null {
  if (item.kind === 'intervals') {
    const { wh, quality, intervalMinutes, point } = item;
    if (wh.length === 0 || (quality !== null && quality.length !== wh.length)) return 'lengths of a block';
    if (!(intervalMinutes > 0) || typeof point !== 'string') return `intervals of ${intervalMinutes} minutes`;
    const bad = wh.findIndex((value) => value < 0 || value === Infinity);
    return bad < 0 ? null : `${wh[bad]} Wh`;
  }
  if (item.kind === 'register')
    return item.kwh >= 0 && item.ctRatio > 0 ? null : `${item.kwh} kWh × ${item.ctRatio}`;
  if (item.kind !== 'problem') return null;
  if (!(item.place.line > 0 || item.place.path !== '')) return 'a problem without a place';
  if (!REJECT_REASONS.includes(item.reason)) return `reason ${item.reason}`;
  return /[.?!]$/.test(item.detail) ? null : `detail ${JSON.stringify(item.detail)}`;
}

/** Some bytes overwritten, cut out, doubled, or a token put in. */
function mutated(whole: Buffer, random: Random): Buffer {
  let bytes = whole;
  const place = () => Math.floor(random() * (bytes.length + 1));
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--) {
    const at = place();
    const length = Math.floor(random() * (random() < 0.1 ? 400 : 12));
    const token = Buffer.from(TOKENS[Math.floor(random() * TOKENS.length)]);
    switch (Math.floor(random() * 5)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(at)]);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(at + token.length)]);
        break;
      case 4:
        bytes = Buffer.from(bytes);
        if (at < bytes.length) bytes[at] = Math.floor(random() * 256);
    }
  }
  return random() < 0.05 ? bytes.subarray(0, place()) : bytes;
}
