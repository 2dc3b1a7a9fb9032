import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

/**
 * PostgreSQL's binary COPY format, written and walked without an object per row.
 * Source: PostgreSQL documentation, COPY, «Binary Format»: an 11-byte signature, flags, extension length, then per
 * row an int16 field count and per field an int32 length (−1 = null) and big-endian bytes; −1 ends the data.
 */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const CHUNK_BYTES = 1 << 20;
/** 2000-01-01, PostgreSQL's epoch, as a day number and in milliseconds since 1970. */
const PG_EPOCH_DAY = 10_957;
const PG_EPOCH_MS = PG_EPOCH_DAY * 86_400_000;

/** Encodes rows; finished chunks are taken by {@link CopyEncoder.take} while more rows are written. */
export class CopyEncoder {
  private buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  private position: number;
  private finished: Buffer[] = [];

  constructor() {
    this.position = SIGNATURE.copy(this.buffer);
  }

  /** Starts a row of `fields` fields; exactly that many field calls must follow. */
  row(fields: number): void {
    this.reserve(2);
    this.position = this.buffer.writeInt16BE(fields, this.position);
  }

  null(): void {
    this.reserve(4);
    this.position = this.buffer.writeInt32BE(-1, this.position);
  }

  int2(value: number): void {
    this.field(2);
    this.position = this.buffer.writeInt16BE(value, this.position);
  }

  int4(value: number): void {
    this.field(4);
    this.position = this.buffer.writeInt32BE(value, this.position);
  }

  /** A bigint column from a safe integer. */
  int8(value: number): void {
    this.field(8);
    this.position = this.buffer.writeInt32BE(Math.floor(value / 4_294_967_296), this.position);
    this.position = this.buffer.writeUInt32BE(value >>> 0, this.position);
  }

  float8(value: number): void {
    this.field(8);
    this.position = this.buffer.writeDoubleBE(value, this.position);
  }

  bool(value: boolean): void {
    this.field(1);
    this.position = this.buffer.writeUInt8(value ? 1 : 0, this.position);
  }

  /** A date column from a day number (whole days since 1970-01-01). */
  date(day: number): void {
    this.int4(day - PG_EPOCH_DAY);
  }

  timestamptz(utcMs: number): void {
    this.int8((utcMs - PG_EPOCH_MS) * 1000);
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.field(bytes);
    this.position += this.buffer.write(value, this.position, 'utf8');
  }

  /** A jsonb column: version byte 1, then the text. */
  jsonb(value: unknown): void {
    const text = JSON.stringify(value);
    this.field(Buffer.byteLength(text) + 1);
    this.buffer[this.position++] = 1;
    this.position += this.buffer.write(text, this.position, 'utf8');
  }

  bytes(value: Uint8Array): void {
    this.field(value.length);
    this.buffer.set(value, this.position);
    this.position += value.length;
  }

  /** The chunks that are full, oldest first; the caller owns them. */
  take(): Buffer[] {
    const taken = this.finished;
    this.finished = [];
    return taken;
  }

  /** The rest, with the trailer; nothing may be written afterwards. */
  end(): Buffer[] {
    this.reserve(2);
    this.position = this.buffer.writeInt16BE(-1, this.position);
    this.finished.push(this.buffer.subarray(0, this.position));
    return this.take();
  }

  private field(bytes: number): void {
    this.reserve(4 + bytes);
    this.position = this.buffer.writeInt32BE(bytes, this.position);
  }

  private reserve(bytes: number): void {
    if (this.position + bytes <= this.buffer.length) return;
    this.finished.push(this.buffer.subarray(0, this.position));
    this.buffer = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, bytes));
    this.position = 0;
  }
}

/**
 * Runs `copy … from stdin (format binary)` with the rows `encode` writes; it is called again and again with the
 * encoder until it returns false, and the chunks it fills go out with back-pressure.
 */
export async function copyIn(
  client: ClientBase,
  sql: string,
  encode: (encoder: CopyEncoder) => boolean,
): Promise<void> {
  await pipeline(Readable.from(chunks(encode)), client.query(copyFrom(sql)));
}

function* chunks(encode: (encoder: CopyEncoder) => boolean): Generator<Buffer> {
  const encoder = new CopyEncoder();
  while (encode(encoder)) yield* encoder.take();
  yield* encoder.end();
}

/** The row under the walker; valid only during the callback. */
export class CopyRow {
  buffer: Buffer = Buffer.alloc(0);
  readonly starts: Int32Array;
  /** Bytes of each field, −1 = null. */
  readonly lengths: Int32Array;

  constructor(readonly fields: number) {
    this.starts = new Int32Array(fields);
    this.lengths = new Int32Array(fields);
  }

  isNull(field: number): boolean {
    return this.lengths[field] < 0;
  }

  int2(field: number): number {
    return this.buffer.readInt16BE(this.starts[field]);
  }

  int4(field: number): number {
    return this.buffer.readInt32BE(this.starts[field]);
  }

  /** A bigint column; exact up to 2^53. */
  int8(field: number): number {
    const start = this.starts[field];
    return this.buffer.readInt32BE(start) * 4_294_967_296 + this.buffer.readUInt32BE(start + 4);
  }

  float8(field: number): number {
    return this.buffer.readDoubleBE(this.starts[field]);
  }

  /** A date column as a day number. */
  date(field: number): number {
    return this.int4(field) + PG_EPOCH_DAY;
  }

  text(field: number): string {
    const start = this.starts[field];
    return this.buffer.toString('utf8', start, start + this.lengths[field]);
  }

  /** A view into the walker's buffer: copy what must outlive the callback. */
  bytes(field: number): Buffer {
    const start = this.starts[field];
    return this.buffer.subarray(start, start + this.lengths[field]);
  }
}

/** Runs `copy (…) to stdout (format binary)` and calls `onRow` for each row of `fields` fields. */
export async function copyOut(
  client: ClientBase,
  sql: string,
  fields: number,
  onRow: (row: CopyRow) => void,
): Promise<void> {
  const row = new CopyRow(fields);
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const piece of client.query(copyTo(sql)) as AsyncIterable<Buffer>) {
    const buffer = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let position = 0;
    if (!begun) {
      if (buffer.length < SIGNATURE.length) {
        rest = buffer;
        continue;
      }
      position = SIGNATURE.length;
      begun = true;
    }
    row.buffer = buffer;
    for (;;) {
      const next = locateRow(row, buffer, position);
      if (next < 0) break;
      onRow(row);
      position = next;
    }
    rest = buffer.subarray(position);
  }
}

/** Fills the row's field positions; returns where the next row begins, or −1 when the row is not whole (or the trailer). */
function locateRow(row: CopyRow, buffer: Buffer, start: number): number {
  if (start + 2 > buffer.length) return -1;
  const count = buffer.readInt16BE(start);
  if (count < 0) return -1;
  let position = start + 2;
  for (let field = 0; field < row.fields; field++) {
    if (position + 4 > buffer.length) return -1;
    const length = buffer.readInt32BE(position);
    position += 4;
    row.starts[field] = position;
    row.lengths[field] = length;
    if (length > 0) position += length;
    if (position > buffer.length) return -1;
  }
  return position;
}
