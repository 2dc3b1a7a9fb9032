import type { Client } from 'pg';
import { inAuditedTransaction, recordAtEnd } from '../audit/audited-transaction.js';
import type { SealedKind } from '../audit/domain/row-seal.js';
import { sealRows } from '../audit/row-seals.js';
import { parseZone } from '../grid/domain/time-zone.js';
import { storeMeterEvents, type MeterEventRow } from '../readings/meter-event.repository.js';
import { storeRegisters, type RegisterRow, type StoredRows } from '../readings/register.repository.js';
import { addChangedDays, markForScoring, type ChangedDays } from '../readings/scoring-mark.repository.js';
import { noCounts, type IntakeCounts } from './domain/intake-counts.js';
import { countRejects } from './domain/rejected-row.js';
import { EVENTS, type EventColumn } from './formats/events-csv.js';
import { decodePointRows, type PointRowBatch, type PointRowLayout } from './formats/point-rows.js';
import { REGISTERS, type RegisterColumn } from './formats/registers-csv.js';
import { packingOf, unpacked } from './formats/unpack.js';
import { loadPointIndex, pointKind } from './load-point-index.js';
import type { LoadOptions } from './load-options.js';
import {
  keepRejectedRows,
  recordCounts,
  recordHeldPoints,
  recordLayout,
  recordProgress,
  restartLoading,
  takeHeldPoints,
  uploadRow,
  type UploadRow,
} from './upload.repository.js';

export interface TimedRow {
  readonly point: number;
  readonly utcMs: number;
  readonly standardMinutes: number;
}

interface Batch<Row> {
  readonly rows: readonly Row[];
  readonly pointIds: Int32Array;
  readonly uploadId: number;
  readonly now: Date;
}

/** A kind of file with one row for a metering point and moment, and where its rows go. */
export interface RowKind<Column extends string, Row extends TimedRow> {
  readonly layout: PointRowLayout<Column, Row>;
  /** What their digests in the audit log are called. */
  readonly sealedAs: SealedKind;
  /** Rows with the same key are the same thing said twice. */
  readonly keyOf: (row: Row) => string;
  readonly sameValue: (a: Row, b: Row) => boolean;
  readonly store: (client: Client, batch: Batch<Row>) => Promise<StoredRows>;
  /** The days about which a row says something. */
  readonly daysOf: (row: Row) => ChangedDays;
}

export const REGISTER_ROWS: RowKind<RegisterColumn, RegisterRow> = {
  layout: REGISTERS,
  sealedAs: 'registers',
  keyOf: (row) => `${row.point} ${row.utcMs} ${row.zone} ${row.serial}`,
  sameValue: (a, b) => a.kwh === b.kwh && a.ctRatio === b.ctRatio && a.quality === b.quality,
  store: storeRegisters,
  // A register tells of the time before it was read: at midnight, of the day that ended.
  daysOf: ({ standardMinutes }) => ({
    first: Math.floor(standardMinutes / 1440) - 1,
    last: Math.ceil(standardMinutes / 1440) - 1,
  }),
};

export const EVENT_ROWS: RowKind<EventColumn, MeterEventRow> = {
  layout: EVENTS,
  sealedAs: 'events',
  keyOf: (row) => `${row.point} ${row.utcMs} ${row.journal} ${row.code}`,
  sameValue: () => true,
  store: storeMeterEvents,
  daysOf: ({ standardMinutes }) => {
    const day = Math.floor(standardMinutes / 1440);
    return { first: day, last: day };
  },
};

export function loadRegisters(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  return loadRows(client, upload, options, REGISTER_ROWS);
}

export function applyHeldRegisters(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  return applyHeldRows(client, upload, options, REGISTER_ROWS);
}

export function loadEvents(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  return loadRows(client, upload, options, EVENT_ROWS);
}

export function applyHeldEvents(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  return applyHeldRows(client, upload, options, EVENT_ROWS);
}

/** Loads a whole file in one transaction, batch by batch: a loader that dies begins anew and doubles nothing. */
async function loadRows<Column extends string, Row extends TimedRow>(
  client: Client,
  upload: UploadRow,
  options: LoadOptions,
  kind: RowKind<Column, Row>,
): Promise<void> {
  const counts = noCounts();
  await inAuditedTransaction(client, async () => {
    await restartLoading(client, upload.id);
    let described = false;
    await eachBatch(client, upload, options, kind, counts, async ({ header, held }) => {
      await recordHeldPoints(client, upload.id, held);
      if (described) return;
      described = true;
      const { delimiter, columns, ignoredColumns } = header;
      const layout = { layout: upload.kind, delimiter, columns, ignored_columns: ignoredColumns };
      await recordLayout(
        client,
        upload.id,
        { ...layout, clock: upload.zone ?? 'territory' },
        upload.totalBytes,
      );
    });
    await recordProgress(client, upload.id, upload.totalBytes ?? 0, counts);
  });
}

