import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RefusedError } from '../config/errors.js';
import {
  COSIGNATURE_KEY,
  NOTE_KEY,
  parseSignerKey,
  parseVerifierKey,
  signerKey,
  type SignerKey,
  type VerifierKey,
} from './domain/signed-note.js';

const SECRET_MODE = 0o600;
const OTHERS_MAY = 0o077;
const SEED_BYTES = 32;

export interface KeyFile {
  readonly key: SignerKey;
  readonly isNew: boolean;
}

/** The log's key; beside it, under `.pub`, the verifier key for everybody. */
export function logKeyFile(dataDir: string): string {
  return path.join(dataDir, 'audit', 'log.key');
}

/** Reads the log's key, made at its first use; a log without a name of its own gets a random one. */
export async function openLogKey(dataDir: string, origin: string | null): Promise<KeyFile> {
  const file = logKeyFile(dataDir);
  const opened = await openKey(
    file,
    NOTE_KEY,
    origin ?? `gridwarden.invalid/${randomBytes(8).toString('hex')}`,
  );
  const { name, text } = opened.key.verifier;
  if (origin !== null && origin !== name)
    throw new RefusedError(
      `The log is called ${name}; its name can't change, or nothing signed before would count.`,
    );
  if (opened.isNew) await writeFile(`${file}.pub`, `${text}\n`);
  return opened;
}

/** The log's verifier key as it lies in the data folder; null when no checkpoint was signed here. */
export async function publicLogKey(dataDir: string): Promise<VerifierKey | null> {
  const text = await readIfThere(`${logKeyFile(dataDir)}.pub`);
  return text === null ? null : parseVerifierKey(text.trim());
}

/** A witness's own key, made at its first use. */
export function openWitnessKey(file: string, name: string | null): Promise<KeyFile> {
  return openKey(file, COSIGNATURE_KEY, name ?? `witness.invalid/${randomBytes(8).toString('hex')}`);
}

async function openKey(
  file: string,
  type: typeof NOTE_KEY | typeof COSIGNATURE_KEY,
  name: string,
): Promise<KeyFile> {
  const isNew =
    (await readIfThere(file)) === null &&
    (await createKey(file, signerKey(name, type, randomBytes(SEED_BYTES))));
  const { mode } = await stat(file);
  if ((mode & OTHERS_MAY) !== 0)
    throw new RefusedError(
      `${file} may be read by others and is no secret any more; it must have mode 0600.`,
    );
  const key = parseSignerKey((await readFile(file, 'utf8')).trim());
  if (key?.verifier.type !== type) throw new RefusedError(`${file} holds no key of this kind.`);
  return { key, isNew };
}

/** False when another process was quicker. The file appears whole. */
async function createKey(file: string, key: SignerKey): Promise<boolean> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, `${key.text}\n`, { mode: SECRET_MODE, flag: 'wx', flush: true });
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
