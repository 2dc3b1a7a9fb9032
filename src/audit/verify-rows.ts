import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import type { Fault, FaultKind } from './domain/chain-check.js';
import { sealRoot } from './domain/day-seal.js';
import { ROW_KEY_BYTES, ROW_MARK_BYTES, rowMark, SEALED_KINDS, type SealedKind } from './domain/row-seal.js';
import { eachStoredRow } from './row-seals.js';
import type { RecordedRowSeal, RecordedSeals } from './verify-readings.js';

/** Rows compared at a time: some 200 MB. */
const ROWS_AT_ONCE = 1_000_000;

/**
 * Compares every register reading, meter event and registry row with what the log says was stored, and names the first of a
 * kind that was altered, removed or put in. The log itself must have been found whole.
 */
export async function verifyRows(
  client: ClientBase,
  recorded: RecordedSeals,
  onProgress?: (rowsDone: number) => void,
): Promise<Fault | null> {
  let done = 0;
  const onRow = () => {
    if (++done % 65_536 === 0) onProgress?.(done);
  };
  const totals = await sealTotals(client, recorded);
  if ('sentence' in totals) return totals;
  for (const of of SEALED_KINDS) {
    let first: RowFault | null = null;
    for (const points of await pointRanges(client, Math.ceil(totals[of] / ROWS_AT_ONCE)))
      first = earlier(first, await compareRange(client, recorded, { of, points }, onRow));
    if (first !== null) return describe(client, of, first);
  }
  onProgress?.(done);
  return exchangedRegisters(client);
}

/** How many rows there are to compare, from what the table itself says: for a progress bar. */
export async function countSealedOtherRows(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'select coalesce(sum(rows), 0)::bigint as count from row_seal',
  );
  return rows[0].count;
}

/** Each seal's marks against the log: rows by kind, or the first seal that is not what was recorded. */
async function sealTotals(
  client: ClientBase,
  recorded: RecordedSeals,
): Promise<Record<SealedKind, number> | Fault> {
  const totals = { registers: 0, events: 0, registry: 0 };
  const met = new Set<number>();
  let first: SealFault | null = null;
  const query = 'copy (select id, source, marks from row_seal order by id) to stdout (format binary)';
  await copyOut(client, query, 3, (row) => {
    const seal = row.int8(0);
    const of = row.text(1) as SealedKind;
    const marks = row.bytes(2);
    const said = recorded.rowSeals.get(seal);
    met.add(seal);
    totals[of] += marks.length / ROW_MARK_BYTES;
    if (said === undefined) first ??= { kind: 'inserted', seal, of, said: null };
    else if (said.of !== of || said.root !== sealRoot(marks))
      first ??= { kind: 'altered', seal, of: said.of, said };
  });
  for (const [seal, said] of recorded.rowSeals)
    if (!met.has(seal)) first ??= { kind: 'missing', seal, of: said.of, said };
  return first === null ? totals : sealFault(first);
}

interface SealFault {
  readonly kind: FaultKind;
  readonly seal: number;
  readonly of: SealedKind;
  /** Null: the log says nothing of it. */
  readonly said: RecordedRowSeal | null;
}

function sealFault({ kind, seal, of, said }: SealFault): Fault {
  const what = `The digests ${seal} of ${of}`;
  const sentence =
    said === null
      ? `${what} are not in the log; they were inserted.`
      : `${what} ${kind === 'missing' ? 'are missing' : 'are not those'} that entry ${said.seq} recorded.`;
  const [at, uploadId] = [said?.seq ?? 0, said?.uploadId ?? null];
  return { kind, first: at, last: at, sentence, row: { of, uploadId, meteringPointId: null } };
}