/** Loads the held rows of points that the registry knows by now, and moves them on the receipt from held to what became of them. */
async function applyHeldRows<Column extends string, Row extends TimedRow>(
  client: Client,
  upload: UploadRow,
  options: LoadOptions,
  kind: RowKind<Column, Row>,
): Promise<void> {
  const counts = noCounts();
  await inAuditedTransaction(client, async () => {
    await eachBatch(client, upload, options, kind, counts, null);
    const taken = await takeHeldPoints(client, upload, pointKind(upload), options.now());
    const before = { ...noCounts(), ...(await uploadRow(client, upload.id)).counts };
    const rejectedByReason = { ...before.rejectedByReason };
    for (const [reason, more] of Object.entries(counts.rejectedByReason) as [
      keyof typeof rejectedByReason,
      number,
    ][])
      rejectedByReason[reason] = (rejectedByReason[reason] ?? 0) + more;
    await recordCounts(client, upload.id, {
      ...before,
      held: before.held - taken,
      accepted: before.accepted + counts.accepted,
      blank: before.blank + counts.blank,
      rejected: before.rejected + counts.rejected,
      rejectedByReason,
      duplicatesEqual: before.duplicatesEqual + counts.duplicatesEqual,
      duplicatesDifferent: before.duplicatesDifferent + counts.duplicatesDifferent,
      created: before.created + counts.created,
      changed: before.changed + counts.changed,
      unchanged: before.unchanged + counts.unchanged,
    });
  });
}

/**
 * Decodes the file and stores it batch by batch inside the caller's transaction, counting as it goes; marks what changed
 * at the end. Without `onBatch` this is a run for held points only.
 */
async function eachBatch<Column extends string, Row extends TimedRow>(
  client: Client,
  upload: UploadRow,
  options: LoadOptions,
  kind: RowKind<Column, Row>,
  counts: IntakeCounts,
  onBatch: ((batch: PointRowBatch<Column, Row>) => Promise<void>) | null,
): Promise<void> {
  const path = options.spool.path(upload.sha256);
  const { points, territories } = await loadPointIndex(client, upload, onBatch === null);
  if (onBatch === null && points.size === 0) return;
  const zone = upload.zone === null ? null : parseZone(upload.zone);
  const batches = decodePointRows(unpacked(path, await packingOf(path)), kind.layout, {
    points,
    territories,
    clock: { zone, standardZones: new Set() },
    receivedAt: upload.receivedAt,
    holdUnknown: onBatch !== null,
  });
  const changed = new Map<number, ChangedDays>();
  const corrected = new Set<number>();
  for await (const batch of batches) {
    options.signal?.throwIfAborted();
    const rejected = onBatch === null ? batch.rejected.filter(({ field }) => field !== '') : batch.rejected;
    const rows = withoutDuplicates(batch.rows, kind, counts);
    const { pointIds } = points;
    const stored = await kind.store(client, { rows, pointIds, uploadId: upload.id, now: options.now() });
    const changedIds = new Set(stored.changedIds);
    for (const id of stored.correctedIds) corrected.add(id);
    for (const row of rows) {
      const id = pointIds[row.point];
      if (changedIds.has(id)) addChangedDays(changed, id, kind.daysOf(row));
    }
    await keepRejectedRows(client, upload.id, rejected, options.rejectedRowsKept);
    counts.rows += batch.lines;
    counts.lastLine = batch.lastLine;
    counts.accepted += batch.rows.length;
    counts.blank += batch.blank;
    counts.rejected += rejected.length;
    countRejects(counts.rejectedByReason, rejected);
    for (const { readings } of batch.held.values()) counts.held += readings;
    counts.duplicatesEqual += stored.duplicatesEqual;
    counts.duplicatesDifferent += stored.duplicatesDifferent;
    counts.created += stored.created;
    counts.changed += stored.changed;
    counts.unchanged += stored.unchanged;
    await onBatch?.(batch);
    options.onProgress?.({ bytesDone: 0, bytesTotal: upload.totalBytes, counts });
  }
  await markForScoring(client, changed, options.now(), { ids: corrected, uploadId: upload.id });
  const sealing = { of: kind.sealedAs, ids: [...changed.keys()], uploadId: upload.id };
  recordAtEnd(client, ...(await sealRows(client, { ...sealing, organisation: upload.utility })));
}

/** Of rows with the same key the last; the others are counted. */
export function withoutDuplicates<Column extends string, Row extends TimedRow>(
  rows: readonly Row[],
  { keyOf, sameValue }: RowKind<Column, Row>,
  counts: IntakeCounts,
): Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    const key = keyOf(row);
    const before = byKey.get(key);
    if (before !== undefined) {
      if (sameValue(before, row)) counts.duplicatesEqual++;
      else counts.duplicatesDifferent++;
    }
    byKey.set(key, row);
  }
  return [...byKey.values()];
}
