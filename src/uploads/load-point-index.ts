import type { Client } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import { fixedZone, parseZone } from '../grid/domain/time-zone.js';
import { PointIndex } from './domain/point-index.js';
import type { Territory } from './formats/point-clock.js';
import type { UploadRow } from './upload.repository.js';

/** What the ids of an upload's rows name. */
export function pointKind(upload: UploadRow): 'household' | 'transformer' {
  return upload.kind === 'transformer-readings' ? 'transformer' : 'household';
}

/** The utility's metering points by external id; with `heldOnly`, those that the upload's held readings wait for. */
export async function loadPointIndex(
  client: Client,
  upload: UploadRow,
  heldOnly: boolean,
): Promise<{ points: PointIndex; territories: Territory[] }> {
  const from = `from metering_point p
    where p.utility_id = ${upload.utilityId} and p.kind = '${pointKind(upload)}'
    ${heldOnly ? `and exists (select from held_point h where h.upload_id = ${upload.id} and h.applied_at is null and h.external_id = p.external_id)` : ''}`;
  const count = await client.query<{ count: number }>(`select count(*)::int as count ${from}`);
  const rows = await client.query<{ code: string; zone: string; offset: number }>(
    'select code, iana_zone as zone, standard_offset_minutes as "offset" from territory order by code',
  );
  const territories = rows.rows.map((row) => ({
    zone: parseZone(row.zone) ?? fixedZone(row.offset),
    standardOffsetMinutes: row.offset,
  }));
  const indexOfCode = new Map(rows.rows.map((row, index) => [row.code, index]));
  const points = new PointIndex(count.rows[0].count);
  const sql = `copy (select p.id, p.territory_code, p.external_id, coalesce(p.contracted_kw, 'NaN') ${from} limit ${count.rows[0].count})
    to stdout (format binary)`;
  await copyOut(client, sql, 4, (row) => {
    points.add(row.bytes(2), row.int4(0), indexOfCode.get(row.text(1))!, row.float8(3));
  });
  return { points, territories };
}
