import type { Client } from 'pg';
import { appendAudit, systemActor, type AuditEntry } from '../audit/append-audit.js';
import { sealRows } from '../audit/row-seals.js';
import { storedDaysEntry } from '../audit/domain/day-seal.js';
import { USUAL_CHECKS, type CheckName } from '../config/domain/checks.js';
import { inTransaction } from '../database/transaction.js';
import { applyRegistry } from '../grid/registry.repository.js';
import { storeProfiles } from '../readings/load-profile.repository.js';
import { ensureMonths } from '../readings/profile-months.js';
import type { StoredRows } from '../readings/register.repository.js';
import { addChangedDays, markForScoring, type ChangedDays } from '../readings/scoring-mark.repository.js';
import type { ProfileBatch } from '../readings/domain/profile-batch.js';
import type { FoundItems, Gathered } from './found-items.js';
import {
  EVENT_ROWS,
  REGISTER_ROWS,
  withoutDuplicates,
  type RowKind,
  type TimedRow,
} from './load-point-rows.js';
import { takeBack } from './domain/intake-counts.js';
import type { LoadOptions } from './load-options.js';
import { storePointCodes } from './point-code.repository.js';
import { addCount, type CheckCounts, type Finding } from './validation/domain/finding.js';
import { keepFindings } from './validation/findings.repository.js';
import { ReadingsValidator } from './validation/readings-validator.js';
import { keepRejectedRows, recordHeldPoints, recordProgress, type UploadRow } from './upload.repository.js';

interface Checker {
  readonly validator: ReadingsValidator;
  /** What had been found before the next batch. */
  readonly counted: CheckCounts;
  readonly rejected: CheckCounts;
}

/** Stores what was gathered, all of it in one transaction, and counts what became of it. */
export class StoreFound {
  /** By interval length: each has batches of its own. */
  private readonly checkers = new Map<number, Checker>();
  private findings: Finding[] = [];

  constructor(
    private readonly client: Client,
    private readonly upload: UploadRow,
    private readonly options: LoadOptions,
    private readonly found: FoundItems,
    /** The caller has a transaction open over the whole file. */
    private readonly isInTransaction: boolean,
    private readonly isHeldRun = false,
  ) {}

  async flush(bytesDone: number): Promise<void> {
    const { client, found } = this;
    const gathered = found.gathered();
    this.findings = [];
    for (const batch of gathered.batches) {
      await this.check(batch);
      await ensureMonths(client, batch);
    }
    const store = () => this.store(gathered, bytesDone);
    await (this.isInTransaction ? store() : inTransaction(client, store));
    found.clear();
    this.options.onProgress?.({ bytesDone, bytesTotal: this.upload.totalBytes, counts: found.counts });
  }

  /** Nobody is asked about units: these formats state their own. */
  private async check(batch: ProfileBatch): Promise<void> {
    const { client, upload, options, found } = this;
    let checker = this.checkers.get(batch.intervalMinutes);
    if (checker === undefined) {
      const settings = options.checks ?? USUAL_CHECKS;
      const validator = new ReadingsValidator(client, upload, settings, found.points, false);
      checker = { validator, counted: {}, rejected: {} };
      this.checkers.set(batch.intervalMinutes, checker);
    }
    const { findings, counts, rejected } = await checker.validator.confirm(
      batch,
      checker.validator.look(batch),
    );
    addMore(found.counts.checks, counts, checker.counted);
    const taken: CheckCounts = {};
    addMore(taken, rejected, checker.rejected);
    takeBack(found.counts, taken);
    this.findings.push(...findings);
    this.checkers.set(batch.intervalMinutes, { ...checker, counted: counts, rejected });
  }

  private async store(gathered: Gathered, bytesDone: number): Promise<void> {
    const { client, upload, options, found, isHeldRun } = this;
    const { counts } = found;
    const entries: AuditEntry[] = [];
    const created = await applyRegistry(
      client,
      { utilityId: upload.utilityId, uploadId: upload.id },
      gathered.registryRows,
    );
    addStored(counts, created);
    entries.push(...created.seals);
    await this.storeDays(gathered, entries);
    const { findings } = this;
    await keepFindings(client, upload.id, findings, found.points.pointIds, options.rejectedRowsKept);
    await this.storeRows(gathered.registers, REGISTER_ROWS, entries);
    await this.storeRows(gathered.events, EVENT_ROWS, entries);
    if (gathered.codes.length > 0) {
      const codes = await storePointCodes(client, upload, gathered.codes);
      addStored(counts, codes);
      entries.push({
        actor: systemActor('uploads', upload.utility),
        kind: 'point_codes.changed',
        subject: `upload:${upload.id}`,
        body: { created: codes.created, changed: codes.changed, changes: codes.changes },
      });
    }
    await found.messages.record();
    await keepRejectedRows(client, upload.id, gathered.rejected, options.rejectedRowsKept);
    if (!isHeldRun) {
      await recordHeldPoints(client, upload.id, gathered.held);
      await recordProgress(client, upload.id, bytesDone, counts);
    }
    await appendAudit(client, entries);
  }

  private async storeDays({ batches }: Gathered, entries: AuditEntry[]): Promise<void> {
    const { client, upload, options, found } = this;
    const { pointIds } = found.points;
    for (const batch of batches) {
      const now = options.now();
      const stored = await storeProfiles(client, { batch, pointIds, uploadId: upload.id, now });
      addStored(found.counts, stored);
      found.counts.passedOver += stored.passedOver;
      const { severity } = (options.checks ?? USUAL_CHECKS).interval_length;
      if (stored.otherLength > 0 && severity !== 'off')
        addCount(found.counts.checks, 'interval_length', stored.otherLength);
      if (stored.seals.length > 0) entries.push(storedDaysEntry(upload.id, upload.utility, stored));
    }
  }

  private async storeRows<Column extends string, Row extends TimedRow>(
    all: readonly Row[],
    kind: RowKind<Column, Row>,
    entries: AuditEntry[],
  ): Promise<void> {
    if (all.length === 0) return;
    const { client, upload, options, found } = this;
    const { pointIds } = found.points;
    const rows = withoutDuplicates(all, kind, found.counts);
    const stored: StoredRows = await kind.store(client, {
      rows,
      pointIds,
      uploadId: upload.id,
      now: options.now(),
    });
    const changed = new Map<number, ChangedDays>();
    const changedIds = new Set(stored.changedIds);
    for (const row of rows) {
      const id = pointIds[row.point];
      if (changedIds.has(id)) addChangedDays(changed, id, kind.daysOf(row));
    }
    const corrected = { ids: new Set(stored.correctedIds), uploadId: upload.id };
    await markForScoring(client, changed, options.now(), corrected);
    const ids = stored.changedIds;
    const organisation = upload.utility;
    entries.push(...(await sealRows(client, { of: kind.sealedAs, ids, uploadId: upload.id, organisation })));
    addStored(found.counts, stored);
    found.counts.duplicatesEqual += stored.duplicatesEqual;
    found.counts.duplicatesDifferent += stored.duplicatesDifferent;
  }
}

/** Adds to `sum` what `now` has more than `before`. */
function addMore(sum: CheckCounts, now: CheckCounts, before: CheckCounts): void {
  for (const [check, count] of Object.entries(now) as [CheckName, number][]) {
    const more = count - (before[check] ?? 0);
    if (more !== 0) addCount(sum, check, more);
  }
}

interface Stored {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
}

function addStored(
  counts: { -readonly [K in keyof Stored]: number },
  { created, changed, unchanged }: Stored,
): void {
  counts.created += created;
  counts.changed += changed;
  counts.unchanged += unchanged;
}
