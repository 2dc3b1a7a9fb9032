import { chmodSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PREFIX, removeTestRun } from './test-server.mjs';

/**
 * Allots the folder of this run's PostgreSQL. The first test that wants a database starts it there and the teardown stops
 * it, so that a run without such tests pays nothing.
 */
export default async function globalSetup() {
  await removeAbandoned();
  const folder = mkdtempSync(path.join(tmpdir(), `${PREFIX}${process.pid}-`));
  // mkdtemp makes a folder for us alone; when we are root the server is another user and must get through.
  chmodSync(folder, 0o711);
  process.env.TEST_RUN_FOLDER = folder;
}

/** A run that was killed leaves its server running. */
async function removeAbandoned() {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const name of folders) {
    const folder = path.join(tmpdir(), name);
    const isOurs = statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid();
    if (isOurs && !isAlive(Number(name.slice(PREFIX.length).split('-')[0]))) await removeTestRun(folder);
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
