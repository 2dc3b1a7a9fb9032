import type { ClientBase } from 'pg';
import { decodeDay } from '../../readings/domain/energy-codec.js';
import { isoFromDay, nextMonthStart } from '../../grid/domain/calendar.js';
import { QUALITY } from '../../readings/domain/quality.js';
import { CHANNEL_CONSUMPTION } from '../../readings/load-profile.repository.js';
import type { OpenMonths } from '../../readings/profile-months.js';

/** Days of history that a spike is held against. */
const HISTORY_DAYS = 35;

/** A metering point by its id, and a day of it. */
interface PointDay {
  readonly id: number;
  readonly day: string;
}

/**
 * The highest power, kW, that each point showed in the weeks before the day; 0 = nothing is stored. Doubted intervals do not
 * count. `open`: months without a key, in which only the last point can have a day that is stored.
 */
export async function peaksBefore(
  client: ClientBase,
  days: readonly PointDay[],
  open: Pick<OpenMonths, 'months' | 'lastId'> | null = null,
): Promise<number[]> {
  if (open === null || open.months.size === 0) return peaksIn(client, days, '');
  const keyed = [...open.months].map(
    (month) => `and (p.day < '${isoFromDay(month)}' or p.day >= '${isoFromDay(nextMonthStart(month))}')`,
  );
  const peaks = await peaksIn(client, days, keyed.join(' '));
  const last = days.filter(({ id }) => id === open.lastId);
  if (last.length === 0) return peaks;
  const ofLast = await peaksIn(client, last, '');
  return peaks.map((peak, at) => (days[at].id === open.lastId ? ofLast[last.indexOf(days[at])] : peak));
}

/** `where`: a further condition on the stored days. */
async function peaksIn(client: ClientBase, days: readonly PointDay[], where: string): Promise<number[]> {
  const { rows } = await client.query<{ n: number; energy: Buffer; scale: number; quality: Buffer }>(
    `select asked.n::int as n, p.energy, p.scale, p.quality
     from unnest($1::int[], $2::date[]) with ordinality as asked (id, day, n)
     join load_profile p on p.metering_point_id = asked.id and p.channel = ${CHANNEL_CONSUMPTION}
      and p.day between asked.day - ${HISTORY_DAYS} and asked.day - 1 ${where}`,
    [days.map(({ id }) => id), days.map(({ day }) => day)],
  );
  const peaks = days.map(() => 0);
  for (const { n, energy, scale, quality } of rows) {
    const wh = decodeDay(energy, scale);
    const kwPerWh = wh.length / 24 / 1000;
    wh.forEach((value, slot) => {
      if (quality.length > 0 && quality[slot] === QUALITY.questionable) return;
      if (value * kwPerWh > peaks[n - 1]) peaks[n - 1] = value * kwPerWh;
    });
  }
  return peaks;
}
