import type { ClientBase } from 'pg';
import { dayAt, dayFromIso, type DayNumber } from '../grid/domain/calendar.js';

/** First and last day of all readings that are stored. */
export interface StoredDays {
  readonly first: DayNumber;
  readonly last: DayNumber;
}

/**
 * Null without readings. What the last run knew, be it that it was interrupted, and the days marked since are all there is: whatever is
 * stored is marked, and a mark stands until a run has come to its end. Only where there is neither the partitions are read through.
 */
export async function storedDays(client: ClientBase): Promise<StoredDays | null> {
  const { rows } = await client.query<{ first: string | null; last: string | null }>(
    `select least(r.first, m.first)::text as first, greatest(r.last, m.last)::text as last
     from (select min(first_day) as first, max(last_day) as last from scoring_mark) m
     left join (
       select first_stored_day as first, last_stored_day as last from scoring_run order by id desc limit 1) r on true`,
  );
  const [{ first, last }] = rows;
  return first === null || last === null
    ? readThrough(client)
    : { first: dayFromIso(first)!, last: dayFromIso(last)! };
}

/**
 * The day after the newest stored one, but not past today (in the easternmost territory): a single wrong date in the
 * future must not move every window. Null without readings.
 */
export async function defaultAsOf(client: ClientBase, now: Date): Promise<DayNumber | null> {
  const stored = await storedDays(client);
  return stored === null ? null : asOfToday(client, stored, now);
}

export async function asOfToday(client: ClientBase, stored: StoredDays, now: Date): Promise<DayNumber> {
  const { rows } = await client.query<{ minutes: number | null }>(
    'select max(standard_offset_minutes) as minutes from territory',
  );
  return Math.min(stored.last + 1, dayAt(now.getTime(), rows[0].minutes ?? 0));
}

/** Looks into the outermost partitions only: their names end in the month. */
async function readThrough(client: ClientBase): Promise<StoredDays | null> {
  const { rows } = await client.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'load_profile'::regclass
     order by 1`,
  );
  const names = rows.map(({ name }) => name);
  const first = await firstFound(client, 'min', names);
  const last = await firstFound(client, 'max', names.reverse());
  const profiles = first === null || last === null ? null : { first, last };
  const registers = await registerDays(client);
  if (profiles === null || registers === null) return profiles ?? registers;
  return {
    first: Math.min(profiles.first, registers.first),
    last: Math.max(profiles.last, registers.last),
  };
}

/** A reading at midnight closes the day before it. */
async function registerDays(client: ClientBase): Promise<StoredDays | null> {
  const { rows } = await client.query<{ first: string | null; last: string | null }>(
    `select min(taken_at)::date::text as first, (max(taken_at) - interval '1 minute')::date::text as last
     from (select (taken_at + make_interval(mins => t.standard_offset_minutes)) at time zone 'UTC' as taken_at
           from register_reading r join metering_point p on p.id = r.metering_point_id
           join territory t on t.code = p.territory_code) r`,
  );
  const [{ first, last }] = rows;
  return first === null || last === null ? null : { first: dayFromIso(first)!, last: dayFromIso(last)! };
}

async function firstFound(
  client: ClientBase,
  extreme: 'min' | 'max',
  partitions: readonly string[],
): Promise<DayNumber | null> {
  for (const name of partitions) {
    const { rows } = await client.query<{ day: string | null }>(
      `select ${extreme}(day)::text as day from ${name}`,
    );
    if (rows[0].day !== null) return dayFromIso(rows[0].day);
  }
  return null;
}
