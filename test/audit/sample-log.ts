import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from 'pg';
import { appendAudit, systemActor, type AuditEntry } from '../../src/audit/append-audit.js';
import { signLatest } from '../../src/audit/checkpoints.js';
import type { SeenTree } from '../../src/audit/domain/chain-check.js';
import type { SignerKey, VerifierKey } from '../../src/audit/domain/signed-note.js';
import { openLogKey } from '../../src/audit/key-files.js';
import { databaseSource } from '../../src/audit/log-source.js';
import { seenTree } from '../../src/audit/verify-log.js';
import { readCheckpoints, witnessLog } from '../../src/audit/witness.js';
import { inTransaction } from '../../src/database/transaction.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { recordRulebook } from '../../src/rulebook/rulebook-record.js';
import { openIntake, type Intake } from '../uploads/intake.js';

export const RULEBOOK_FILE = path.resolve(import.meta.dirname, '../../rulebook/ru.json');
const POINTS = 6;
const NOW = new Date('2026-03-01T00:00:00Z');

/** A log as a service leaves it, over readings that uploads brought, signed and witnessed as it grew. */
export interface SampleLog {
  readonly intake: Intake;
  readonly logKey: SignerKey;
  readonly witnessKey: VerifierKey;
  readonly stateFile: string;
  /** What the witness has seen, the largest last. */
  readonly seen: readonly SeenTree[];
  readonly folder: string;
  close(): Promise<void>;
}

export async function sampleLog(rounds = 6, entriesARound = 40): Promise<SampleLog> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gridwarden-audit-'));
  const ids = Array.from({ length: POINTS }, (_, point) => `P${point}`);
  const intake = await openIntake(`metering_point,territory\n${ids.map((id) => `${id},RU-IRK\n`).join('')}`);
  const { key: logKey } = await openLogKey(folder, 'test.example/log');
  const stateFile = path.join(folder, 'witness.txt');
  await recordRulebook(intake.database, loadRulebook(RULEBOOK_FILE));
  // A month's end lies within; the second file corrects days of the first.
  await take(intake, readings(ids, '2026-01-28', 6, 400));
  await take(intake, readings(ids.slice(0, 3), '2026-01-29', 2, 900));
  await take(intake, registers(ids, 100), 'registers');
  await take(intake, registers(ids.slice(0, 3), 90), 'registers');
  await take(intake, events(ids), 'events');
  let witnessKey: VerifierKey;
  for (let round = 0; round < rounds; round++) {
    await append(intake.client, decisions(round * entriesARound, entriesARound));
    if (round === 2) await take(intake, readings(ids, '2026-02-10', 3, 300));
    await signLatest(intake.client, logKey, NOW);
    const request = { stateFile, name: 'test.example/witness', logKey: logKey.verifier, now: NOW };
    witnessKey = (await witnessLog(databaseSource(intake.client), request)).witness;
  }
  // Not seen by anybody yet.
  await append(intake.client, decisions(rounds * entriesARound, 5));
  const seen = (await readCheckpoints(stateFile, [witnessKey!])).map((one) => seenTree(one, 'witness.txt'));
  const close = async () => {
    await intake.close();
    await rm(folder, { recursive: true });
  };
  return { intake, logKey, witnessKey: witnessKey!, stateFile, seen, folder, close };
}

export async function append(client: Client, entries: readonly AuditEntry[]): Promise<void> {
  await inTransaction(client, () => appendAudit(client, entries));
}

/** What inspectors decide, from the `first` on. */
export function decisions(first: number, count: number): AuditEntry[] {
  return Array.from({ length: count }, (_, at) => ({
    actor: { kind: 'person', id: String(1 + ((first + at) % 7)), organisation: 'инспекция' },
    kind: (first + at) % 3 === 0 ? 'case.decided' : 'case.seen',
    subject: `case:${first + at}`,
    body: { decision: 'dismissed', reason: `тёплый пол, №${first + at}`, score: 0.25 },
  }));
}

export const scoring = systemActor('scoring');

async function take(
  intake: Intake,
  text: string,
  kind: 'readings' | 'registers' | 'events' = 'readings',
): Promise<void> {
  const receipt = await intake.load(text, { kind });
  if (receipt.status !== 'loaded') throw new Error(receipt.refusal ?? receipt.status);
}

function registers(ids: readonly string[], kwh: number): string {
  const lines = ids.flatMap((id, point) => [
    `${id},2026-02-01,${kwh + point},M${point}`,
    `${id},2026-03-01,${kwh + 50 + point},M${point}`,
  ]);
  return `metering_point,taken_at,register_kwh,meter_serial\n${lines.join('\n')}\n`;
}

function events(ids: readonly string[]): string {
  const lines = ids.flatMap((id) => [`${id},2026-02-02T03:04:05,4,1`, `${id},2026-02-02T05:00:00,4,2`]);
  return `metering_point,at,journal,code\n${lines.join('\n')}\n`;
}

function readings(ids: readonly string[], firstDay: string, days: number, wh: number): string {
  const lines = ['metering_point,start,kwh'];
  const start = Date.parse(`${firstDay}T00:00:00+08:00`);
  ids.forEach((id, point) => {
    for (let hour = 0; hour < days * 24; hour++) {
      const kwh = ((wh + point * 10 + (hour % 24)) / 1000).toFixed(3);
      lines.push(`${id},${new Date(start + hour * 3_600_000).toISOString()},${kwh}`);
    }
  });
  return `${lines.join('\n')}\n`;
}
