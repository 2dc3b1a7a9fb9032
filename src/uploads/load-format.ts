import type { Client } from 'pg';
import { USUAL_CHECKS } from '../config/domain/checks.js';
import { RefusedError } from '../config/errors.js';
import { inTransaction } from '../database/transaction.js';
import { parseZone, type Zone } from '../grid/domain/time-zone.js';
import { countRejects } from './domain/rejected-row.js';
import { noCounts, type IntakeCounts } from './domain/intake-counts.js';
import { FoundItems } from './found-items.js';
import type { DecodeContext, FoundItem, Source } from './formats/format.js';
import type { RecognisedFile, RecognisedSource } from './formats/recognise.js';
import { loadPointIndex, pointKind } from './load-point-index.js';
import type { LoadOptions } from './load-options.js';
import { Messages } from './received-messages.js';
import { StoreFound } from './store-found.js';
import type { UploadLayout } from './upload.entity.js';
import {
  recordCounts,
  recordLayout,
  restartLoading,
  takeHeldPoints,
  uploadRow,
  type UploadRow,
} from './upload.repository.js';

/** Members named in a refusal or on the receipt. */
const MOST_NAMED = 20;

/**
 * Loads an upload of any format that is decoded into items: intervals, registers, events, registry rows and codes may
 * lie in one file, or in the members of an archive. A batch, its rejected rows, its held points and the number of items
 * behind it commit together; a load that was cut off decodes again from the beginning and passes over those items.
 * @throws RefusedError no part of the file can be read.
 */
export async function loadFormat(
  client: Client,
  upload: UploadRow,
  options: LoadOptions,
  file: RecognisedFile,
): Promise<void> {
  const readable = readableParts(file);
  const load = async (): Promise<void> => {
    const begun = upload.counts.items !== undefined;
    if (!begun) await restartLoading(client, upload.id);
    const counts = begun ? { ...noCounts(), ...upload.counts } : noCounts();
    const found = await itemsOf(client, upload, counts, false);
    const store = new StoreFound(client, upload, checking(file, options), found, isWhole(file));
    await recordLayout(client, upload.id, layoutOf(file, found), upload.totalBytes);
    await decodeAll(file, readable, upload, options, found, store);
    await store.flush(upload.totalBytes ?? 0);
    await recordLayout(client, upload.id, layoutOf(file, found), upload.totalBytes);
  };
  // A registry half applied would compare homes with the wrong neighbours.
  await (isWhole(file) ? inTransaction(client, load) : load());
}

/** Loads what was held for points that are known by now; storing the same days again writes nothing. */
export async function applyHeldFormat(
  client: Client,
  upload: UploadRow,
  options: LoadOptions,
  file: RecognisedFile,
): Promise<void> {
  const counts = noCounts();
  const found = await itemsOf(client, upload, counts, true);
  if (found.points.size === 0) return;
  const store = new StoreFound(client, upload, checking(file, options), found, false, true);
  await decodeAll(file, readableParts(file), upload, options, found, store);
  await store.flush(0);
  await inTransaction(client, async () => {
    const taken = await takeHeldPoints(client, upload, pointKind(upload), options.now());
    const before = { ...noCounts(), ...(await uploadRow(client, upload.id)).counts };
    await recordCounts(client, upload.id, added(before, counts, taken));
  });
}

function readableParts(file: RecognisedFile): readonly RecognisedSource[] {
  const readable = file.parts.filter((part) => part.recognition !== null && part.format !== null);
  if (readable.length > 0) return readable;
  if (file.parts.length === 0) throw new RefusedError('The zip archive holds no files.');
  const [{ source, refusal }] = file.parts;
  const sentence = refusal ?? 'The file is of no format that is read; docs/formats.md lists them.';
  throw new RefusedError(source.member === '' ? sentence : `${source.member}: ${sentence}`);
}

function isWhole(file: RecognisedFile): boolean {
  return file.parts.some(({ recognition }) => recognition?.kind === 'registry');
}

function checking({ parts }: RecognisedFile, options: LoadOptions): LoadOptions {
  if (!parts.every(({ format }) => format?.comesInPieces)) return options;
  const checks = options.checks ?? USUAL_CHECKS;
  return { ...options, checks: { ...checks, missing: { ...checks.missing, severity: 'off' } } };
}

