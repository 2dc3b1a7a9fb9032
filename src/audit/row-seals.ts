import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import { sealRoot } from './domain/day-seal.js';
import type { AuditEntry } from './domain/entry.js';
import {
  rowMark,
  storedRowsEntry,
  type RowSeal,
  type SealedKind,
  type SealedRow,
} from './domain/row-seal.js';

interface RowSource {
  /** Rows in force, then superseded ones. */
  readonly tables: readonly string[];
  readonly point: string;
  readonly key: string;
  readonly content: string;
  readonly upload: string;
  /** Which rows are sealed at all. */
  readonly only: string;
}

const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const SOURCES: Readonly<Record<SealedKind, RowSource>> = {
  registers: {
    tables: ['register_reading', 'register_reading_history'],
    point: 'metering_point_id',
    key: `meter_serial, tariff_zone, ${instant('taken_at')}, upload_id`,
    content: 'kwh, ct_ratio, quality',
    upload: 'upload_id',
    only: 'true',
  },
  events: {
    tables: ['meter_event'],
    point: 'metering_point_id',
    key: `${instant('"at"')}, journal, code`,
    content: 'kind, upload_id',
    upload: 'upload_id',
    only: 'true',
  },
  registry: {
    tables: ['metering_point'],
    point: 'id',
    key: '',
    content: `utility_id, kind, external_id, household, territory_code, transformer_id, tariff_category, electric_heating,
      contracted_kw, declared_load_kw, declared_purpose, registry_upload_id`,
    upload: 'registry_upload_id',
    // Known cases under an invented name are no part of the registry.
    only: `kind <> 'seeded'`,
  },
};

const POINTS_AT_ONCE = 10_000;
/** 2.4 MB of marks. */
const ROWS_A_SEAL = 100_000;

interface Sealing {
  readonly of: SealedKind;
  /** Rows of these metering points … */
  readonly ids: readonly number[];
  /** … that this upload stored; null: whatever stored them. */
  readonly uploadId: number | null;
  readonly organisation?: string | null;
}

/**
 * Seals rows as they are stored by now, in the transaction that stored them; the entries that come back go into the audit log
 * with it.
 */
export async function sealRows(
  client: ClientBase,
  { of, ids, uploadId, organisation = null }: Sealing,
): Promise<AuditEntry[]> {
  const { point, upload, tables } = SOURCES[of];
  const entries: AuditEntry[] = [];
  for (let from = 0; from < ids.length; from += POINTS_AT_ONCE) {
    const some = ids.slice(from, from + POINTS_AT_ONCE).join(',');
    const ofUpload = uploadId === null ? '' : ` and ${upload} = ${uploadId}`;
    const marks: Buffer[] = [];
    await eachRow(client, of, tables[0], `${point} = any ('{${some}}'::integer[])${ofUpload}`, (row) =>
      marks.push(rowMark(row)),
    );
    for (const seal of await storeMarks(client, of, uploadId, marks))
      entries.push(storedRowsEntry(uploadId, organisation, seal));
  }
  return entries;
}

async function storeMarks(
  client: ClientBase,
  of: SealedKind,
  uploadId: number | null,
  marks: readonly Buffer[],
): Promise<RowSeal[]> {
  const seals: RowSeal[] = [];
  for (let from = 0; from < marks.length; from += ROWS_A_SEAL) {
    const some = marks.slice(from, from + ROWS_A_SEAL);
    const bytes = Buffer.concat(some);
    const { rows } = await client.query<{ id: number }>(
      'insert into row_seal (source, upload_id, rows, marks) values ($1, $2, $3, $4) returning id',
      [of, uploadId, some.length, bytes],
    );
    seals.push({ seal: rows[0].id, of, rows: some.length, root: sealRoot(bytes) });
  }
  return seals;
}

/** Stored rows of the metering points `[from, to)`, superseded ones included. */
export async function eachStoredRow(
  client: ClientBase,
  of: SealedKind,
  { from, to }: { readonly from: number; readonly to: number },
  onRow: (row: SealedRow) => void,
): Promise<void> {
  const { point, tables } = SOURCES[of];
  for (const table of tables)
    await eachRow(client, of, table, `${point} >= ${from} and ${point} < ${to}::bigint`, onRow);
}

async function eachRow(
  client: ClientBase,
  of: SealedKind,
  table: string,
  where: string,
  onRow: (row: SealedRow) => void,
): Promise<void> {
  const { point, key, content, only } = SOURCES[of];
  const query = `select ${point}, json_build_array(${key})::text, json_build_array(${content})::text from ${table}
    where ${only} and ${where} order by 1, 2`;
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 3, (row) =>
    onRow({ meteringPointId: row.int4(0), key: row.text(1), content: row.text(2) }),
  );
}
