import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Folders of test runs in the system's folder for temporary files: prefix, number of jest's process, random end. */
export const PREFIX = 'gridwarden-test-';

const STOP_WAIT_MS = 10_000;

/** Stops the PostgreSQL of a test run, if one was started, without saving its data, and removes its folder. */
export async function removeTestRun(folder) {
  const lockFile = path.join(folder, 'data', 'postgres', 'data', 'postmaster.pid');
  const pid = readPid(lockFile);
  if (pid !== null && signal(pid, 'SIGQUIT')) {
    for (const deadline = Date.now() + STOP_WAIT_MS; readPid(lockFile) !== null && Date.now() < deadline;)
      await sleep(20);
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

function readPid(lockFile) {
  try {
    return Number(readFileSync(lockFile, 'utf8').split('\n')[0]) || null;
  } catch {
    return null;
  }
}

/** False when there is no such process, or none of ours. */
function signal(pid, name) {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
