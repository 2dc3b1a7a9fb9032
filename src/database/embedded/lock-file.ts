import { linkSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** What PostgreSQL writes about itself into postmaster.pid. Source: PostgreSQL, src/include/utils/pidfile.h. */
export interface LockFile {
  readonly pid: number;
  /** Not there yet in the first milliseconds of a start. */
  readonly port: number | null;
}

/**
 * Who the process in postmaster.pid is: this cluster's server; nobody any more; dead but not yet reaped; a stranger that
 * got the number later (after a crash of the machine, or in a restarted container, where numbers repeat); or can't be told.
 */
export type LockOwner = 'server' | 'gone' | 'zombie' | 'stranger' | 'unknown';

export function readLockFile(clusterFolder: string): LockFile | null {
  const text = readIfThere(lockPath(clusterFolder));
  if (text === null) return null;
  const [pid, , , port] = text.split('\n');
  if (!/^\d+$/.test(pid)) return null;
  return { pid: Number(pid), port: port ? Number(port) : null };
}

/** `processes` is where the kernel shows processes; elsewhere than on Linux there is nothing to see. */
export function lockOwner(pid: number, clusterFolder: string, processes = '/proc'): LockOwner {
  if (!exists(pid)) return 'gone';
  const stat = readIfThere(path.join(processes, String(pid), 'stat'));
  if (stat === null) return 'unknown';
  // «pid (name) state …»; the name may hold anything, parentheses too.
  if (stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'Z') return 'zombie';
  try {
    // Every process of a server works in its data folder, whatever name and arguments it has.
    const workingFolder = readlinkSync(path.join(processes, String(pid), 'cwd'));
    return workingFolder === realpathSync(clusterFolder) ? 'server' : 'stranger';
  } catch {
    return 'unknown';
  }
}

/** Takes the lock file of `pid` away. When a new server has written its own by now, that one is put back. */
export function removeLockFile(clusterFolder: string, pid: number): void {
  const aside = `${lockPath(clusterFolder)}.${process.pid}`;
  try {
    renameSync(lockPath(clusterFolder), aside);
    if (Number.parseInt(readFileSync(aside, 'utf8')) !== pid) linkSync(aside, lockPath(clusterFolder));
  } catch (error) {
    // Another process of ours has done the same (ENOENT), and the server it started has its lock file (EEXIST).
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  rmSync(aside, { force: true });
}

export function lockPath(clusterFolder: string): string {
  return path.join(clusterFolder, 'postmaster.pid');
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // ESRCH: the process ended between opening and reading its entry in /proc.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
