import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Database } from '../../database/open-database.js';
import { exportAlerts, type ExportRequest, type FinishedExport } from './export-alerts.js';

/** The file gets its name when it is whole and on disk; nobody but its owner may read it. */
export async function exportToFile(
  db: Pick<Database, 'connect'>,
  request: ExportRequest,
  file: string,
): Promise<FinishedExport> {
  const unfinished = `${file}.part`;
  const stream = createWriteStream(unfinished, { mode: 0o600 });
  // It may fail before anybody waits for it; whoever writes to it then is told.
  stream.on('error', () => {});
  try {
    const done = await exportAlerts(db, request, stream);
    stream.end();
    await finished(stream);
    await sync(unfinished);
    await rename(unfinished, file);
    return done;
  } finally {
    stream.destroy();
    await rm(unfinished, { force: true });
  }
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r');
  await handle.sync().finally(() => handle.close());
}
