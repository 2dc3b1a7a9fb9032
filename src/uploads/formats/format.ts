import type { RegistryRow } from '../../grid/domain/registry-row.js';
import type { Zone } from '../../grid/domain/time-zone.js';
import type { TariffZone } from '../../readings/domain/register-segments.js';
import type { Question, UploadOptions } from '../domain/upload-options.js';
import type { RejectReason } from '../domain/rejected-row.js';
import type { UploadKind } from '../upload.entity.js';

/**
 * A format that utilities send: how it is recognised, and how its bytes become readings, registers, events and rows.
 * Registered in the list of `index.ts`; pure: no database, no clock, and never the whole file in memory.
 */
export interface Format {
  /** Stands on receipts and in `gridwarden inspect`: `xml-80020`. */
  readonly name: string;
  readonly title: Readonly<Record<'ru' | 'en', string>>;
  /** One of the layouts of our own, which have loaders faster than the common one. */
  readonly isOwn?: boolean;
  /** A day comes in as many uploads as its sender likes: what one of them leaves out is not missing. */
  readonly comesInPieces?: boolean;
  /** By content, never by name; null: another format. May read on in `source` (a spreadsheet's sheets). */
  recognise(
    head: Head,
    source: Source,
    options?: UploadOptions,
  ): Recognised | null | Promise<Recognised | null>;
  /**
   * The same items in the same order whenever it is called: a load that was cut off goes on by passing over those it has.
   * @throws RefusedError when nothing of the file can be read: no XML, a DOCTYPE, cut off before its first value.
   */
  decode(source: Source, context: DecodeContext): AsyncGenerator<FoundItem[]>;
}

/** The beginning of a file or of a member of an archive. */
export interface Head {
  /** Unpacked, at most {@link HEAD_BYTES}; less only when the file is shorter. Of an XLSX: the zip's own bytes. */
  readonly bytes: Buffer;
  readonly isWhole: boolean;
  /** `workbook`: a zip with a workbook in it (XLSX). */
  readonly container: 'plain' | 'workbook';
}

export const HEAD_BYTES = 64 << 10;

/** Said wherever a file is taken in or looked into. */
export const EMPTY_FILE = 'The file is empty.';

/** What is decoded: a file, or one member of a zip archive. */
export interface Source {
  /** Of the archive's member; empty for a file by itself. For places only: nothing is recognised by it. */
  readonly member: string;
  /** The unpacked bytes from the beginning, a piece at a time; may be called again for a second pass. */
  chunks(): AsyncIterable<Buffer>;
  /** The file itself where it can be read at any position (XLSX, Parquet); null inside gzip or zip. */
  readonly file: { readonly path: string; readonly bytes: number } | null;
}

export interface DecodeContext {
  /** The zone that the upload states for times without an offset; null: each metering point's territory decides. */
  readonly zone: Zone | null;
  readonly receivedAt: Date;
  /** What its sender says beside it, where the file does not say. */
  readonly options?: UploadOptions;
}

export type Recognised = Recognition | Declined;

/** Sentences in the receipt's English, each by itself. */
export interface Recognition {
  /** What the file mainly holds. Items of other kinds are taken as well. */
  readonly kind: UploadKind;
  /** `XML 80020, version 2: half hours by measuring point, one day a file.` */
  readonly recognised: string;
  /** What the file does not say and was taken for granted: `Times are those of each metering point's territory.` */
  readonly assumed: readonly string[];
}

/** Recognised, and not read: the sentence says what it is and what to send instead. */
export interface Declined {
  readonly declined: string;
  /** Where its sender can say what the file does not. */
  readonly question?: Question;
}

/** Where something stands, for whoever mends it. */
export interface Place {
  /** 1-based line of the unpacked text, row of a sheet or of a table. */
  readonly line: number;
  /** `area[1]/measuringpoint[3]`, `sheet 2, column F`; empty when the line says it all. */
  readonly path: string;
}

/** An instant, or a wall clock's time that the loader turns into one. */
export type FoundTime =
  | { readonly utcMs: number }
  | {
      /** Minutes since 1970-01-01T00:00 of the wall clock's calendar. */
      readonly localMinutes: number;
      /** Null: the upload's zone, and without one that of the metering point's territory. */
      readonly zone: Zone | null;
      /** Of an hour that comes twice; the first unless said. */
      readonly pass?: 'first' | 'second';
    };

/**
 * Consecutive intervals of one metering point. A block is a day or an element of the file, and at most
 * {@link MOST_BLOCK_DAYS} long: never an object per reading.
 */
export interface FoundIntervals {
  readonly kind: 'intervals';
  readonly point: string;
  /** What the home takes from the grid, and what it gives. Of net readings, the decoder parts the two by sign. */
  readonly channel: 'import' | 'export';
  readonly start: FoundTime;
  /**
   * 5, 15, 30, 60, 1440 (a day's energy), or one that divides 60: summed up to the next that is stored. From a local
   * start the steps are the wall clock's, from an instant they are elapsed time. Of days, each begins at its midnight.
   */
  readonly intervalMinutes: number;
  /** Energy of each interval; NaN = missing. Already multiplied by a transformer ratio that the file states. */
  readonly wh: Float64Array;
  /** Codes of `readings/domain/quality.ts`; null: all actual. */
  readonly quality: Uint8Array | null;
  readonly place: Place;
}

export const MOST_BLOCK_DAYS = 400;

/** What a cumulative register showed. */
export interface FoundRegister {
  readonly kind: 'register';
  readonly point: string;
  readonly serial: string;
  readonly zone: TariffZone;
  readonly at: FoundTime;
  readonly kwh: number;
  readonly ctRatio: number;
  readonly quality: number;
  readonly place: Place;
}

/** A meter event by its СПОДЭС journal and code. */
export interface FoundEvent {
  readonly kind: 'event';
  readonly point: string;
  readonly at: FoundTime;
  readonly journal: number;
  readonly code: number;
  readonly place: Place;
}

/** A row of a registry; `place` is the row's own line. */
export interface FoundRegistryRow {
  readonly kind: 'registry-row';
  readonly row: RegistryRow;
  readonly place: Place;
}

/** A code by which a sender names a metering point of the registry. */
export interface FoundPointCode {
  readonly kind: 'point-code';
  readonly code: string;
  readonly point: string;
  readonly of: 'household' | 'transformer';
  readonly place: Place;
}

/**
 * The message that the items after it belong to, where senders number and date their messages and send some again:
 * the newest stands, in whatever order they are received.
 */
export interface FoundMessage {
  readonly kind: 'message';
  /** The class of message: `80020`. */
  readonly family: string;
  readonly sender: string;
  readonly number: string;
  readonly createdAt: string;
  /** The day or period that it is about. */
  readonly period: string;
  readonly place: Place;
}

/** Something that can't be taken; the rest of the file is. */
export interface FoundProblem {
  readonly kind: 'problem';
  readonly place: Place;
  /** Column or element; empty when the whole row or block is meant. */
  readonly field: string;
  readonly reason: RejectReason;
  /** One sentence: what is wrong and what to do. */
  readonly detail: string;
  /** The text as received, shortened. */
  readonly raw: string;
}

/** An assumption that only showed while decoding; the same sentence twice is noted once. */
export interface FoundNote {
  readonly kind: 'assumed';
  readonly sentence: string;
}

export type FoundItem =
  | FoundIntervals
  | FoundRegister
  | FoundEvent
  | FoundRegistryRow
  | FoundPointCode
  | FoundMessage
  | FoundProblem
  | FoundNote;
