import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { RefusedError, UsageError } from '../config/errors.js';

/** Of the folder's layout. A later one that can't be read by this code gets another number. */
export const FORMAT = 1;
export const MANIFEST_FILE = 'manifest.json';
/** Folders below the data folder that belong to the installation as much as its tables do. */
export const DATA_FOLDERS = ['spool', 'photographs', 'audit'] as const;

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Relative, with forward slashes, and never out of the folder. */
const SafePath = z
  .string()
  .refine((text) => text.split('/').every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part)));
const Name = z.string().regex(/^[a-z_][a-z0-9_]*$/);

const Part = z.object({ file: SafePath, bytes: z.number(), sha256: Sha256 });

const TablePart = Part.extend({
  table: Name,
  columns: z.array(Name),
  rows: z.number(),
  /** Of the rows as text, before they were compressed: equal for equal rows in equal order. */
  rowsSha256: Sha256,
  /** What it is a partition of, and of which part. */
  partition: z.object({ of: Name, bound: z.string() }).nullable(),
});

const Manifest = z.object({
  format: z.literal(FORMAT),
  version: z.string(),
  at: z.iso.datetime(),
  postgres: z.string(),
  migrations: z.array(z.string()),
  /** What is in it, in words, for who finds it. */
  holds: z.array(z.string()),
  tables: z.array(TablePart),
  sequences: z.array(z.object({ name: Name, value: z.number(), called: z.boolean() })),
  files: z.array(Part),
});

export type Manifest = z.infer<typeof Manifest>;
export type TablePart = z.infer<typeof TablePart>;
export type Part = z.infer<typeof Part>;

export interface ReadManifest {
  readonly manifest: Manifest;
  readonly sha256: string;
}

/** @throws UsageError no backup lies there; RefusedError one that this version can't read. */
export async function readManifest(folder: string): Promise<ReadManifest> {
  const text = await readFile(path.join(folder, MANIFEST_FILE)).catch(() => null);
  if (text === null) throw new UsageError(`There is no backup in ${folder}: ${MANIFEST_FILE} is missing.`);
  const parsed = Manifest.safeParse(parseJson(text.toString()));
  if (!parsed.success)
    throw new RefusedError(`${path.join(folder, MANIFEST_FILE)} is damaged, or of a newer Gridwarden.`);
  return { manifest: parsed.data, sha256: createHash('sha256').update(text).digest('hex') };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
