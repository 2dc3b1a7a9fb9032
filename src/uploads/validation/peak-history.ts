import type { ClientBase } from 'pg';
import { isoFromDay, nextMonthStart, type DayNumber } from '../../grid/domain/calendar.js';
import { decodeDay } from '../../readings/domain/energy-codec.js';
import { QUALITY } from '../../readings/domain/quality.js';
import { CHANNEL_CONSUMPTION } from '../../readings/load-profile.repository.js';

/** Days of history that a spike is held against. */
const HISTORY_DAYS = 35;

/**
 * The highest power, kW, that each point showed in the weeks before the day; 0 = nothing is stored. Doubted intervals do not
 * count. Days of the months `without` are left out.
 */
export async function peaksBefore(
  client: ClientBase,
  days: readonly { readonly id: number; readonly day: string }[],
  without: Iterable<DayNumber> = [],
): Promise<number[]> {
  const outside = [...without].map(
    (month) => `and (p.day < '${isoFromDay(month)}' or p.day >= '${isoFromDay(nextMonthStart(month))}')`,
  );
  const { rows } = await client.query<{ n: number; energy: Buffer; scale: number; quality: Buffer }>(
    `select asked.n::int as n, p.energy, p.scale, p.quality
     from unnest($1::int[], $2::date[]) with ordinality as asked (id, day, n)
     join load_profile p on p.metering_point_id = asked.id and p.channel = ${CHANNEL_CONSUMPTION}
      and p.day between asked.day - ${HISTORY_DAYS} and asked.day - 1
      ${outside.join(' ')}`,
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
