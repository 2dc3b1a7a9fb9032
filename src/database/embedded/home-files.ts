import { randomInt } from 'node:crypto';
import {
  closeSync,
  constants,
  fchownSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { Cluster } from './cluster.js';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;

/** The folder belongs to the server's user, and root writes here: a link laid by that user must lead root nowhere. */
const SAFELY = O_WRONLY | O_CREAT | O_NOFOLLOW;

const LOG_KEPT_BYTES = 10 * 2 ** 20;

/** The port of the last start, kept so that connection strings in scripts and dashboards stay good; null before the first. */
export function rememberedPort({ home }: Cluster): number | null {
  try {
    return Number(readFileSync(portPath(home), 'utf8')) || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export function rememberPort(cluster: Cluster, port: number): void {
  if (rememberedPort(cluster) === port) return;
  const file = openSync(portPath(cluster.home), SAFELY | O_TRUNC, 0o644);
  writeSync(file, String(port));
  closeSync(file);
}

/** Below the range systems take ports of outgoing connections from (Linux: from 32768), so it stays free between starts. */
export function randomPort(): number {
  return randomInt(20_000, 32_000);
}

/** Opens the server's log for appending; the caller closes it. A long one is set aside first, and one such is kept. */
export function openLog({ home, user }: Cluster): number {
  if (logSize({ home }) > LOG_KEPT_BYTES) renameSync(logPath(home), `${logPath(home)}.1`);
  const log = openSync(logPath(home), SAFELY | O_APPEND, 0o600);
  if (user !== null) fchownSync(log, user.uid, user.gid);
  return log;
}

export function logSize({ home }: Pick<Cluster, 'home'>): number {
  return statSync(logPath(home), { throwIfNoEntry: false })?.size ?? 0;
}

/** What was logged after the first `fromByte` bytes. */
export function logSince({ home }: Cluster, fromByte: number): string {
  return readFileSync(logPath(home)).subarray(fromByte).toString();
}

function logPath(home: string): string {
  return path.join(home, 'server.log');
}

function portPath(home: string): string {
  return path.join(home, 'port');
}
