import type pg from 'pg';
import { RefusedError } from '../config/errors.js';

const OLDEST_VERSION = 150_000;
/** Off, each of them trades committed rows for speed: a receipt that says «loaded» would be a lie after a power cut. */
const DURABILITY = ['fsync', 'full_page_writes', 'synchronous_commit'];

/** Throws a RefusedError unless the server is new enough, stores UTF-8, and keeps what it has committed. */
export async function refuseUnfitServer(connection: pg.Client): Promise<void> {
  const { rows } = await connection.query<{ name: string; setting: string }>(
    'select name, setting from pg_settings where name = any ($1)',
    [[...DURABILITY, 'server_version_num', 'server_version', 'server_encoding']],
  );
  const complaint = complain(new Map(rows.map(({ name, setting }) => [name, setting])));
  if (complaint !== null) throw new RefusedError(complaint);
}

/** The first thing wrong with a server of these settings, or null. */
export function complain(settings: ReadonlyMap<string, string>): string | null {
  if (Number(settings.get('server_version_num')) < OLDEST_VERSION) {
    return `PostgreSQL is ${settings.get('server_version')}; Gridwarden needs ${OLDEST_VERSION / 10_000} or newer.`;
  }
  if (settings.get('server_encoding') !== 'UTF8') {
    return `The database stores ${settings.get('server_encoding')}; Gridwarden needs one with encoding UTF8.`;
  }
  const off = DURABILITY.filter((name) => settings.get(name) === 'off');
  if (off.length === 0) return null;
  return `PostgreSQL runs with ${off.join(', ')} off and could lose what it has confirmed; turn it on.`;
}
