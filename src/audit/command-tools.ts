import { SingleBar } from 'cli-progress';
import { InvalidArgumentError } from 'commander';
import type { Client } from 'pg';
import type { Config } from '../config/config.js';
import { lineOfText } from '../config/input-values.js';
import { parseVerifierKey, type VerifierKey } from './domain/signed-note.js';

/** Runs `work` on a connection to the database of `config`. TypeORM is loaded here, so that --help does not wait for it. */
export async function withDatabase<T>(config: Config, work: (client: Client) => Promise<T>): Promise<T> {
  const { openDatabase } = await import('../database/open-database.js');
  const database = await openDatabase(config);
  try {
    const client = await database.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  } finally {
    await database.close();
  }
}

/** A bar on a terminal, nothing in a log. */
export async function withBar<T>(
  what: string,
  total: number,
  work: (onProgress: (done: number) => void) => Promise<T>,
): Promise<T> {
  const format = `${what} [{bar}] {percentage}% | {value}/{total} | {eta_formatted} left`;
  const bar = process.stderr.isTTY
    ? new SingleBar({ format, stream: process.stderr, hideCursor: true })
    : null;
  bar?.start(total, 0);
  try {
    return await work((done) => bar?.update(done));
  } finally {
    bar?.stop();
  }
}

export function parseKey(text: string): VerifierKey {
  const key = parseVerifierKey(text.trim());
  if (key === null) throw new InvalidArgumentError('a verifier key is name+id+base64, for Ed25519.');
  return key;
}

export function collectKey(text: string, before: readonly VerifierKey[]): VerifierKey[] {
  return [...before, parseKey(text)];
}

export function parseName(text: string): string {
  if (!lineOfText(200).min(1).safeParse(text).success || /[\s+]/u.test(text))
    throw new InvalidArgumentError('a name without spaces and plus signs, such as energo.example/log.');
  return text;
}

export function parseUrl(text: string): string {
  if (!URL.canParse(text) || !['https:', 'http:'].includes(new URL(text).protocol))
    throw new InvalidArgumentError('an address that begins with https:// or http://.');
  return text;
}

export function parseSeq(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('the number of an entry, 0 or more.');
  return Number(text);
}
