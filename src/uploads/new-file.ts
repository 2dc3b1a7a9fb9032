import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { blockEnd, giveRegion, isRefused, openDirect, takeRegion } from './formats/direct-io.js';

const SLAB_BYTES = 1 << 20;
/** Through the page cache so much is given to the disk at once while a file arrives. */
const SYNC_EVERY_BYTES = 32 << 20;

/**
 * A file that is written from its beginning to its end. While one slab is written the next is filled. The first goes through the
 * page cache, so that a small file needs nothing else; what follows goes past it where that can be done.
 */
export class NewFile {
  private slabs: readonly Buffer[] = [Buffer.allocUnsafeSlow(SLAB_BYTES), Buffer.alloc(0)];
  private filled = 0;
  /** Where the slab that is being filled will lie. */
  private position = 0;
  private syncedBytes = 0;
  private direct: FileHandle | null = null;
  private region: Buffer | null = null;
  private writing: Promise<void> = Promise.resolve();
  private syncing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /** @throws EEXIST there is one. */
  static async create(path: string, mode: number): Promise<NewFile> {
    return new NewFile(path, await open(path, 'wx', mode));
  }

  /** The chunk's memory is the caller's again. */
  async write(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const taken = chunk.copy(this.slabs[0], this.filled, at);
      at += taken;
      this.filled += taken;
      if (this.filled === SLAB_BYTES) await this.handOver();
    }
  }

  /** Afterwards the file is on the disk. */
  async end(): Promise<void> {
    const bytes = this.position + this.filled;
    await this.writing;
    await this.writeSlab(this.slabs[0], this.filled, this.position);
    await this.file.truncate(bytes);
    await this.syncing;
    await this.file.sync();
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.writing, this.syncing]);
    if (this.region !== null) giveRegion(this.region);
    try {
      await this.direct?.close();
    } finally {
      await this.file.close();
    }
  }

  private async handOver(): Promise<void> {
    await this.writing;
    const [full, next] = this.slabs;
    const { position } = this;
    this.writing = this.writeSlab(full, SLAB_BYTES, position);
    // Awaited in its turn; until then a failure must not count as unhandled.
    this.writing.catch(() => undefined);
    this.position += SLAB_BYTES;
    this.filled = 0;
    this.slabs = position === 0 ? await this.slabsOfMore(full) : [next, full];
    if (this.direct === null) this.syncInPieces();
  }

  /** Once the file is seen to be more than one slab. */
  private async slabsOfMore(first: Buffer): Promise<Buffer[]> {
    const direct = await openDirect(this.path, constants.O_WRONLY);
    this.direct = direct;
    this.region = direct === null ? null : takeRegion();
    if (this.region !== null) return [this.region.subarray(0, SLAB_BYTES), this.region.subarray(SLAB_BYTES)];
    this.direct = null;
    await direct?.close();
    return [Buffer.allocUnsafeSlow(SLAB_BYTES), first];
  }

  /** What is left to the disk at the end is little. */
  private syncInPieces(): void {
    if (this.position - this.syncedBytes < SYNC_EVERY_BYTES) return;
    this.syncedBytes = this.position;
    this.syncing = this.syncing.then(() => this.file.datasync());
    this.syncing.catch(() => undefined);
  }

  /** Past the page cache whole blocks are written; what is too much at the end is cut off. */
  private async writeSlab(slab: Buffer, bytes: number, position: number): Promise<void> {
    const isDirect = this.direct !== null && position > 0;
    const end = isDirect ? blockEnd(bytes) : bytes;
    for (let at = isDirect ? await this.writeBlocks(slab, end, position) : 0; at < end;) {
      const { bytesWritten } = await this.file.write(slab, at, end - at, position + at);
      at += bytesWritten;
    }
  }

  /** How many bytes the disk took; the rest goes through the page cache, or says why it can't be written. */
  private async writeBlocks(slab: Buffer, bytes: number, position: number): Promise<number> {
    try {
      return (await this.direct!.write(slab, 0, bytes, position)).bytesWritten;
    } catch (error) {
      if (isRefused(error)) return 0;
      throw error;
    }
  }
}
