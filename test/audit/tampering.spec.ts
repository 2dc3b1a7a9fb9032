import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import type { Fault, FoundEntry } from '../../src/audit/domain/chain-check.js';
import { inSnapshot } from '../../src/audit/read-log.js';
import { verifyDatabase } from '../../src/audit/verify-log.js';
import { RecordedSeals, verifyReadings } from '../../src/audit/verify-readings.js';
import { RecordedRecords, verifyRecords } from '../../src/audit/verify-records.js';
import { verifyRows } from '../../src/audit/verify-rows.js';
import { parseRulebook } from '../../src/rulebook/rulebook-file.js';
import { differenceFromRecord, RULEBOOK_IN_FORCE } from '../../src/rulebook/rulebook-record.js';
import { superuserOf } from '../support/database.js';
import { sampleLog, type SampleLog } from './sample-log.js';
import { seeded, TAMPERINGS, type Expected, type Tampering } from './tampering.js';

/** 10,000 by `npm run torture`; the seed is printed with what was not found. */
const TRIALS = Number(process.env.TAMPERINGS ?? 200);
const SEED = Number(process.env.TAMPERING_SEED ?? 7);

let log: SampleLog;
let superuser: Client;

beforeAll(async () => {
  log = await sampleLog();
  superuser = await superuserOf(log.intake.database);
}, 120_000);

afterAll(async () => {
  await superuser.end();
  await log.close();
});

it('finds nothing where nothing was done', async () => {
  expect(await inSnapshot(superuser, () => verify(superuser))).toBeNull();
  expect(log.seen.length).toBeGreaterThan(3);
});

describe.each(TAMPERINGS)('$name', (tampering) => {
  const trials = Math.ceil(TRIALS / TAMPERINGS.length);
  it(
    `is found and named, ${trials} times`,
    async () => {
      const missed: string[] = [];
      for (let trial = 0; trial < trials; trial++) {
        const miss = await attempt(tampering, SEED * 1_000_003 + trial);
        if (miss !== null) missed.push(miss);
      }
      expect(missed).toEqual([]);
    },
    60_000 + trials * 1_000,
  );
});

/** Null when it was named; else what was said instead. */
async function attempt({ apply }: Tampering, seed: number): Promise<string | null> {
  await superuser.query('begin');
  try {
    await superuser.query(`set local session_replication_role = 'replica'`);
    const expected = await apply(superuser, log, seeded(seed));
    if ('rule' in expected) return await attemptOnRule(expected);
    const fault = await verify(superuser);
    return names(fault, expected)
      ? null
      : `seed ${seed}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(fault)}`;
  } finally {
    await superuser.query('rollback');
  }
}

function names(fault: Fault | null, expected: Exclude<Expected, { rule: string }>): boolean {
  if (fault === null) return false;
  if ('reading' in expected) {
    const { uploadId, day } = expected.reading;
    return fault.reading?.uploadId === uploadId && fault.reading.day === day && fault.sentence.includes(day);
  }
  if ('row' in expected) {
    const { of, meteringPointId } = expected.row;
    return fault.row?.of === of && fault.row.meteringPointId === meteringPointId;
  }
  const { entry, kinds } = expected;
  return (
    fault.reading === undefined &&
    fault.row === undefined &&
    kinds.includes(fault.kind) &&
    fault.first <= entry &&
    entry <= fault.last
  );
}

async function attemptOnRule({ rule, file }: { rule: string; file: string }): Promise<string | null> {
  const { rows } = await superuser.query<{ body: string }>(
    'select body from audit_entry where kind = $1 order by seq desc limit 1',
    [RULEBOOK_IN_FORCE],
  );
  const recorded = JSON.parse(rows[0].body) as Record<string, unknown>;
  const difference = differenceFromRecord(parseRulebook(file, 'changed.json'), recorded);
  return difference?.includes(` ${rule} holds from `) ? null : `expected ${rule}, found ${difference}`;
}

async function verify(client: Client): Promise<Fault | null> {
  const seals = new RecordedSeals();
  const records = new RecordedRecords();
  const onEntry = (entry: FoundEntry) => {
    seals.take(entry);
    records.take(entry);
  };
  const logKey = log.logKey.verifier;
  const { fault } = await verifyDatabase(client, { seen: log.seen, logKey, onEntry });
  return (
    fault ??
    (await verifyRecords(client, records, seals.forgotten)) ??
    (await verifyReadings(client, seals)) ??
    verifyRows(client, seals)
  );
}
