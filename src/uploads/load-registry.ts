import type { Client } from 'pg';
import { inTransaction } from '../database/transaction.js';
import { Readable } from 'node:stream';
import { applyRegistry } from '../grid/registry.repository.js';
import { parseZone } from '../grid/domain/time-zone.js';
import { noCounts } from './domain/intake-counts.js';
import { countRejects } from './domain/rejected-row.js';
import { decodeRegistry } from './formats/registry-csv.js';
import { packingOf, unpacked } from './formats/unpack.js';
import type { LoadOptions } from './load-options.js';
import { keepRejectedRows, recordProgress, restartLoading, type UploadRow } from './upload.repository.js';

/** Loads a registry in one transaction: a registry half applied would compare homes with the wrong neighbours. */
export async function loadRegistry(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  const path = options.spool.path(upload.sha256);
  const packing = await packingOf(path);
  const zone = upload.zone === null ? null : parseZone(upload.zone);
  const counts = noCounts();
  counts.lastLine = 1;
  await inTransaction(client, async () => {
    await restartLoading(client, upload.id);
    for await (const { rows, rejected } of decodeRegistry(Readable.from(unpacked(path, packing)), { zone })) {
      const applied = await applyRegistry(client, { utilityId: upload.utilityId, uploadId: upload.id }, rows);
      counts.rows += rows.length + rejected.length;
      counts.accepted += rows.length;
      counts.lastLine = Math.max(counts.lastLine, rows.at(-1)?.line ?? 0, rejected.at(-1)?.line ?? 0);
      counts.rejected += rejected.length;
      countRejects(counts.rejectedByReason, rejected);
      counts.created += applied.created;
      counts.changed += applied.changed;
      counts.unchanged += applied.unchanged;
      await keepRejectedRows(client, upload.id, rejected, options.rejectedRowsKept);
      options.onProgress?.({ bytesDone: 0, bytesTotal: upload.totalBytes, counts });
    }
    await recordProgress(client, upload.id, upload.totalBytes ?? 0, counts);
  });
}
