import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/**
 * Direct I/O: past the page cache. A large file is written once and read once, and room for it in the cache has to be found,
 * cleared, and taken from the database's files. Source: open(2), O_DIRECT: offsets, lengths and addresses are to be multiples
 * of the file system's block; a page's size is one everywhere.
 */
export const BLOCK_BYTES = 4096;

/** TypeScript's libraries know it for browsers only. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

const REGION_BYTES = 2 << 20;
const WASM_PAGE_BYTES = 1 << 16;
/** Kept for the next file: a region holds address space until it is collected. */
const MOST_KEPT = 4;
const kept: Buffer[] = [];

/** Two megabytes that begin at a page; null where there are none to be had. To be given back. */
export function takeRegion(): Buffer | null {
  const region = kept.pop();
  if (region !== undefined) return region;
  try {
    // Of all memory that JavaScript can ask for only WebAssembly's is sure to begin at a page.
    return Buffer.from(new WebAssembly.Memory({ initial: REGION_BYTES / WASM_PAGE_BYTES }).buffer);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Nothing may be read into it or written from it any more. */
export function giveRegion(region: Buffer): void {
  if (kept.length < MOST_KEPT) kept.push(region);
}

/** Opens a file for direct I/O; null where its file system, or the operating system, has none. */
export async function openDirect(path: string, flags: number): Promise<FileHandle | null> {
  // Not on every system, whatever its type says.
  const direct = constants.O_DIRECT as number | undefined;
  if (direct === undefined) return null;
  try {
    return await open(path, flags | direct);
  } catch (error) {
    if (isRefused(error)) return null;
    throw error;
  }
}

/** Whether the file system has no direct I/O, or wants larger blocks for it; some say so only when asked to read or write. */
export function isRefused(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EINVAL';
}

export function blockStart(position: number): number {
  return position - (position % BLOCK_BYTES);
}

export function blockEnd(position: number): number {
  return blockStart(position + BLOCK_BYTES - 1);
}
