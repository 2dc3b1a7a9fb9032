import { type FileHandle, open } from 'node:fs/promises';

/** Two of these per file: one is filled while the other is on its way to the disk. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Writes a file through two buffers of fixed size. Room is asked for before writing, and asking waits for the disk when
 * both buffers are full: memory stays flat however long the file grows.
 */
export class ChunkWriter {
  /** Write here from `at` on, as far as was reserved, and move `at`. */
  bytes: Buffer;
  at = 0;
  private spare: Buffer;
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
    chunkBytes: number,
  ) {
    this.bytes = Buffer.allocUnsafe(chunkBytes);
    this.spare = Buffer.allocUnsafe(chunkBytes);
  }

  /** Creates the file, or empties it. `largestReservation` in bytes. */
  static async open(path: string, largestReservation = 0): Promise<ChunkWriter> {
    return new ChunkWriter(path, await open(path, 'w'), Math.max(CHUNK_BYTES, largestReservation));
  }

  /** Resolves when `count` more bytes fit behind `at`. Throws what the disk said about an earlier chunk. */
  async reserve(count: number): Promise<void> {
    if (this.at + count <= this.bytes.length) return;
    await this.flush();
    if (count > this.bytes.length) throw new RangeError(`${count} bytes do not fit into one chunk`);
  }

  async text(line: string): Promise<void> {
    // No character of UTF-8 takes more than three bytes per UTF-16 unit.
    await this.reserve(line.length * 3);
    this.at += this.bytes.write(line, this.at);
  }

  /** Writes what is left and closes; closes also when writing failed. */
  async close(): Promise<void> {
    try {
      await this.flush();
      await this.writing;
    } finally {
      await this.file.close();
    }
  }

  private async flush(): Promise<void> {
    await this.writing;
    const full = this.bytes.subarray(0, this.at);
    [this.bytes, this.spare] = [this.spare, this.bytes];
    this.at = 0;
    this.writing = this.file.appendFile(full);
    // Whoever waits next gets the error; without this, node would call it unhandled before that.
    this.writing.catch(() => undefined);
  }
}
