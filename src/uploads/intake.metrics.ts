import { Inject, Injectable } from '@nestjs/common';
import { Gauge, type Metric } from 'prom-client';
import { DATABASE } from '../database/database.token.js';
import { keptFor } from '../database/kept-for.js';
import type { Database } from '../database/open-database.js';

const KEPT_MS = 60_000;
/** What waits is found by a partial index; after a night without a loader it may be thousands. */
const OPEN_KEPT_MS = 5_000;
/** Utilities that have series of their own: those with most metering points. */
const MOST_UTILITIES = 25;
/** Household metering points that are looked at for how late their readings are. */
const SAMPLE_POINTS = 1_000;
const MONTH_DAYS = 30;
/** By how many days ago the newest readings end. */
const BUCKETS = [
  { name: '1d', most: 1 },
  { name: '3d', most: 3 },
  { name: '7d', most: 7 },
  { name: '30d', most: MONTH_DAYS },
  { name: 'more', most: Infinity },
] as const;
/** A utility that sent nothing for so long is not counted as one that sends. */
const SENDING_DAYS = 90;

const RESULTS = ['accepted', 'blank', 'rejected', 'held'] as const;
const OPEN = ['received', 'loading'] as const;

/** Intake by utility, as the database has it: whichever instance took the file in, and after any restart. */
@Injectable()
export class IntakeMetrics {
  readonly values: Gauge<'utility' | 'result'>;
  readonly lastSuccess: Gauge<'utility'>;
  readonly lateness: Gauge<'utility' | 'behind'>;
  readonly open: Gauge<'status'>;
  readonly oldestOpen: Gauge;
  readonly all: Metric[];

  constructor(@Inject(DATABASE) database: Database) {
    const intake = keptFor(KEPT_MS, () => readIntake(database));
    const lateness = keptFor(KEPT_MS, () => readLateness(database));
    const opened = keptFor(OPEN_KEPT_MS, () =>
      database.dataSource.query<{ status: string; uploads: number; oldest: number }[]>(
        `select status, count(*)::int as uploads, extract(epoch from min(received_at))::float8 as oldest
         from upload where status in ('received', 'loading') group by 1`,
      ),
    );
    this.values = new Gauge({
      name: 'gridwarden_intake_recent_values',
      help: 'Values of the uploads that came to their end in the last 24 hours, by utility and result.',
      labelNames: ['utility', 'result'],
      registers: [],
      async collect() {
        this.reset();
        for (const row of await intake())
          for (const result of RESULTS) this.set({ utility: row.utility, result }, row[result]);
      },
    });
    this.lastSuccess = new Gauge({
      name: 'gridwarden_intake_last_success_timestamp_seconds',
      help: 'When readings of the utility were last loaded.',
      labelNames: ['utility'],
      registers: [],
      async collect() {
        this.reset();
        for (const { utility, lastSuccess } of await intake())
          if (lastSuccess !== null) this.set({ utility }, lastSuccess);
      },
    });
    this.lateness = new Gauge({
      name: 'gridwarden_intake_lateness_ratio',
      help: 'Share of a sample of household metering points by how many days ago their newest readings end.',
      labelNames: ['utility', 'behind'],
      registers: [],
      async collect() {
        this.reset();
        for (const { utility, behind, share } of await lateness()) this.set({ utility, behind }, share);
      },
    });
    this.open = new Gauge({
      name: 'gridwarden_open_uploads',
      help: 'Uploads that wait to be loaded, and those being loaded.',
      labelNames: ['status'],
      registers: [],
      async collect() {
        const rows = await opened();
        for (const status of OPEN)
          this.set({ status }, rows.find((row) => row.status === status)?.uploads ?? 0);
      },
    });
    this.oldestOpen = new Gauge({
      name: 'gridwarden_oldest_open_upload_timestamp_seconds',
      help: 'When the oldest upload that is not loaded yet was received; 0: there is none.',
      registers: [],
      async collect() {
        const oldest = (await opened()).map((row) => row.oldest);
        this.set(oldest.length === 0 ? 0 : Math.min(...oldest));
      },
    });
    this.all = [this.values, this.lastSuccess, this.lateness, this.open, this.oldestOpen];
  }
}

