import type { ClientBase } from 'pg';
import { sealRoot, type DaySeal } from '../audit/domain/day-seal.js';
import { copyIn } from '../database/copy-binary.js';
import { isoFromDay } from '../grid/domain/calendar.js';
import type { DayMarks, MarkedRows } from './domain/day-rows.js';

/** The marks of a batch's rows, day by day. */
export interface MarkedDays extends MarkedRows {
  readonly marks: DayMarks;
}

/** Stores the seals as the upload's batch of that number; what they are goes into the audit log. */
export async function storeSeals(
  client: ClientBase,
  { firstDay, rowsOfDay, marks }: MarkedDays,
  {
    channel,
    uploadId,
    batch,
  }: { readonly channel: number; readonly uploadId: number; readonly batch: number },
): Promise<DaySeal[]> {
  const days = [...rowsOfDay.keys()].filter((at) => rowsOfDay[at] > 0);
  let next = 0;
  await copyIn(client, COPY_SEALS, (encoder) => {
    const at = days[next++];
    encoder.row(6);
    encoder.int4(uploadId);
    encoder.int4(batch);
    encoder.date(firstDay + at);
    encoder.int2(channel);
    encoder.int4(rowsOfDay[at]);
    encoder.bytes(marks[at]!);
    return next < days.length;
  });
  return days.map((at) => ({
    day: isoFromDay(firstDay + at),
    channel,
    rows: rowsOfDay[at],
    root: sealRoot(marks[at]!),
  }));
}

const COPY_SEALS =
  'copy load_profile_seal (upload_id, batch, day, channel, rows, marks) from stdin (format binary)';

/** Number of the upload's next batch; under the lock of who writes profiles. */
export async function nextBatch(client: ClientBase, uploadId: number): Promise<number> {
  const { rows } = await client.query<{ batch: number }>(
    'select coalesce(max(batch), 0) + 1 as batch from load_profile_seal where upload_id = $1',
    [uploadId],
  );
  return rows[0].batch;
}