interface Points {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** `parts` ranges of metering points that between them are all. */
async function pointRanges(client: ClientBase, parts: number): Promise<Points[]> {
  const { rows } = await client.query<{ high: number }>(
    'select coalesce(max(id), 0) as high from metering_point',
  );
  const inner = Array.from({ length: Math.max(parts - 1, 0) }, (_, at) =>
    Math.floor((rows[0].high * (at + 1)) / parts),
  );
  const edges = [...new Set([0, ...inner, 2 ** 31])];
  return edges.slice(1).map((to, at) => ({ from: edges[at], to }));
}

interface RowFault {
  readonly kind: FaultKind;
  /** Null: no entry recorded such a row. */
  readonly said: RecordedRowSeal | null;
  readonly meteringPointId: number;
  /** JSON of which row it is; null: only its digest is known. */
  readonly key: string | null;
}

/** The first in the order of the log, then of metering points. */
function earlier(a: RowFault | null, b: RowFault | null): RowFault | null {
  if (a === null || b === null) return a ?? b;
  const order =
    (a.said?.seq ?? Number.MAX_SAFE_INTEGER) - (b.said?.seq ?? Number.MAX_SAFE_INTEGER) ||
    a.meteringPointId - b.meteringPointId;
  return order <= 0 ? a : b;
}

interface ExpectedRow {
  readonly seal: number;
  readonly digest: string;
}

async function compareRange(
  client: ClientBase,
  recorded: RecordedSeals,
  { of, points }: { readonly of: SealedKind; readonly points: Points },
  onRow: () => void,
): Promise<RowFault | null> {
  const expected = await expectedRows(client, of, points);
  let first: RowFault | null = null;
  await eachStoredRow(client, of, points, (row) => {
    onRow();
    const { meteringPointId, key } = row;
    const mark = rowMark(row);
    const name = mark.toString('latin1', 0, ROW_KEY_BYTES);
    const one = expected.get(name);
    if (one === undefined) first = earlier(first, { kind: 'inserted', said: null, meteringPointId, key });
    else if (one.digest !== mark.toString('latin1', ROW_KEY_BYTES))
      first = earlier(first, {
        kind: 'altered',
        said: recorded.rowSeals.get(one.seal)!,
        meteringPointId,
        key,
      });
    expected.delete(name);
  });
  for (const [name, { seal }] of expected) {
    const meteringPointId = Buffer.from(name, 'latin1').readInt32BE(0);
    const isExplained = of !== 'registry' && recorded.forgotten.hasPoint(meteringPointId);
    if (isExplained) continue;
    const said = recorded.rowSeals.get(seal)!;
    first = earlier(first, { kind: 'missing', said, meteringPointId, key: null });
  }
  return first;
}

/** What the newest mark of each row says, by the mark's first part. */
async function expectedRows(
  client: ClientBase,
  of: SealedKind,
  { from, to }: Points,
): Promise<Map<string, ExpectedRow>> {
  const expected = new Map<string, ExpectedRow>();
  const query = `copy (select id, marks from row_seal where source = '${of}' order by id) to stdout (format binary)`;
  await copyOut(client, query, 2, (row) => {
    const seal = row.int8(0);
    const marks = Buffer.from(row.bytes(1));
    for (let at = 0; at < marks.length; at += ROW_MARK_BYTES) {
      const id = marks.readInt32BE(at);
      if (id < from || id >= to) continue;
      const digest = marks.toString('latin1', at + ROW_KEY_BYTES, at + ROW_MARK_BYTES);
      expected.set(marks.toString('latin1', at, at + ROW_KEY_BYTES), { seal, digest });
    }
  });
  return expected;
}

/** A superseded reading that was put back in force has its digest all the same: the newest upload's must be the one in force. */
async function exchangedRegisters(client: ClientBase): Promise<Fault | null> {
  const { rows } = await client.query<{ id: number; serial: string; upload: number }>(
    `select h.metering_point_id as id, h.meter_serial as serial, h.upload_id as upload
     from register_reading_history h left join register_reading r on r.metering_point_id = h.metering_point_id
       and r.meter_serial = h.meter_serial and r.tariff_zone = h.tariff_zone and r.taken_at = h.taken_at
     where r.upload_id is null or r.upload_id <= h.upload_id
     order by 1, 2 limit 1`,
  );
  if (rows.length === 0) return null;
  const [{ id, serial, upload }] = rows;
  const sentence = `Register readings of meter ${serial} of metering point ${id}, upload ${upload}, were exchanged: the one in force is not the newest.`;
  return {
    kind: 'altered',
    first: 0,
    last: 0,
    sentence,
    row: { of: 'registers', uploadId: upload, meteringPointId: id },
  };
}

const NAMES: Readonly<Record<SealedKind, string>> = {
  registers: 'A register reading',
  events: 'A meter event',
  registry: 'The registry row',
};

async function describe(
  client: ClientBase,
  of: SealedKind,
  { kind, said, meteringPointId, key }: RowFault,
): Promise<Fault> {
  const { rows } = await client.query<{ name: string }>(
    'select external_id as name from metering_point where id = $1',
    [meteringPointId],
  );
  const point = rows.length === 0 ? String(meteringPointId) : `${rows[0].name} (${meteringPointId})`;
  const which = key === null || key === '[]' ? '' : ` ${key}`;
  const sentence = `${NAMES[of]}${which} of metering point ${point} ${end(kind, said)}`;
  const at = said?.seq ?? 0;
  return {
    kind,
    first: at,
    last: at,
    sentence,
    row: { of, uploadId: said?.uploadId ?? null, meteringPointId },
  };
}

function end(kind: FaultKind, said: RecordedRowSeal | null): string {
  if (said === null) return 'was inserted: no entry recorded it.';
  const by = said.uploadId === null ? 'an edit' : `upload ${said.uploadId}`;
  return `was ${kind === 'missing' ? 'removed' : 'altered'}: ${by} stored it, entry ${said.seq} recorded it.`;
}