async function itemsOf(
  client: Client,
  upload: UploadRow,
  counts: IntakeCounts,
  heldOnly: boolean,
): Promise<FoundItems> {
  const { points, territories } = await loadPointIndex(client, upload, heldOnly);
  const messages = new Messages(client, upload);
  return new FoundItems({ upload, zone: zoneOf(upload), points, territories, counts, heldOnly, messages });
}

function zoneOf(upload: UploadRow): Zone | null {
  return upload.zone === null ? null : parseZone(upload.zone);
}

async function decodeAll(
  file: RecognisedFile,
  readable: readonly RecognisedSource[],
  upload: UploadRow,
  options: LoadOptions,
  found: FoundItems,
  store: StoreFound,
): Promise<void> {
  const context: DecodeContext = {
    zone: zoneOf(upload),
    receivedAt: upload.receivedAt,
    options: upload.options,
  };
  let bytesDone = 0;
  const counted = (source: Source): Source => ({
    ...source,
    chunks: async function* () {
      for await (const chunk of source.chunks()) {
        bytesDone += chunk.length;
        yield chunk;
      }
    },
  });
  for (const part of file.parts) {
    if (!readable.includes(part)) await take([notRead(part)], part);
    else {
      for await (const items of itemsOrRefusal(part, counted(part.source), context, file.parts.length > 1))
        await take(items, part);
    }
  }

  async function take(items: readonly FoundItem[], { source }: RecognisedSource): Promise<void> {
    for (const item of items) {
      if (!found.hasRoomFor(item)) await store.flush(bytesDone);
      if (item.kind === 'message') await found.messages.begin(item);
      found.take(item, source.member);
    }
    options.signal?.throwIfAborted();
  }
}

/** One bad member does not refuse the others; a file by itself is refused whole. */
async function* itemsOrRefusal(
  { format }: RecognisedSource,
  source: Source,
  context: DecodeContext,
  isOneOfMany: boolean,
): AsyncGenerator<readonly FoundItem[]> {
  try {
    yield* format!.decode(source, context);
  } catch (error) {
    if (!(error instanceof RefusedError) || !isOneOfMany) throw error;
    yield [problemOfFile(error.message)];
  }
}

function notRead({ refusal }: RecognisedSource): FoundItem {
  return problemOfFile(refusal ?? 'The file is of no format that is read.');
}

function problemOfFile(detail: string): FoundItem {
  return {
    kind: 'problem',
    place: { line: 1, path: '' },
    field: '',
    reason: 'not_recognised',
    detail,
    raw: '',
  };
}

function layoutOf({ parts }: RecognisedFile, found: FoundItems): UploadLayout {
  const formats = [...new Set(parts.flatMap(({ format }) => format?.name ?? []))];
  const sentences = (of: (part: RecognisedSource) => readonly string[]) => [...new Set(parts.flatMap(of))];
  const recognised = sentences(({ recognition }) => (recognition === null ? [] : [recognition.recognised]));
  const assumed = sentences(({ recognition }) => recognition?.assumed ?? []);
  const ofArchive = parts.length > 1 ? [`Zip archive of ${parts.length} files.`] : [];
  return {
    layout: formats.join(', '),
    delimiter: '',
    columns: [],
    ignored_columns: [],
    clock: found.clockName,
    recognised: [...ofArchive, ...recognised.slice(0, MOST_NAMED)].join(' '),
    assumed: [...assumed, ...found.assumed].slice(0, MOST_NAMED),
    ...(found.answers.length > 0 ? { messages: found.answers } : {}),
  };
}

/** What a run for held points adds to the receipt; `taken` of its held values came out of waiting. */
function added(before: IntakeCounts, more: IntakeCounts, taken: number): IntakeCounts {
  const rejectedByReason = { ...before.rejectedByReason };
  for (const [reason, count] of Object.entries(more.rejectedByReason))
    countRejects(
      rejectedByReason,
      Array.from({ length: count }, () => ({ reason }) as never),
    );
  return {
    ...before,
    held: before.held - taken,
    accepted: before.accepted + more.accepted,
    rejected: before.rejected + more.rejected,
    rejectedByReason,
    duplicatesEqual: before.duplicatesEqual + more.duplicatesEqual,
    duplicatesDifferent: before.duplicatesDifferent + more.duplicatesDifferent,
    created: before.created + more.created,
    changed: before.changed + more.changed,
    unchanged: before.unchanged + more.unchanged,
    passedOver: before.passedOver + more.passedOver,
  };
}
