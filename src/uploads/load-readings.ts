import type { Client } from 'pg';
import { parseZone, type Zone } from '../grid/domain/time-zone.js';
import { DAILY_MINUTES } from '../readings/domain/interval.js';
import { BatchWriter } from './batch-writer.js';
import { noCounts, type IntakeCounts } from './domain/intake-counts.js';
import type { PointIndex } from './domain/point-index.js';
import { whPerValue } from './domain/upload-options.js';
import { fileLines } from './formats/file-lines.js';
import type { Territory } from './formats/point-clock.js';
import { ReadingsDecoder } from './formats/readings-decoder.js';
import { movesTheClock, standardTimeZones, survey, type Survey } from './formats/survey.js';
import { packingOf, type Packing } from './formats/unpack.js';
import { HeldError } from './held-error.js';
import type { LoadOptions } from './load-options.js';
import { loadPointIndex } from './load-point-index.js';
import type { UploadLayout } from './upload.entity.js';
import { recordLayout, restartLoading, type UploadRow } from './upload.repository.js';

/**
 * Loads an upload of readings from where it was last committed. Decoding fills one batch while PostgreSQL stores the
 * other; a batch, its rejected rows, its held points and the progress commit in one transaction, so that a kill at any
 * point loses and doubles nothing.
 */
export async function loadReadings(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  const file = await openReadings(client, upload, options);
  const resumed = await resume(client, upload, file);
  const writer = new BatchWriter(client, upload, options, file, resumed.counts);
  await decodeAll(file, resumed, upload, writer, { ...options, holdUnknown: true });
}

/**
 * Loads the held readings of points that the registry knows by now, from the upload's own file, and moves them on its
 * receipt from held to taken. Storing the same days again writes nothing, so an interrupted run is simply run again.
 */
export async function applyHeldReadings(
  client: Client,
  upload: UploadRow,
  options: LoadOptions,
): Promise<void> {
  const known = await openReadings(client, upload, options, true);
  if (known.points.size === 0) return;
  const counts = noCounts();
  const writer = new BatchWriter(client, upload, options, known, counts, true);
  await decodeAll(known, { offset: known.survey.bodyOffset, counts }, upload, writer, {
    ...options,
    holdUnknown: false,
  });
  await writer.endHeld();
}

interface ReadingsFile {
  readonly path: string;
  readonly packing: Packing;
  readonly survey: Survey;
  readonly points: PointIndex;
  readonly territories: Territory[];
  readonly zone: Zone | null;
  readonly standardZones: ReadonlySet<Zone>;
}

async function openReadings(
  client: Client,
  upload: UploadRow,
  options: LoadOptions,
  heldOnly = false,
): Promise<ReadingsFile> {
  const path = options.spool.path(upload.sha256);
  const packing = await packingOf(path);
  const found = await survey(path, packing, upload.options);
  if (found.labelQuestion !== null && upload.options.label === undefined)
    throw new HeldError({ about: 'label', text: found.labelQuestion });
  const { points, territories } = await loadPointIndex(client, upload, heldOnly);
  const zone = upload.zone === null ? null : parseZone(upload.zone);
  const placed = {
    points,
    zones: zonesOf({ zone, territories }),
    zoneOf: (point: number) => zone ?? territories[points.territories[point]].zone,
  };
  const standardZones = await standardTimeZones(path, packing, found, placed);
  const file = { path, packing, survey: found, points, territories, zone, standardZones };
  if (!heldOnly) await recordLayout(client, upload.id, describe(file), upload.totalBytes);
  return file;
}

function describe({ survey: { layout, intervalMinutes }, zone, standardZones }: ReadingsFile): UploadLayout {
  const clock = zone?.name ?? 'territory';
  return {
    layout: layout.layout,
    delimiter: String.fromCharCode(layout.delimiter),
    columns: layout.columns,
    ignored_columns: layout.ignoredColumns,
    interval_minutes: intervalMinutes,
    clock:
      standardZones.size > 0
        ? `${clock}; standard time all year in ${names(standardZones)} (readings lie in the spring hour)`
        : clock,
  };
}

/** Where to go on, with the counts that belong to it. */
interface Resumed {
  readonly offset: number;
  readonly counts: IntakeCounts;
}

async function resume(client: Client, upload: UploadRow, file: ReadingsFile): Promise<Resumed> {
  const begun = upload.committedBytes > 0;
  // Where the clock is put back, the decoder must have seen the first of two equal local times to know the second.
  const mustRestart =
    begun &&
    file.survey.intervalMinutes < DAILY_MINUTES &&
    zonesOf(file).some((zone) => movesTheClock(zone) && !file.standardZones.has(zone));
  if (mustRestart) await restartLoading(client, upload.id);
  if (!begun || mustRestart) {
    const counts = noCounts();
    counts.lastLine = 1;
    return { offset: file.survey.bodyOffset, counts };
  }
  return { offset: upload.committedBytes, counts: { ...noCounts(), ...upload.counts } };
}

function names(zones: Iterable<Zone>): string {
  return [...new Set([...zones].map((zone) => zone.name))].join(', ');
}

function zonesOf({ zone, territories }: Pick<ReadingsFile, 'zone' | 'territories'>): Zone[] {
  return zone ? [zone] : territories.map((territory) => territory.zone);
}

async function decodeAll(
  file: ReadingsFile,
  from: Resumed,
  upload: UploadRow,
  writer: BatchWriter,
  { holdUnknown, rejectedRowsKept }: { holdUnknown: boolean; rejectedRowsKept: number },
): Promise<void> {
  const { layout, intervalMinutes } = file.survey;
  const decoder = new ReadingsDecoder({
    layout,
    intervalMinutes,
    points: file.points,
    territories: file.territories,
    clock: { zone: file.zone, standardZones: file.standardZones },
    receivedAt: upload.receivedAt,
    rejectedRowsKept,
    counts: from.counts,
    whPerValue: whPerValue(upload.options, intervalMinutes),
    endLabelled: upload.options.label === 'end',
    holdUnknown,
  });
  try {
    let end = from.offset;
    for await (const block of fileLines(file.path, file.packing, from.offset)) {
      if (block.kind === 'long-line') {
        decoder.rejectLongLine(block.head);
        end = block.endOffset;
        continue;
      }
      for (let at = 0; at < block.bytes.length;) {
        at = decoder.process(block, at, writer.filling);
        end = block.offset + at;
        if (at < block.bytes.length) await writer.write(decoder, end);
        writer.throwIfStopped();
      }
    }
    await writer.write(decoder, end);
    await writer.settled();
  } finally {
    await writer.close();
  }
}
