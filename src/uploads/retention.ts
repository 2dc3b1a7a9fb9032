import { rm } from 'node:fs/promises';
import type { Client } from 'pg';
import { systemActor, type Actor } from '../audit/append-audit.js';
import { inAuditedTransaction, recordAtEnd } from '../audit/audited-transaction.js';
import { READINGS_DROPPED } from '../audit/domain/forgotten.js';
import { isoFromDay, monthStart, type DayNumber } from '../grid/domain/calendar.js';
import { dropProfileMonth, profileMonths } from '../readings/profile-retention.js';
import type { Spool } from './spool.js';

const DAY_MS = 86_400_000;
/** Retries with an old idempotency key are no retries. */
const KEYS_KEPT_DAYS = 30;

export interface RetentionRules {
  /** Months of readings kept besides the running one; null: all. */
  readonly readingsKeptMonths: number | null;
  /** Days that a received file is kept after it was loaded; null: for ever. */
  readonly rawFilesKeptDays: number | null;
}

export interface Dropped {
  /** First days of the months whose readings were dropped. */
  readonly months: readonly string[];
  readonly files: number;
}

/**
 * Drops what is older than the rules keep: whole months of readings by their partition, received files that nothing waits for.
 * Each month is recorded in the log in the transaction that drops it, so that verifying knows why it is gone.
 */
export async function applyRetention(
  client: Client,
  spool: Spool,
  { readingsKeptMonths, rawFilesKeptDays }: RetentionRules,
  now: Date,
  actor: Actor = systemActor('retention'),
): Promise<Dropped> {
  const months = readingsKeptMonths === null ? [] : await dropMonths(client, readingsKeptMonths, now, actor);
  const files =
    rawFilesKeptDays === null
      ? 0
      : await dropFiles(client, spool, new Date(now.getTime() - rawFilesKeptDays * DAY_MS), actor);
  const keysBefore = new Date(now.getTime() - KEYS_KEPT_DAYS * DAY_MS);
  await client.query('delete from upload_key where made_at < $1', [keysBefore]);
  return { months, files };
}

async function dropMonths(client: Client, kept: number, now: Date, actor: Actor): Promise<string[]> {
  const oldest = monthsBefore(Math.floor(now.getTime() / DAY_MS), kept);
  const due = (await profileMonths(client)).filter((month) => month < oldest);
  for (const month of due) {
    const iso = isoFromDay(month);
    await inAuditedTransaction(client, async () => {
      await dropProfileMonth(client, month);
      recordAtEnd(client, {
        actor,
        kind: READINGS_DROPPED,
        subject: `readings:${iso.slice(0, 7)}`,
        body: { month: iso.slice(0, 7), kept_months: kept },
      });
    });
  }
  return due.map(isoFromDay);
}

/** The first day of the month that lies `months` before the day's. */
function monthsBefore(day: DayNumber, months: number): DayNumber {
  let month = monthStart(day);
  for (let back = 0; back < months; back++) month = monthStart(month - 1);
  return month;
}

/** Files whose every upload ended before `before` and holds no reading back. */
async function dropFiles(client: Client, spool: Spool, before: Date, actor: Actor): Promise<number> {
  const { rows } = await client.query<{ sha256: string; uploads: number[] }>(
    `select sha256, array_agg(id order by id) as uploads from upload u
     where file_dropped_at is null group by sha256
     having bool_and(status in ('loaded', 'refused', 'failed') and finished_at < $1
       and not exists (select from held_point h where h.upload_id = u.id and h.applied_at is null))`,
    [before],
  );
  for (const { sha256, uploads } of rows) {
    // The file first: a crash in between leaves a row that says «kept» of a file that is gone, and the next run mends it.
    await rm(spool.path(sha256), { force: true });
    await inAuditedTransaction(client, async () => {
      await client.query('update upload set file_dropped_at = now() where id = any ($1)', [uploads]);
      for (const id of uploads)
        recordAtEnd(client, {
          actor,
          kind: 'upload.file_dropped',
          subject: `upload:${id}`,
          body: { sha256 },
        });
    });
  }
  return rows.length;
}
