/**
 * promtool, Prometheus' own checker, for the tests of `/metrics`. Debian ships it inside the package `prometheus`; that is
 * unpacked into a cache folder and not installed, because installing it would start a daemon and leave a user behind.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, say } from './setup.mjs';

/** Beside the checkout's other caches, and not in node_modules, which every `npm ci` empties. */
const CACHE = path.join(root, '.cache');
const UNPACKED = path.join(CACHE, 'prometheus', 'usr', 'bin');

/** The folder that holds promtool (and prometheus), fetched when missing; null, with a message, when it can't be had. */
export function promtoolFolder() {
  if (spawnSync('promtool', ['--version']).status === 0) return '';
  if (existsSync(path.join(UNPACKED, 'promtool'))) return UNPACKED;
  const problem = fetchPackage();
  if (problem === null) return UNPACKED;
  say(
    `promtool is not here (${problem}): the tests that need it are skipped; Debian: apt-get install prometheus`,
  );
  return null;
}

/** Downloads and unpacks the Debian package; null when that worked, else why it did not. */
function fetchPackage() {
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'no apt-get on this machine';
  say('fetching promtool (Debian package prometheus, unpacked into .cache, not installed)');
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(path.join(CACHE, 'fetch-'));
  try {
    if (!download(folder)) {
      // A new machine may have no package lists yet, and only root may fetch them.
      if (process.getuid?.() !== 0) return 'apt-get can not download it, and only root may update its lists';
      spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore' });
      if (!download(folder)) return 'apt-get can not download it';
    }
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
    const unpacked = path.join(folder, 'unpacked');
    if (spawnSync('dpkg', ['-x', path.join(folder, archive), unpacked]).status !== 0)
      return 'dpkg can not unpack it';
    rmSync(path.join(CACHE, 'prometheus'), { recursive: true, force: true });
    renameSync(unpacked, path.join(CACHE, 'prometheus'));
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function download(folder) {
  return (
    spawnSync('apt-get', ['download', '-q', 'prometheus'], { cwd: folder, stdio: 'ignore' }).status === 0
  );
}
