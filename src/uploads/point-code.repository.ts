import type { Client } from 'pg';
import type { FoundPointCode } from './formats/format.js';
import type { UploadRow } from './upload.repository.js';

/** Changes that the audit log names one by one; all are counted. */
const MOST_NAMED = 200;

export interface StoredCodes {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  /** `code: point before → point now`, the first of them. */
  readonly changes: readonly string[];
}

/** Stores codes of metering points inside the caller's transaction; of a code said twice, the later stands. */
export async function storePointCodes(
  client: Client,
  { id, utilityId }: UploadRow,
  codes: readonly FoundPointCode[],
): Promise<StoredCodes> {
  const last = [...new Map(codes.map((code) => [code.code, code])).values()];
  const { rows } = await client.query<{ code: string; before: string | null; now: string }>(
    `with stated as (
       select * from unnest($3::text[], $4::text[], $5::text[]) as s (code, kind, external_id)
     ), compared as (
       select s.*, c.external_id as before, c.kind as kind_before
       from stated s left join point_code c on c.utility_id = $1 and c.code = s.code
     ), written as (
       insert into point_code (utility_id, code, kind, external_id, upload_id)
       select $1, code, kind, external_id, $2 from compared
       where (before, kind_before) is distinct from (external_id, kind)
       on conflict (utility_id, code) do update
       set kind = excluded.kind, external_id = excluded.external_id, upload_id = excluded.upload_id
     )
     select code, before, external_id as now from compared
     where (before, kind_before) is distinct from (external_id, kind) order by code`,
    [
      utilityId,
      id,
      last.map(({ code }) => code),
      last.map((code) => code.of),
      last.map(({ point }) => point),
    ],
  );
  const created = rows.filter(({ before }) => before === null).length;
  return {
    created,
    changed: rows.length - created,
    unchanged: last.length - rows.length,
    changes: rows.slice(0, MOST_NAMED).map(({ code, before, now }) => `${code}: ${before ?? '–'} → ${now}`),
  };
}
