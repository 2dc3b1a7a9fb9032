import type { Client } from 'pg';
import type { FoundMessage } from './formats/format.js';
import type { UploadRow } from './upload.repository.js';

/** A message with the points it spoke of. */
interface ReceivedMessage {
  readonly createdAt: string;
  readonly number: string;
  readonly points: ReadonlySet<string>;
}

/**
 * The numbered messages of the utility's senders. Of two about one period, the newer stands for the points it names, in
 * whatever order they are received; within one file as well.
 */
export class Messages {
  private readonly ofPeriod = new Map<string, ReceivedMessage[]>();
  /** Since they were last recorded: the points that were taken from each message. */
  private fresh = new Map<FoundMessage, Set<string>>();

  constructor(
    private readonly client: Client,
    private readonly upload: UploadRow,
  ) {}

  /** To be awaited before the message's items: looks up what was received of its period. */
  async begin(message: FoundMessage): Promise<void> {
    const key = keyOf(message);
    if (this.ofPeriod.has(key)) return;
    const { family, sender, period } = message;
    const { rows } = await this.client.query<{ createdAt: string; number: string; points: string[] }>(
      `select created_at as "createdAt", number, points from received_message
       where utility_id = $1 and family = $2 and sender = $3 and period = $4`,
      [this.upload.utilityId, family, sender, period],
    );
    this.ofPeriod.set(
      key,
      rows.map((row) => ({ ...row, points: new Set(row.points) })),
    );
  }

  isSuperseded(message: FoundMessage, point: string): boolean {
    return this.received(message).some((other) => isNewer(other, message) && other.points.has(point));
  }

  note(message: FoundMessage, point: string): void {
    let points = this.fresh.get(message);
    if (points === undefined) {
      points = new Set();
      this.fresh.set(message, points);
      this.received(message).push({ ...message, points });
    }
    points.add(point);
  }

  /** Records what was noted since the last call, in the caller's transaction. */
  async record(): Promise<void> {
    for (const [{ family, sender, period, createdAt, number }, points] of this.fresh) {
      await this.client.query(
        `insert into received_message as m (utility_id, family, sender, period, created_at, number, upload_id, points)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict on constraint received_message_key do update
         set points = (select array_agg(distinct point) from unnest(m.points || excluded.points) as p (point))`,
        [this.upload.utilityId, family, sender, period, createdAt, number, this.upload.id, [...points]],
      );
    }
    this.fresh = new Map();
  }

  private received(message: FoundMessage): ReceivedMessage[] {
    return this.ofPeriod.get(keyOf(message)) ?? [];
  }
}

function keyOf({ family, sender, period }: FoundMessage): string {
  return JSON.stringify([family, sender, period]);
}

/** By the time of writing, then by number: `818` after `811`, whatever their digits. */
function isNewer(
  a: Pick<FoundMessage, 'createdAt' | 'number'>,
  b: Pick<FoundMessage, 'createdAt' | 'number'>,
): boolean {
  if (a.createdAt !== b.createdAt) return a.createdAt > b.createdAt;
  return a.number.localeCompare(b.number, 'en', { numeric: true }) > 0;
}
