import type { Client } from 'pg';
import { someoneCouldAgree, propose } from '../approvals/proposals.js';
import { inAuditedTransaction, recordAtEnd } from '../audit/audited-transaction.js';
import { Readable } from 'node:stream';
import { applyRegistry } from '../grid/registry.repository.js';
import { parseZone } from '../grid/domain/time-zone.js';
import { noCounts } from './domain/intake-counts.js';
import { countRejects } from './domain/rejected-row.js';
import { decodeRegistry } from './formats/registry-csv.js';
import { oneAhead } from './formats/one-ahead.js';
import { packingOf, unpacked } from './formats/unpack.js';
import type { LoadOptions } from './load-options.js';
import { registryUpload, waitingRows } from './registry-upload-change.js';
import { keepRejectedRows, recordProgress, restartLoading, type UploadRow } from './upload.repository.js';

/** Loads a registry in one transaction: a registry half applied would compare homes with the wrong neighbours. */
export async function loadRegistry(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  const path = options.spool.path(upload.sha256);
  const packing = await packingOf(path);
  const zone = upload.zone === null ? null : parseZone(upload.zone);
  const counts = noCounts();
  counts.lastLine = 1;
  await inAuditedTransaction(client, async () => {
    await restartLoading(client, upload.id);
    const hold = await someoneCouldAgree(client);
    const decoded = decodeRegistry(Readable.from(unpacked(path, packing)), { zone });
    for await (const { rows, rejected } of oneAhead(decoded)) {
      const applied = await applyRegistry(
        client,
        { utilityId: upload.utilityId, uploadId: upload.id, hold },
        rows,
      );
      recordAtEnd(client, ...applied.seals);
      counts.rows += rows.length + rejected.length;
      counts.accepted += rows.length;
      counts.lastLine = Math.max(counts.lastLine, rows.at(-1)?.line ?? 0, rejected.at(-1)?.line ?? 0);
      counts.rejected += rejected.length;
      countRejects(counts.rejectedByReason, rejected);
      counts.created += applied.created;
      if (hold) counts.awaiting += applied.changed;
      else counts.changed += applied.changed;
      counts.unchanged += applied.unchanged;
      await keepRejectedRows(client, upload.id, rejected, options.rejectedRowsKept);
      options.onProgress?.({ bytesDone: 0, bytesTotal: upload.totalBytes, counts });
    }
    await recordProgress(client, upload.id, upload.totalBytes ?? 0, counts);
    if (counts.awaiting > 0) await proposeWaiting(client, upload, options.now());
  });
}

/** Days in which somebody has to agree: of an upload that nobody looked at, the next one says the same again. */
const WAITING_DAYS = 30;

/** What would change known points waits for a second person; what waited before makes room for what is said now. */
async function proposeWaiting(client: Client, upload: UploadRow, now: Date): Promise<void> {
  const prepared = await waitingRows(client, upload);
  if (prepared === null) return;
  const { rows } = await client.query<{ actor: string; personId: number | null }>(
    `select case actor_kind when 'system' then actor_id else actor_kind || ' ' || actor_id end as actor,
       case when actor_kind = 'person' then actor_id::int end as "personId"
     from audit_entry where subject = $1 and kind = 'upload.received'`,
    [`upload:${upload.id}`],
  );
  const { actor, personId } = rows[0] ?? { actor: 'intake', personId: null };
  await propose(client, prepared, {
    kind: registryUpload.kind,
    by: { actor, personId, organisation: upload.utility },
    reason: '',
    now,
    days: WAITING_DAYS,
    supersedes: true,
  });
}
