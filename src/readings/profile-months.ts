import type { ClientBase } from 'pg';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import { inTransaction } from '../database/transaction.js';
import { isoFromDay, monthStart, nextMonthStart, type DayNumber } from '../grid/domain/calendar.js';
import type { ProfileBatch } from './domain/profile-batch.js';

/** One writer of profiles at a time: the merge's comparison must not go stale, and staging is one table. */
export const WRITER_LOCK = `pg_advisory_xact_lock(${ADVISORY_LOCKS.profileWriter})`;

/** The rows that are to be stored: their matrix, and the metering_point_id of each point index in it. */
export interface BatchOfPoints {
  readonly batch: ProfileBatch;
  readonly pointIds: Int32Array;
}

/**
 * Makes the monthly partitions that the batch's days need, and the key of every month that lacks it. In a transaction of its
 * own before the load, because it locks the parent table for a moment.
 */
export async function ensureMonths(client: ClientBase, batch: ProfileBatch): Promise<void> {
  const months = await monthsOf(client, monthsIn(batch));
  if (months.some(({ isKeyed }) => !isKeyed)) await makeMonths(client, months);
}

/** Gives every month its key that lacks it, because an import is still filling it or was cut off. */
export async function keyMonths(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ due: boolean }>(
    `select exists (select from pg_inherits where inhparent = 'load_profile'::regclass
       and not exists (select from pg_index where indrelid = inhrelid and indisprimary)) as due`,
  );
  if (rows[0].due) await makeMonths(client, []);
}

/** The table of a month. */
export function monthTable(month: DayNumber): string {
  return `load_profile_${isoFromDay(month).slice(0, 7).replace('-', '_')}`;
}

/** Whether no month of the batch's days has its key: whoever made them is still the only one who stores in them. */
export async function areWithoutKey(client: ClientBase, batch: ProfileBatch): Promise<boolean> {
  return (await monthsOf(client, monthsIn(batch))).every(({ isKeyed }) => !isKeyed);
}

/**
 * The months that one import makes: they are filled without their key, and given it when they are full or somebody else needs
 * it, which takes a quarter of the time of keeping it up row by row. That no day comes twice is certain as long as each batch's
 * days come after those of the batch before, in the order of the key, and nobody else stores: whoever does gives every month
 * its key first. The first batch out of order ends it; what follows is stored as in any other month.
 */
export class OpenMonths {
  /** First days of the months without a key, as far as this import has made them. */
  readonly months = new Set<DayNumber>();
  /** Of the last row that went into them. */
  private lastId = -1;
  private lastDay: DayNumber = -1;
  private hasEnded = false;

  /**
   * Makes ready the months of the next batch. True: all of them are open, and no day of the batch is stored. To be called
   * outside a transaction, with the batches in the order in which they are stored.
   */
  async makeReady(client: ClientBase, { batch, pointIds }: BatchOfPoints): Promise<boolean> {
    const months = await monthsOf(client, monthsIn(batch));
    const isOurs = months.every((month) => this.mayFill(month)) && this.comesAfter({ batch, pointIds });
    if (isOurs && (await this.makeMissing(client, months))) return true;
    const isAnyOpen = this.months.size > 0 || months.some(({ isKeyed }) => !isKeyed);
    this.forget();
    if (isAnyOpen) await makeMonths(client, months);
    return false;
  }

  /** Whether the batch's months are among them, as far as is known. */
  areOpenFor(batch: ProfileBatch): boolean {
    return batch.rows > 0 && monthsIn(batch).every((month) => this.months.has(month));
  }

  /** Gives the months their key. */
  async end(client: ClientBase): Promise<void> {
    this.forget();
    await keyMonths(client);
  }

  private mayFill({ month, isThere, isKeyed }: Month): boolean {
    return !this.hasEnded && (!isThere || (!isKeyed && this.months.has(month)));
  }

  /** False, with nothing made, when another import has made one of them meanwhile. */
  private async makeMissing(client: ClientBase, months: readonly Month[]): Promise<boolean> {
    const missing = months.flatMap(({ month, isThere }) => (isThere ? [] : [month]));
    if (missing.length === 0) return true;
    return inTransaction(client, async () => {
      await client.query(`select ${WRITER_LOCK}`);
      if ((await monthsOf(client, missing)).some(({ isThere }) => isThere)) return false;
      for (const month of missing) await makeMonth(client, month);
      for (const month of missing) this.months.add(month);
      return true;
    });
  }

  /** Whether all days of the batch come after those before in the order of the key; then they are the last ones. */
  private comesAfter({ batch, pointIds }: BatchOfPoints): boolean {
    let { lastId, lastDay } = this;
    for (let row = 0; row < batch.rows; row++) {
      const id = pointIds[batch.points[row]];
      const day = batch.days[row];
      if (id < this.lastId || (id === this.lastId && day <= this.lastDay)) return false;
      if (id < lastId || (id === lastId && day <= lastDay)) continue;
      lastId = id;
      lastDay = day;
    }
    this.lastId = lastId;
    this.lastDay = lastDay;
    return true;
  }

  private forget(): void {
    this.hasEnded = true;
    this.months.clear();
  }
}

interface Month {
  readonly month: DayNumber;
  readonly isThere: boolean;
  readonly isKeyed: boolean;
}

/** First days of the months that the batch's days lie in. */
function monthsIn({ rows, days }: Pick<ProfileBatch, 'rows' | 'days'>): DayNumber[] {
  const months = new Set<DayNumber>();
  let from = NaN;
  let to = NaN;
  for (let row = 0; row < rows; row++) {
    const day = days[row];
    if (day >= from && day < to) continue;
    from = monthStart(day);
    to = nextMonthStart(day);
    months.add(from);
  }
  return [...months];
}

async function monthsOf(client: ClientBase, months: readonly DayNumber[]): Promise<Month[]> {
  const { rows } = await client.query<Omit<Month, 'month'>>(
    `select c.oid is not null as "isThere",
       exists (select from pg_index where indrelid = c.oid and indisprimary) as "isKeyed"
     from unnest($1::text[]) with ordinality as asked (name, n)
     left join pg_class c on c.oid = to_regclass(asked.name) order by asked.n`,
    [months.map(monthTable)],
  );
  return rows.map((row, at) => ({ month: months[at], ...row }));
}

/** Makes the months that are missing, and gives every month its key that has none. */
async function makeMonths(client: ClientBase, months: readonly Month[]): Promise<void> {
  await inTransaction(client, async () => {
    await client.query(`select ${WRITER_LOCK}`);
    for (const { month, isThere } of months) if (!isThere) await makeMonth(client, month);
    await client.query('select load_profile_key_months()');
  });
}

/**
 * By a function of the database, which alone may do so where the service does not own its tables. A new table is attached
 * rather than made in place, because that does not shut readers out of the parent.
 */
async function makeMonth(client: ClientBase, month: DayNumber): Promise<void> {
  await client.query('select load_profile_make_partition($1)', [isoFromDay(month)]);
}
