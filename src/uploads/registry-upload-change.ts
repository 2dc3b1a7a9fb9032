import { Injectable } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { recordAtEnd } from '../audit/audited-transaction.js';
import { sealRows } from '../audit/row-seals.js';
import { ChangeKinds, type ChangeKind, type PreparedChange } from '../approvals/change-kinds.js';
import { REGISTRY_ROW } from '../grid/registry.repository.js';
import { markPoints } from '../grid/point-changes.js';

const SAMPLE_ROWS = 20;

const RegistryUpload = z.strictObject({ upload: z.int(), rows: z.int(), sha256: z.string() });
type RegistryUpload = z.output<typeof RegistryUpload>;

/** Rows of a registry file that say something else of metering points than what is known. */
export const registryUpload: ChangeKind<RegistryUpload> = {
  kind: 'registry.upload',
  proposers: [],
  schema: RegistryUpload,
  prepare: () => Promise.reject(new Error('an upload proposes this, after it was read')),
  apply: async (client, { upload }) => {
    const { rows } = await client.query<{ id: number }>(
      `update metering_point p
       set household = n.household, territory_code = n.territory_code, transformer_id = n.transformer_id,
         tariff_category = n.tariff_category, electric_heating = n.electric_heating, contracted_kw = n.contracted_kw,
         declared_load_kw = n.declared_load_kw, declared_purpose = n.declared_purpose, registry_upload_id = c.upload_id
       from registry_change c, lateral jsonb_populate_record(null::metering_point, c.becomes) n
       where c.upload_id = $1 and p.id = c.metering_point_id and ${REGISTRY_ROW} = c.was
       returning p.id`,
      [upload],
    );
    const ids = rows.map(({ id }) => id);
    await markPoints(client, ids);
    recordAtEnd(client, ...(await sealRows(client, { of: 'registry', ids, uploadId: upload })));
    const { rows: left } = await client.query<{ rows: number }>(
      `with gone as (delete from registry_change where upload_id = $1 returning 1)
       select count(*)::int as rows from gone`,
      [upload],
    );
    // A row that somebody changed meanwhile was not what was agreed to.
    return { upload, rows: ids.length, changed_meanwhile: left[0].rows - ids.length };
  },
};

/** The rows that an upload left waiting, as a proposal. Null: none. */
export async function waitingRows(
  client: ClientBase,
  upload: { readonly id: number; readonly utilityId: number },
): Promise<PreparedChange<RegistryUpload> | null> {
  const { rows } = await client.query<{ rows: number; sha256: string; sample: unknown[] | null }>(
    `select count(*)::int as rows,
       encode(sha256(coalesce(string_agg(decode(md5(metering_point_id || was::text || becomes::text), 'hex'), ''::bytea
         order by metering_point_id), '')), 'hex') as sha256,
       (select jsonb_agg(jsonb_build_object('metering_point', p.external_id, 'was', s.was, 'becomes', s.becomes))
        from (select * from registry_change where upload_id = $1 order by metering_point_id limit ${SAMPLE_ROWS}) s
        join metering_point p on p.id = s.metering_point_id) as sample
     from registry_change where upload_id = $1`,
    [upload.id],
  );
  const [{ rows: count, sha256, sample }] = rows;
  if (count === 0) return null;
  const { rows: columns } = await client.query<{ column: string; rows: number }>(
    `select b.key as column, count(*)::int as rows from registry_change c, jsonb_each(c.becomes) b
     where c.upload_id = $1 and c.was -> b.key is distinct from b.value group by 1 order by 1`,
    [upload.id],
  );
  const byColumn = Object.fromEntries(columns.map(({ column, rows: changed }) => [column, changed]));
  return {
    subject: `registry:${upload.utilityId}`,
    change: { upload: upload.id, rows: count, sha256 },
    summary: { upload: upload.id, rows: count, columns: byColumn, first_rows: sample ?? [] },
  };
}

/** Makes the kind of change known. */
@Injectable()
export class RegistryUploadChange {
  constructor(kinds: ChangeKinds) {
    kinds.add(registryUpload);
  }
}
