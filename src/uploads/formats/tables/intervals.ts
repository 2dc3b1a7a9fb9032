import type { Columns } from './columns.js';
import type { TableHead } from './header.js';
import type { CommonLayout, LongTable, ValueColumn } from './layout.js';
import { numberFrom } from './numbers.js';
import { labelledTime, rowTime } from './row-time.js';
import { normalised } from './words.js';

const INTERVALS = [5, 10, 15, 20, 30, 60, 1440];
/** Of the rows of a point, so many may repeat a time: an hour that comes twice, a row that was sent twice. */
const MOST_REPEATED = 0.2;
/** A home's use goes up and down: so many values that never fall are a register's. */
const ENOUGH_RISES = 48;

type Timed = Pick<
  CommonLayout,
  'time' | 'dateOrder' | 'pointColumn' | 'intervalColumn' | 'commodityColumn' | 'registerColumn'
>;

/** Minutes between readings of one point, or null when it is none that is read. */
export function intervalOf(head: TableHead, common: Timed, columns: Columns): number | null {
  const { time } = common;
  const stated = head.names
    .map((name) => /(?:kwh|квтч)\s(15|30|60)\s/.exec(normalised(name))?.[1])
    .find((found) => found !== undefined);
  if (stated !== undefined) return Number(stated);
  const steps: number[] = [];
  const byPoint = new Map<string, number[]>();
  for (const { cells } of head.sample) {
    const start = labelledTime(cells, common);
    if (start === null) continue;
    const end = time.start < 0 && time.range < 0 ? null : rowTime(cells, common, 'end');
    // Where the clock is put back a row may end where it began.
    if (end !== null && end.localMinutes > start.localMinutes)
      steps.push(end.localMinutes - start.localMinutes);
    const key = `${cells[common.pointColumn] ?? ''} ${cells[common.intervalColumn] ?? ''} ${cells[common.commodityColumn] ?? ''}`;
    const times = byPoint.get(key) ?? [];
    byPoint.set(key, times);
    times.push(start.localMinutes);
  }
  if (steps.length === 0) {
    for (const times of byPoint.values()) {
      const sorted = [...new Set(times)].sort((a, b) => a - b);
      for (let at = 1; at < sorted.length; at++) steps.push(sorted[at] - sorted[at - 1]);
    }
  }
  if (steps.length === 0)
    return time.startTime < 0 && time.range < 0 && columns.isDateOnly(time.start) ? 1440 : null;
  const step = Math.min(...steps);
  return INTERVALS.includes(step) || 60 % step === 0 ? step : null;
}

/** Whether many rows of a point and register say the same time: something that nobody named tells them apart. */
export function repeatsTimes(head: TableHead, common: Timed): boolean {
  let repeated = 0;
  let rows = 0;
  let section = 0;
  const seen = new Set<string>();
  let line = head.sample[0]?.line ?? 0;
  for (const row of head.sample) {
    // Where the table begins anew it may say the same intervals again.
    if (row.line > line + 2) section++;
    line = row.line;
    const start = labelledTime(row.cells, common);
    if (start === null) continue;
    rows++;
    const { pointColumn, intervalColumn, commodityColumn, registerColumn } = common;
    const kind = [pointColumn, intervalColumn, commodityColumn, registerColumn]
      .map((column) => row.cells[column] ?? '')
      .join('\0');
    const key = `${section} ${kind} ${start.localMinutes} ${start.offsetMinutes}`;
    // The hour that comes twice is one of the first four.
    if (seen.has(key) && !(start.hasTime && minuteOfDay(start.localMinutes) < 240)) repeated++;
    else seen.add(key);
  }
  return repeated > rows * MOST_REPEATED && repeated > 1;
}

function minuteOfDay(localMinutes: number): number {
  return ((localMinutes % 1440) + 1440) % 1440;
}

/** Where one reading stands in columns of several interval lengths («60 min», «15 min»), those of the shortest. */
export function onlyFinest(values: readonly ValueColumn[]): ValueColumn[] {
  const minutes = values.map(({ name }) => Number(/(?:^|\D)(5|15|30|60)\s?-?\s?min/i.exec(name)?.[1] ?? NaN));
  const stated = minutes.filter((each) => !Number.isNaN(each));
  if (new Set(stated).size < 2) return [...values];
  const finest = Math.min(...stated);
  return values.filter((_, at) => minutes[at] === finest);
}

/** Whether a column only grows, as a register's readings do. */
export function isCumulative({ values, pointColumn }: LongTable, { sample }: TableHead): boolean {
  const first = sample[0]?.cells[pointColumn];
  const rows = sample.filter(({ cells }) => cells[pointColumn] === first);
  return values.some(({ column, mark }) =>
    onlyGrows(
      rows
        .map(({ cells }) => numberFrom(cells[column] ?? '', mark) ?? NaN)
        .filter((value) => !Number.isNaN(value)),
    ),
  );
}

export function onlyGrows(numbers: readonly number[]): boolean {
  if (numbers.length < 20) return false;
  const steps = numbers.slice(1).map((value, at) => value - numbers[at]);
  const grows = steps.every((step) => step >= 0) || steps.every((step) => step <= 0);
  const largest = Math.max(...steps.map(Math.abs));
  if (!grows || largest === 0) return false;
  const changes = steps.filter((step) => step !== 0).length;
  return Math.min(...numbers) > 10 * largest || changes >= ENOUGH_RISES;
}
