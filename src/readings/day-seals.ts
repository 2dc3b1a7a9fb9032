import type { ClientBase } from 'pg';
import { MARK_BYTES, sealRoot, writeMark, type DaySeal, type MarkedRow } from '../audit/domain/day-seal.js';
import { copyIn } from '../database/copy-binary.js';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';

/** Collects the marks of rows that come in the order of metering points, day by day. */
export class DaySealer {
  private readonly marks: (Buffer | undefined)[] = [];
  private readonly filled: Uint32Array;

  /** @param rowsOfDay how many rows there will be of each day from `firstDay` on. */
  constructor(
    private readonly firstDay: DayNumber,
    private readonly channel: number,
    private readonly rowsOfDay: Uint32Array,
  ) {
    this.filled = new Uint32Array(rowsOfDay.length);
  }

  add(row: MarkedRow, energy: Uint8Array, quality: Uint8Array): void {
    const at = row.day - this.firstDay;
    const target = (this.marks[at] ??= Buffer.allocUnsafe(this.rowsOfDay[at] * MARK_BYTES));
    writeMark(row, energy, quality, target, this.filled[at]++ * MARK_BYTES);
  }

  /** Stores the seals as the upload's batch of that number; what they are goes into the audit log. */
  async store(client: ClientBase, uploadId: number, batch: number): Promise<DaySeal[]> {
    const days = [...this.rowsOfDay.keys()].filter((at) => this.rowsOfDay[at] > 0);
    let next = 0;
    await copyIn(client, COPY_SEALS, (encoder) => {
      const at = days[next++];
      encoder.row(6);
      encoder.int4(uploadId);
      encoder.int4(batch);
      encoder.date(this.firstDay + at);
      encoder.int2(this.channel);
      encoder.int4(this.rowsOfDay[at]);
      encoder.bytes(this.marks[at]!);
      return next < days.length;
    });
    return days.map((at) => ({
      day: isoFromDay(this.firstDay + at),
      channel: this.channel,
      rows: this.rowsOfDay[at],
      root: sealRoot(this.marks[at]!),
    }));
  }
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
