import type { ClientBase } from 'pg';
import { RefusedError } from '../config/errors.js';
import { consistencyProof } from './audit-hashes.js';
import { newestCheckpoint } from './checkpoints.js';
import { checkpointText, parseCheckpoint, type Checkpoint } from './domain/checkpoint.js';

/** What a witness needs of a log, wherever it is. */
export interface LogSource {
  /** Null: none was signed yet. */
  newest(): Promise<Checkpoint | null>;
  /** Hashes that lead from the tree of `older` entries to that of `size`. */
  consistency(older: number, size: number): Promise<readonly Buffer[]>;
}

export function databaseSource(client: ClientBase): LogSource {
  return {
    newest: () => newestCheckpoint(client),
    consistency: (older, size) => consistencyProof(client, older, size),
  };
}

const TIMEOUT_MS = 30_000;

/** A log over its service's API: all that an institution outside can reach. */
export function serviceSource(url: string): LogSource & { handIn(cosigned: Checkpoint): Promise<void> } {
  const base = url.replace(/\/+$/, '');
  return {
    newest: async () => {
      const text = await get(`${base}/api/v1/audit/checkpoint`);
      if (text === null) return null;
      const checkpoint = parseCheckpoint(text);
      if (checkpoint === null)
        throw new RefusedError(`${base} answers with something that is no checkpoint.`);
      return checkpoint;
    },
    consistency: async (older, size) => {
      const text = await get(`${base}/api/v1/audit/consistency?older=${older}&size=${size}`);
      return hashesOf(text) ?? refuse(`${base} gives no proof from ${older} to ${size} entries.`);
    },
    handIn: async (cosigned) => {
      await post(`${base}/api/v1/audit/cosignatures`, checkpointText(cosigned));
    },
  };
}

/** Null when there is no such thing. */
async function get(url: string): Promise<string | null> {
  const response = await ask(url);
  if (response.status === 404) return null;
  if (!response.ok) throw new RefusedError(`${url} answers with status ${response.status}.`);
  return response.text();
}

async function post(url: string, body: string): Promise<void> {
  const response = await ask(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body });
  if (!response.ok) throw new RefusedError(`${url} answers with status ${response.status}.`);
}

async function ask(url: string, request: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    const { cause, message } = error as Error;
    throw new RefusedError(`${url} can't be reached: ${(cause as Error | undefined)?.message ?? message}.`);
  }
}

function hashesOf(text: string | null): Buffer[] | null {
  try {
    const { hashes } = JSON.parse(text ?? 'null') as { hashes: string[] };
    return hashes.map((hash) => Buffer.from(hash, 'base64'));
  } catch {
    return null;
  }
}

function refuse(sentence: string): never {
  throw new RefusedError(sentence);
}