type IntakeRow = { readonly utility: string; readonly lastSuccess: number | null } & Readonly<
  Record<(typeof RESULTS)[number], number>
>;

async function readIntake({ dataSource }: Database): Promise<IntakeRow[]> {
  const sums = RESULTS.map(
    (result) =>
      `coalesce(sum((l.counts ->> '${result}')::float8) filter (where l.finished_at > now() - interval '1 day'), 0) as ${result}`,
  ).join(', ');
  return dataSource.query(
    `select u.code as utility, ${sums},
       extract(epoch from max(l.finished_at) filter (
         where l.status = 'loaded' and l.kind in ('readings', 'transformer-readings')))::float8 as "lastSuccess"
     from ${LARGEST_UTILITIES} u
     join upload l on l.utility_id = u.id and l.finished_at > now() - make_interval(days => ${SENDING_DAYS})
     group by u.code order by u.code`,
  );
}

/**
 * The points are drawn by blocks of the table, so that a million points cost what a thousand do; of each, only the days
 * since the widest bucket begins are read, and of those that have none, whether there are any.
 */
async function readLateness({
  dataSource,
}: Database): Promise<{ utility: string; behind: string; share: number }[]> {
  const sample: { id: number; utility: string }[] = await dataSource.query(
    `select s.id, u.code as utility from (
       select p.id, p.utility_id from metering_point p
         tablesample system ((select least(100, 100.0 * ${SAMPLE_POINTS} / greatest(1, max(id))) from metering_point))
       where p.kind = 'household' limit ${SAMPLE_POINTS}) s
     join ${LARGEST_UTILITIES} u on u.id = s.utility_id`,
  );
  const ids = sample.map(({ id }) => id);
  const recent: { id: number; days: number }[] = await dataSource.query(
    `select metering_point_id as id, current_date - 1 - max(day) as days from load_profile
     where metering_point_id = any ($1) and day >= current_date - ${MONTH_DAYS + 1} group by 1`,
    [ids],
  );
  const days = new Map(recent.map((point) => [point.id, point.days]));
  const older: { id: number }[] = await dataSource.query(
    `select distinct metering_point_id as id from load_profile
     where metering_point_id = any ($1) and day < current_date - ${MONTH_DAYS + 1}`,
    [ids.filter((id) => !days.has(id))],
  );
  for (const { id } of older) days.set(id, Infinity);
  return sharesOf(sample.map(({ id, utility }) => ({ utility, behind: bucketOf(days.get(id) ?? null) })));
}

function bucketOf(days: number | null): string {
  if (days === null) return 'never';
  return BUCKETS.find(({ most }) => days <= most)!.name;
}

/** Of each utility's points the share in each bucket, those with none too. */
function sharesOf(
  points: readonly { readonly utility: string; readonly behind: string }[],
): { utility: string; behind: string; share: number }[] {
  const ofUtility = new Map<string, string[]>();
  for (const { utility, behind } of points) {
    const found = ofUtility.get(utility);
    if (found) found.push(behind);
    else ofUtility.set(utility, [behind]);
  }
  return [...ofUtility].flatMap(([utility, found]) =>
    [...BUCKETS.map(({ name }) => name), 'never'].map((behind) => ({
      utility,
      behind,
      share: found.filter((each) => each === behind).length / found.length,
    })),
  );
}

const LARGEST_UTILITIES = `(
  select u.id, u.code from utility u
  left join (select utility_id, count(*) as points from metering_point group by 1) p on p.utility_id = u.id
  order by coalesce(p.points, 0) desc, u.id limit ${MOST_UTILITIES})`;
