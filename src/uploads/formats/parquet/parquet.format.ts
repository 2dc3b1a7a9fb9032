import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetRead,
  type AsyncBuffer,
  type FileMetaData,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { RefusedError } from '../../../config/errors.js';
import type { UploadOptions } from '../../domain/upload-options.js';
import { asFile } from '../as-file.js';
import type { DecodeContext, Declined, Format, FoundItem, Head, Recognised, Source } from '../format.js';
import { columnsOf, type ParquetColumns } from './columns.js';
import { checkPages } from './page-bounds.js';
import { ParquetRows, type ColumnValues } from './parquet-rows.js';

/** Rows by which interval and label are told: as many as it takes. */
const SAMPLES = [5_000, 200_000, 4_000_000];
/** One group is in memory at a time; writers make a million rows at most. */
const MOST_GROUP_ROWS = 4_000_000;
const BATCH_ROWS = 20_000;

interface Opened {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly columns: ParquetColumns;
}

/** Parquet: one reading a row, read row group by row group. */
export const PARQUET: Format = {
  name: 'parquet',
  title: { ru: 'Показания по интервалам (Parquet)', en: 'Interval readings (Parquet)' },

  async recognise({ bytes }: Head, source: Source, options?: UploadOptions): Promise<Recognised | null> {
    if (bytes.toString('latin1', 0, 4) !== 'PAR1') return null;
    const file = await asFile(source);
    try {
      const opened = await open(file.path, options);
      if ('declined' in opened) return opened;
      const rows = await layoutOf(opened);
      if ('declined' in rows) return rows;
      const { columns, metadata } = opened;
      return {
        kind: 'readings',
        recognised: `Parquet: ${metadata.num_rows} rows in ${metadata.row_groups.length} groups, one reading a row, every ${rows.intervalMinutes} minutes, in ${columns.unit.text}.`,
        assumed: rows.assumed,
      };
    } finally {
      await file.close();
    }
  },

  async *decode(source: Source, { options }: DecodeContext): AsyncGenerator<FoundItem[]> {
    const file = await asFile(source);
    try {
      const opened = await open(file.path, options);
      if ('declined' in opened) throw new RefusedError(opened.declined);
      yield* rowsOf(opened);
    } finally {
      await file.close();
    }
  },
};

async function* rowsOf(opened: Opened): AsyncGenerator<FoundItem[]> {
  const rows = await layoutOf(opened);
  if ('declined' in rows) throw new RefusedError(rows.declined);
  yield rows.assumed.map((sentence) => ({ kind: 'assumed', sentence }));
  let first = 0;
  for (const group of opened.metadata.row_groups) {
    const count = Number(group.num_rows);
    const values = await read(opened, first, first + count);
    for (let at = 0; at < count; at += BATCH_ROWS) {
      rows.take(values, at, Math.min(at + BATCH_ROWS, count), first + 1);
      yield rows.takeFound(false);
    }
    first += count;
  }
  yield rows.takeFound(true);
}

async function open(path: string, options?: UploadOptions): Promise<Opened | Declined> {
  const file = await asyncBufferFromFile(path);
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(file);
  } catch (error) {
    throw new RefusedError(`The Parquet file is damaged or was cut off: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  if (metadata.row_groups.some((group) => Number(group.num_rows) > MOST_GROUP_ROWS))
    return {
      declined: `A row group has more than ${MOST_GROUP_ROWS} rows: write the file with smaller groups.`,
    };
  const columns = columnsOf(metadata.schema, options);
  return 'declined' in columns ? columns : { file, metadata, columns };
}

async function layoutOf(opened: Opened): Promise<ParquetRows | Declined> {
  const all = Number(opened.metadata.num_rows);
  if (all === 0) return { declined: 'The Parquet file holds no rows.' };
  let found: ParquetRows | Declined | null = null;
  // In time order, the first rows may be of one moment.
  for (const rows of SAMPLES) {
    found = ParquetRows.of(opened.columns, await read(opened, 0, Math.min(all, rows)));
    if (!('declined' in found) || rows >= all) break;
  }
  return found!;
}

async function checkGroups({ file, metadata, columns }: Opened, from: number, to: number): Promise<void> {
  let first = 0;
  for (const { columns: chunks, num_rows: count } of metadata.row_groups) {
    const rows = Number(count);
    if (first < to && first + rows > from)
      await checkPages(
        file,
        chunks.filter(({ meta_data: meta }) => columns.read.includes(meta?.path_in_schema[0] ?? '')),
        rows,
      );
    first += rows;
  }
}

/** Rows `[rowStart, rowEnd)`, column by column: rows of their own would cost as much as reading them. */
async function read(opened: Opened, rowStart: number, rowEnd: number): Promise<ColumnValues> {
  const { file, metadata, columns } = opened;
  const pieces = new Map<string, Piece[]>(columns.read.map((name) => [name, []]));
  try {
    await checkGroups(opened, rowStart, rowEnd);
    await parquetRead({
      file,
      metadata,
      compressors,
      rowStart,
      rowEnd,
      columns: [...columns.read],
      // Milliseconds and not dates: an object for each timestamp would cost more than reading it.
      parsers: {
        timestampFromMilliseconds: (ms) => Number(ms),
        timestampFromMicroseconds: (us) => Number(us) / 1_000,
        timestampFromNanoseconds: (ns) => Number(ns / 1_000n) / 1_000,
        dateFromDays: (days) => days * 86_400_000,
      },
      onChunk: ({ columnName, columnData, rowStart: at }) =>
        void pieces.get(columnName)?.push({ at, values: columnData }),
    });
    return columns.read.map((name) => joined(pieces.get(name) ?? [], rowStart, rowEnd));
  } catch (error) {
    throw new RefusedError(
      `The Parquet file is damaged at row ${rowStart + 1}: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

/** Some pages of a column, from row `at` of the file on. */
interface Piece {
  readonly at: number;
  readonly values: ArrayLike<unknown>;
}

/** @throws Error rows are missing: the column has fewer than its group. */
function joined(pieces: readonly Piece[], from: number, to: number): ArrayLike<unknown> {
  const [first] = pieces;
  if (pieces.length === 1 && first.at === from && first.values.length === to - from) return first.values;
  const all = new Array<unknown>(to - from);
  let count = 0;
  for (const { at, values } of pieces)
    for (let i = Math.max(0, from - at); i < values.length && at + i < to; i++, count++)
      all[at + i - from] = values[i];
  if (count < all.length) throw new Error(`a column has ${count} of ${all.length} rows`);
  return all;
}
