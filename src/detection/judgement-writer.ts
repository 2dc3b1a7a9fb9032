import type { ClientBase } from 'pg';
import { ContentDigest } from '../database/content-digest.js';
import { copyIn, copyOut } from '../database/copy-binary.js';
import { isoFromDay, monthStart, type DayNumber } from '../grid/domain/calendar.js';
import { amongPoints } from './ids.js';
import type { QuotaJudgement } from './month-use.js';

/** A metering point whose months were judged anew: all that are judged from a month on. */
export interface JudgedPoint {
  readonly meteringPointId: number;
  readonly months: { readonly from: DayNumber; readonly judged: readonly QuotaJudgement[] };
}

export interface JudgingRun {
  readonly asOf: DayNumber;
  /** Neither scores nor judgements are stored yet. */
  readonly isFirstRun: boolean;
}

const COLUMNS =
  'metering_point_id, month, counted_per, rule_id, limit_kwh, metered_kwh, unit_kwh, flat_kwh, ' +
  'intervals_present, intervals_expected, exceeded';

/** A row's place, and what is judged there. */
type Row = readonly [meteringPointId: number, judgement: QuotaJudgement];

/**
 * Stores what was judged anew inside the caller's transaction and answers how many rows were written or removed. A month that says
 * what is stored is left alone; one that is judged no more is taken away.
 */
export async function mergeJudgements(
  client: ClientBase,
  { asOf, isFirstRun }: JudgingRun,
  points: readonly JudgedPoint[],
): Promise<number> {
  const judged = points.flatMap(({ meteringPointId, months }) =>
    months.judged.map((judgement): Row => [meteringPointId, judgement]),
  );
  if (isFirstRun) return copyJudgements(client, judged);
  const stored = await readJudgements(client, points, monthStart(asOf));
  const written: Row[] = [];
  let replaced = 0;
  for (const row of judged) {
    const [point, judgement] = row;
    const before = stored.get(keyOf(point, judgement.month));
    if (before && digestOf(before[1]) === digestOf(judgement)) {
      stored.delete(keyOf(point, judgement.month));
      continue;
    }
    written.push(row);
    if (before) replaced++;
  }
  // What is left of them is replaced, or judged no more.
  await deleteJudgements(client, points, [...stored.values()]);
  return (await copyJudgements(client, written)) + stored.size - replaced;
}

/** As stored, of the months that were judged anew, by {@link keyOf}. */
async function readJudgements(
  client: ClientBase,
  points: readonly JudgedPoint[],
  last: DayNumber,
): Promise<Map<string, Row>> {
  const from = new Map(points.map(({ meteringPointId, months }) => [meteringPointId, months.from]));
  const first = Math.min(...from.values());
  const query = `select ${COLUMNS} from quota_judgement
    where ${amongPoints(points)} and month between '${isoFromDay(first)}' and '${isoFromDay(last)}'`;
  const rows = new Map<string, Row>();
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 11, (row) => {
    const [point, month] = [row.int4(0), row.date(1)];
    if (month < from.get(point)!) return;
    const judgement: QuotaJudgement = {
      month,
      countedPer: row.text(2) as QuotaJudgement['countedPer'],
      ruleId: row.text(3),
      limitKwh: row.float8(4),
      meteredKwh: row.float8(5),
      unitKwh: row.float8(6),
      flatKwh: row.float8(7),
      intervalsPresent: row.int4(8),
      intervalsExpected: row.int4(9),
      exceeded: row.bool(10),
    };
    rows.set(keyOf(point, month), [point, judgement]);
  });
  return rows;
}

async function deleteJudgements(
  client: ClientBase,
  points: readonly JudgedPoint[],
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `delete from quota_judgement where ${amongPoints(points)}
       and (metering_point_id, month) in (select * from unnest($1::integer[], $2::date[]))`,
    [rows.map(([point]) => point), rows.map(([, { month }]) => isoFromDay(month))],
  );
}

async function copyJudgements(client: ClientBase, rows: readonly Row[]): Promise<number> {
  if (rows.length === 0) return 0;
  let next = 0;
  await copyIn(client, `copy quota_judgement (${COLUMNS}) from stdin (format binary)`, (encoder) => {
    if (next === rows.length) return false;
    const [meteringPointId, judgement] = rows[next++];
    encoder.row(11);
    encoder.int4(meteringPointId);
    encoder.date(judgement.month);
    encoder.text(judgement.countedPer);
    encoder.text(judgement.ruleId);
    encoder.float8(judgement.limitKwh);
    encoder.float8(judgement.meteredKwh);
    encoder.float8(judgement.unitKwh);
    encoder.float8(judgement.flatKwh);
    encoder.int4(judgement.intervalsPresent);
    encoder.int4(judgement.intervalsExpected);
    encoder.bool(judgement.exceeded);
    return true;
  });
  return rows.length;
}

function keyOf(meteringPointId: number, month: DayNumber): string {
  return `${meteringPointId} ${month}`;
}

function digestOf(judgement: QuotaJudgement): number {
  const digest = new ContentDigest();
  digestJudgement(judgement, digest);
  return digest.value();
}

export function digestJudgement(judgement: QuotaJudgement, digest: ContentDigest): void {
  digest
    .number(judgement.month)
    .text(judgement.countedPer)
    .text(judgement.ruleId)
    .number(judgement.limitKwh)
    .number(judgement.meteredKwh)
    .number(judgement.unitKwh)
    .number(judgement.flatKwh)
    .number(judgement.intervalsPresent)
    .number(judgement.intervalsExpected)
    .boolean(judgement.exceeded);
}
