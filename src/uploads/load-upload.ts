import type { Client } from 'pg';
import { USUAL_CHECKS } from '../config/domain/checks.js';
import { RefusedError } from '../config/errors.js';
import { inTransaction } from '../database/transaction.js';
import { checkRegisters } from './validation/register-checks.js';
import { recogniseFile, type RecognisedFile } from './formats/recognise.js';
import { applyHeldFormat, loadFormat } from './load-format.js';
import { applyHeldEvents, applyHeldRegisters, loadEvents, loadRegisters } from './load-point-rows.js';
import { applyHeldReadings, loadReadings } from './load-readings.js';
import { loadWeather } from './load-weather.js';
import { HeldError } from './held-error.js';
import type { LoadOptions } from './load-options.js';
import type { Question } from './domain/upload-options.js';
import {
  beginLoading,
  claimUpload,
  endUpload,
  forgiveAttempt,
  holdUpload,
  recordChecks,
  releaseUpload,
  uploadRow,
  uploadsToApply,
  type UploadRow,
} from './upload.repository.js';

/** A file on which loading dies or fails this often without storing anything of it is given up. */
const MOST_ATTEMPTS = 3;
/** Uploads whose load was cut off by a database that went away and could not be told so: it is told when it is back. */
const unforgiven = new Set<number>();

/**
 * Loads a claimed upload to its end: loaded, refused with a sentence, or failed. When the database goes away or its disk
 * is full, or the signal stops it, the upload stays open and is taken up again from its last committed batch. So it is
 * when anything else goes wrong, until it has gone wrong {@link MOST_ATTEMPTS} times: what is to blame may be over by then,
 * and a failed upload has to be sent again.
 * @throws what went wrong.
 */
export async function loadUpload(client: Client, id: number, options: LoadOptions): Promise<void> {
  const upload = await uploadRow(client, id);
  if (unforgiven.delete(id)) await forgiveAttempt(client, id);
  const attempts = await beginLoading(client, id, options.now());
  try {
    if (attempts > MOST_ATTEMPTS)
      throw new RefusedError(`The service died ${MOST_ATTEMPTS} times while loading this file.`);
    await loadByKind(client, upload, options);
    await compareWithRegisters(client, upload, options);
    await endUpload(client, id, 'loaded', null, options.now());
  } catch (error) {
    if (error instanceof HeldError) {
      await holdUpload(client, id, error.question);
      return;
    }
    if (error instanceof RefusedError) {
      await endUpload(
        client,
        id,
        attempts > MOST_ATTEMPTS ? 'failed' : 'refused',
        error.message,
        options.now(),
      );
      return;
    }
    if (options.signal?.aborted || passes(error)) {
      await forgiveAttempt(client, id).catch(() => unforgiven.add(id));
      throw error;
    }
    if (attempts >= MOST_ATTEMPTS) {
      const sentence = `The service failed on this file: ${(error as Error).message}`;
      await endUpload(client, id, 'failed', sentence, options.now());
    }
    throw error;
  }
  // Also after readings: a registry may have named their points while they were being loaded.
  await applyHeld(client, upload.utilityId, options);
}

/**
 * Whether an error lies in the database's present state and not in the file, so that trying again later makes sense:
 * SQLSTATE classes 08 (connection), 40 (rolled back), 53 (out of disk, memory, connections), 55 (locks), 57 (shut down),
 * 58 (system error), or a connection that is gone.
 */
export function passes(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: string };
  if (typeof code === 'string')
    return /^(08|40|53|55|57|58)/.test(code) || /^(ECONN|EPIPE|ENOSPC|EDQUOT)/.test(code);
  return /Connection terminated|Client has encountered a connection error/.test(message ?? '');
}

/** Once everything of the file is stored: what intervals and registers say of each other. */
async function compareWithRegisters(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  if (upload.kind !== 'readings' && upload.kind !== 'registers') return;
  const { checks = USUAL_CHECKS, rejectedRowsKept } = options;
  await inTransaction(client, async () => {
    const found = await checkRegisters(client, upload, checks, rejectedRowsKept);
    if (Object.keys(found).length > 0) await recordChecks(client, upload.id, found);
  });
}

async function loadByKind(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  const file = await recogniseFile(options.spool.path(upload.sha256), upload.options);
  try {
    const question = questionOf(file);
    if (question !== null) throw new HeldError(question);
    if (isForOwnLoader(file, upload)) return await loadOwnLayout(client, upload, options);
    await loadFormat(client, upload, options, file);
  } finally {
    file.close();
  }
}

/** An answer holds for all of an upload: of an archive is asked only what no member says. */
function questionOf({ parts }: RecognisedFile): Question | null {
  return parts.every(({ question }) => question !== null) ? (parts.at(0)?.question ?? null) : null;
}

/** One file in a layout of ours, or one of which nothing is known: the loader of its kind reads it, or says what is missing. */
function isForOwnLoader({ parts }: RecognisedFile, { kind }: UploadRow): boolean {
  if (parts.length !== 1) return false;
  const [{ format, refusal }] = parts;
  if (format === null) return refusal === null && kind !== 'point-codes';
  return format.isOwn === true;
}

async function loadOwnLayout(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  switch (upload.kind) {
    case 'registry': {
      // It may propose changes, and what that takes is half of what a command has to load.
      const { loadRegistry } = await import('./load-registry.js');
      return loadRegistry(client, upload, options);
    }
    case 'weather':
      return loadWeather(client, upload, options);
    case 'readings':
    case 'transformer-readings':
      return loadReadings(client, upload, options);
    case 'registers':
      return loadRegisters(client, upload, options);
    case 'events':
      return loadEvents(client, upload, options);
    case 'point-codes':
      throw new RefusedError(
        'A table of codes has the columns point_code and metering_point, or transformer.',
      );
  }
}

async function applyHeldByKind(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  const file = await recogniseFile(options.spool.path(upload.sha256), upload.options);
  try {
    if (isForOwnLoader(file, upload)) return await applyHeldOfOwnLayout(client, upload, options);
    await applyHeldFormat(client, upload, options, file);
  } finally {
    file.close();
  }
}

async function applyHeldOfOwnLayout(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  switch (upload.kind) {
    case 'readings':
    case 'transformer-readings':
      return applyHeldReadings(client, upload, options);
    case 'registers':
      return applyHeldRegisters(client, upload, options);
    case 'events':
      return applyHeldEvents(client, upload, options);
    case 'registry':
    case 'weather':
    case 'point-codes':
      // None names points that a registry may not know.
      return;
  }
}

/**
 * Applies held readings of metering points that the registry knows by now, of one utility or of all (null), in the order
 * of receipt. An upload whose held readings another process is applying is left to it.
 */
export async function applyHeld(
  client: Client,
  utilityId: number | null,
  options: LoadOptions,
): Promise<void> {
  for (const id of await uploadsToApply(client, utilityId)) {
    if (!(await claimUpload(client, id))) continue;
    try {
      await applyHeldByKind(client, await uploadRow(client, id), { ...options, onProgress: undefined });
    } finally {
      await releaseUpload(client, id);
    }
  }
}
