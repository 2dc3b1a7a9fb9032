import type { ClientBase } from 'pg';
import { dayFromIso, isoFromDay } from '../../grid/domain/calendar.js';
import { CHANNEL_CONSUMPTION } from '../../readings/load-profile.repository.js';
import type { UploadKind } from '../../uploads/upload.entity.js';
import { gapsIn, type Gap } from './domain/gaps.js';

/** A file that something in the dossier comes from. */
export interface SourceFile {
  readonly upload: number;
  readonly utility: string;
  readonly kind: UploadKind;
  readonly filename: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly received_at: string;
  /** Days of this point that stand as this file said them; 0 for a registry. */
  readonly days: number;
  readonly first_day: string | null;
  readonly last_day: string | null;
}

/** Where the readings of a case come from, and what is missing of them or was not measured. */
export interface Provenance {
  readonly files: readonly SourceFile[];
  readonly days: number;
  readonly days_stored: number;
  readonly intervals: number;
  readonly intervals_missing: number;
  /** Of those that are there: marked as estimated, substituted or questionable by who sent them, or shared out by us. */
  readonly intervals_not_actual: number;
  /** Days that a later file said differently; what they were before is kept. */
  readonly days_revised: number;
  readonly gaps: readonly Gap[];
}

interface DayRow {
  readonly day: number;
  readonly present: number;
  readonly expected: number;
  readonly quality: Buffer;
}

/** Of a metering point's readings in the days of a curve. */
export async function provenanceOf(
  client: ClientBase,
  pointId: number,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<Provenance> {
  const { rows: stored } = await client.query<DayRow>(
    `select day - date '1970-01-01' as day, intervals as present, 1440 / interval_minutes as expected, quality
     from load_profile
     where metering_point_id = $1 and channel = ${CHANNEL_CONSUMPTION} and day >= $2::date and day < $3::date
     order by day`,
    [pointId, from, to],
  );
  const span = { from: dayFromIso(from)!, to: dayFromIso(to)! };
  const days = span.to - span.from;
  const expectedADay = stored.at(-1)?.expected ?? 24;
  const expected = stored.reduce((sum, row) => sum + row.expected, 0) + (days - stored.length) * expectedADay;
  return {
    files: await sourceFiles(client, pointId, { from, to }),
    days,
    days_stored: stored.filter(({ present }) => present > 0).length,
    intervals: expected,
    intervals_missing: expected - stored.reduce((sum, row) => sum + row.present, 0),
    intervals_not_actual: stored.reduce((sum, { quality }) => sum + marked(quality), 0),
    days_revised: await revisedDays(client, pointId, { from, to }),
    gaps: gapsIn(
      span,
      stored.filter(({ present, expected: all }) => present === all).map(({ day }) => day),
    ).map(({ from: first, to: end }) => ({ from: isoFromDay(first), to: isoFromDay(end) })),
  };
}

function marked(quality: Buffer): number {
  return quality.reduce((count, mark) => count + (mark > 0 && mark < 255 ? 1 : 0), 0);
}

interface Use {
  readonly upload: number;
  readonly days: number;
  readonly first_day: string | null;
  readonly last_day: string | null;
}

/** Files of readings, newest first, and the registry that names the point. One statement a table: they may lie apart. */
async function sourceFiles(
  client: ClientBase,
  pointId: number,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<SourceFile[]> {
  const { rows: profiles } = await client.query<Use>(
    `select upload_id as upload, (count(*) filter (where intervals > 0))::int as days,
       to_char(min(day), 'YYYY-MM-DD') as first_day, to_char(max(day), 'YYYY-MM-DD') as last_day
     from load_profile
     where metering_point_id = $1 and channel = ${CHANNEL_CONSUMPTION} and day >= $2::date and day < $3::date
     group by upload_id`,
    [pointId, from, to],
  );
  const { rows: registers } = await client.query<Use>(
    `select upload_id as upload, 0 as days, to_char(min(taken_at), 'YYYY-MM-DD') as first_day,
       to_char(max(taken_at), 'YYYY-MM-DD') as last_day
     from register_reading where metering_point_id = $1 group by upload_id`,
    [pointId],
  );
  const { rows: registry } = await client.query<Use>(
    `select registry_upload_id as upload, 0 as days, null as first_day, null as last_day
     from metering_point where id = $1 and registry_upload_id is not null`,
    [pointId],
  );
  const uses = new Map([...registry, ...registers, ...profiles].map((use) => [use.upload, use]));
  const { rows } = await client.query<Named>(
    `select u.id as upload, y.code as utility, u.kind, u.filename, u.sha256, u.bytes::float8 as bytes, u.received_at
     from upload u join utility y on y.id = u.utility_id
     where u.id = any ($1) order by (u.kind = 'registry'), u.id desc`,
    [[...uses.keys()]],
  );
  return rows.map((row) => ({
    ...row,
    received_at: row.received_at.toISOString(),
    ...uses.get(row.upload)!,
  }));
}

type Named = Omit<SourceFile, keyof Use | 'received_at'> & {
  readonly upload: number;
  readonly received_at: Date;
};

async function revisedDays(
  client: ClientBase,
  pointId: number,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<number> {
  const { rows } = await client.query<{ days: number }>(
    `select count(distinct day)::int as days from load_profile_history
     where metering_point_id = $1 and channel = ${CHANNEL_CONSUMPTION} and day >= $2::date and day < $3::date`,
    [pointId, from, to],
  );
  return rows[0].days;
}
