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
  const waits = (name: string) =>
    heldOnly
      ? `and exists (select from held_point h where h.upload_id = ${upload.id} and h.applied_at is null and h.external_id = ${name})`
      : '';
  const from = `from metering_point p
    where p.utility_id = ${upload.utilityId} and p.kind = '${pointKind(upload)}' ${waits('p.external_id')}`;
  const codes = await client.query<PointCode>(
    `select c.code, p.id, p.territory_code as territory
     from point_code c join metering_point p using (utility_id, kind, external_id)
     where c.utility_id = ${upload.utilityId} ${waits('c.code')} order by p.id`,
  );
  const count = await client.query<{ count: number }>(`select count(*)::int as count ${from}`);
  const rows = await client.query<{ code: string; zone: string; offset: number }>(
    'select code, iana_zone as zone, standard_offset_minutes as "offset" from territory order by code',
  );
  const indexOfCode = new Map(rows.rows.map((row, index) => [row.code, index]));
  const points = new PointIndex(count.rows[0].count + codes.rows.length);
  const ofCode = new Map(codes.rows.map(({ id }) => [id, -1]));
  const sql = `copy (select p.id, p.territory_code, p.external_id, coalesce(p.contracted_kw, 'NaN') ${from} limit ${count.rows[0].count})
    to stdout (format binary)`;
  await copyOut(client, sql, 4, (row) => {
    const id = row.int4(0);
    if (ofCode.has(id)) ofCode.set(id, points.size);
    points.add(row.bytes(2), id, indexOfCode.get(row.text(1))!, row.float8(3));
  });
  if (codes.rows.length > 0) points.aliases = aliasesOf(codes.rows, points, ofCode, indexOfCode);
  // What an IANA zone means takes half a millisecond to find out: only of those where there are points.
  const inhabited = new Uint8Array(rows.rows.length);
  for (let point = 0; point < points.size; point++) inhabited[points.territories[point]] = 1;
  const territories = rows.rows.map(({ zone, offset }, index) => ({
    zone: (inhabited[index] === 1 ? parseZone(zone) : null) ?? fixedZone(offset),
    standardOffsetMinutes: offset,
  }));
  return { points, territories };
}

interface PointCode {
  readonly code: string;
  readonly id: number;
  readonly territory: string;
}

/** The codes by which senders name points; a point that is named by nothing else is added without a name. */
function aliasesOf(
  codes: readonly PointCode[],
  points: PointIndex,
  indexOfPoint: Map<number, number>,
  indexOfTerritory: ReadonlyMap<string, number>,
): PointIndex {
  const aliases = new PointIndex(codes.length);
  for (const { code, id, territory } of codes) {
    let index = indexOfPoint.get(id)!;
    if (index < 0) {
      index = points.addUnnamed(id, indexOfTerritory.get(territory)!);
      indexOfPoint.set(id, index);
    }
    aliases.add(Buffer.from(code), index, 0);
  }
  return aliases;
}
