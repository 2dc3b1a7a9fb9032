/**
 * The audit log: how fast entries are appended, in transactions of one and of thousands, and how fast a whole log is
 * verified (every entry's text and hash, every kept subtree, every checkpoint), from PostgreSQL and from an exported file.
 *
 * BENCH_ENTRIES sets the size; the goal is ten million verified in under 300 s on two cores (security.md, reliability.md
 * row 18), which is what «other» stands for in the two lines of verification, shared out over the entries.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import canonicalize from 'canonicalize';
import { appendAudit } from '../../dist/src/audit/append-audit.js';
import { writeBundle } from '../../dist/src/audit/bundle.js';
import { signLatest } from '../../dist/src/audit/checkpoints.js';
import { canonicalJson } from '../../dist/src/audit/domain/canonical-json.js';
import { openLogKey } from '../../dist/src/audit/key-files.js';
import { inSnapshot } from '../../dist/src/audit/read-log.js';
import { verifyBundle, verifyDatabase } from '../../dist/src/audit/verify-log.js';
import { RecordedRecords } from '../../dist/src/audit/verify-records.js';
import { RecordedSeals } from '../../dist/src/audit/verify-readings.js';
import { openUrl } from '../../dist/src/database/open-database.js';
import { inTransaction } from '../../dist/src/database/transaction.js';
import { newDatabase, withServer } from './bench-region.mjs';

const ENTRIES = Number(process.env.BENCH_ENTRIES ?? 10_000_000);
const BATCH = 20_000;
const SINGLES = 1_000;
const CHECKPOINTS = 20;
/** Ten million in five minutes. */
const GOAL_PER_SECOND = 10_000_000 / 300;

export const name = 'audit';

export async function* run() {
  const folder = await mkdtemp(path.join(tmpdir(), 'gridwarden-audit-bench-'));
  try {
    yield* await withServer(async ({ server }) => measure(await newDatabase(server, 'audit'), folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(url, folder) {
  const database = await openUrl(url, async () => {});
  const client = await database.connect();
  const { key } = await openLogKey(folder, 'bench.example/log');
  const lines = [canonicalLine()];
  try {
    const append = (entries) => inTransaction(client, () => appendAudit(client, entries));
    const single = await timed(async () => {
      for (let at = 0; at < SINGLES; at++) await append(entriesFrom(at, 1));
    });
    lines.push({ name: 'append, one a transaction', ours: SINGLES / single, unit: 'entries/s' });
    let bulk = 0;
    for (let from = SINGLES, next = 0; from < ENTRIES; from += BATCH) {
      const entries = entriesFrom(from, Math.min(BATCH, ENTRIES - from));
      bulk += await timed(() => append(entries));
      if (from >= next) {
        await signLatest(client, key, new Date());
        next += ENTRIES / CHECKPOINTS;
      }
    }
    await signLatest(client, key, new Date());
    lines.push({ name: 'append, in bulk', ours: (ENTRIES - SINGLES) / bulk, unit: 'entries/s' });
    await client.query('vacuum (analyze) audit_entry');
    const logKey = key.verifier;
    // As the command does: what entries say of readings and records is taken along.
    const [seals, records] = [new RecordedSeals(), new RecordedRecords()];
    const onEntry = (entry) => {
      seals.take(entry);
      records.take(entry);
    };
    const options = { seen: [], logKey, onEntry };
    const fromDatabase = await timed(() =>
      inSnapshot(client, async () => whole(await verifyDatabase(client, options))),
    );
    lines.push(verified('verify, from the database', fromDatabase));
    const file = path.join(folder, 'log.txt');
    await inSnapshot(client, () => writeBundle(client, file));
    lines.push(
      verified('verify, from a file', await timed(async () => whole(await verifyBundle(file, options)))),
    );
  } finally {
    await client.end();
    await database.close();
  }
  return lines.map((line) => ({ other: null, ratio: null, ...line }));
}

function verified(what, seconds) {
  const ours = ENTRIES / seconds;
  return { name: what, ours, other: GOAL_PER_SECOND, ratio: ours / GOAL_PER_SECOND, unit: 'entries/s' };
}

function whole({ fault, size }) {
  if (fault !== null || size !== ENTRIES)
    throw new Error(fault?.sentence ?? `${size} entries, not ${ENTRIES}`);
}

/** RFC 8785 of an entry's body through our guard, and by the library alone. */
function canonicalLine() {
  const bodies = entriesFrom(0, 100_000).map(({ body }) => body);
  const rate = (write) => {
    const started = performance.now();
    for (const body of bodies) write(body);
    return (bodies.length / (performance.now() - started)) * 1000;
  };
  rate(canonicalJson);
  const [ours, other] = [rate(canonicalJson), rate(canonicalize)];
  return { name: 'canonical JSON of a body', ours, other, ratio: ours / other, unit: 'bodies/s' };
}

async function timed(work) {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Alert changes, receipts and decisions in turn: about 400 bytes an entry. */
function entriesFrom(first, count) {
  return Array.from({ length: count }, (_, at) => KINDS[(first + at) % KINDS.length](first + at));
}

const KINDS = [
  (n) => ({
    actor: { kind: 'system', id: 'scoring', organisation: null },
    kind: 'alert.firing',
    subject: `alert:${n}`,
    body: {
      metering_point_id: n,
      kind: 'mining_suspected',
      score: (n % 1000) / 1000,
      from: 'pending',
      reason: 'confirmed by two rounds',
      at: '2026-01-02T03:04:05.678Z',
      run_id: 7,
    },
  }),
  (n) => ({
    actor: { kind: 'system', id: 'uploads', organisation: 'energo' },
    kind: 'upload.loaded',
    subject: `upload:${n}`,
    body: {
      sha256: createHash('sha256').update(String(n)).digest('hex'),
      bytes: n * 100,
      counts: { rows: n, accepted: n, rejected: 0, held: 0, created: n, changed: 0, unchanged: 0 },
      refusal: null,
    },
  }),
  (n) => ({
    actor: { kind: 'person', id: String(n % 50), organisation: 'инспекция' },
    kind: 'case.decided',
    subject: `case:${n}`,
    body: { decision: 'dismissed', reason: 'тёплый пол и теплица, подтверждено осмотром', second: n % 49 },
  }),
];
