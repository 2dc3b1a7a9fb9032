/**
 * Makes a checkout ready to run: installs dependencies when they are missing or differ from the lock file, builds when
 * the sources changed. Plain Node and no dependency, because it runs before there are any. Silent when nothing is to do.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const OLDEST_NODE = [20, 19];
/** What a build is made of; anything else may change without a new one. */
const BUILD_INPUTS = [
  'src',
  'migrations',
  'web/index.html',
  'web/public',
  'web/src',
  'web/tsconfig.json',
  'web/vite.config.js',
  'package-lock.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
/** An install takes under a minute; whoever waits longer is told whom it waits for. */
const LOCK_WAIT_MS = 10 * 60_000;

/** A reason not to go on that the person at the terminal can act on: shown as one sentence, without a stack. */
export class SetupError extends Error {}

/** Installs and builds what is missing. Throws {@link SetupError} when the machine or the sources do not allow it. */
export async function setup(folder = root) {
  refuseOldNode(process.versions.node);
  if (isInstalled(folder) && isBuilt(folder)) return;
  await withLock(path.join(folder, '.gridwarden', 'setup.lock'), async () => {
    if (!isInstalled(folder)) {
      say('installing dependencies (npm ci)');
      await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], folder);
    }
    if (!isBuilt(folder)) {
      say('building');
      const digest = sourceDigest(folder);
      await run(
        process.execPath,
        [path.join('node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'build'],
        folder,
      );
      await buildPages(folder);
      writeFileSync(stampFile(folder), digest);
    }
  });
}

/** The inspectors' pages, into web/dist. */
function buildPages(folder) {
  const vite = path.join('node_modules', 'vite', 'bin', 'vite.js');
  return run(
    process.execPath,
    [vite, 'build', '--config', 'web/vite.config.js', '--logLevel', 'warn'],
    folder,
  );
}

/** Throws when `version` (as in `process.versions.node`) is older than the code needs. */
export function refuseOldNode(version) {
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupError(`Gridwarden needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${version}.`);
}

/**
 * True when node_modules holds what package-lock.json asks for. npm keeps the tree it has put there in
 * node_modules/.package-lock.json and writes that file last, so a half-finished install does not count.
 */
export function isInstalled(folder) {
  const present = readPackages(path.join(folder, 'node_modules', '.package-lock.json'));
  if (!present) return false;
  const wanted = readPackages(path.join(folder, 'package-lock.json'));
  if (!wanted) throw new SetupError(`package-lock.json is missing or unreadable in ${folder}.`);
  return Object.entries(wanted).every(
    // Optional packages are those of other platforms: absent here by design.
    ([name, { version, optional }]) =>
      name === '' || (present[name] ? present[name].version === version : optional),
  );
}

/** True when dist and web/dist were built from exactly the sources that lie here now. */
export function isBuilt(folder) {
  if (!existsSync(path.join(folder, 'web', 'dist', 'index.html'))) return false;
  return existsSync(stampFile(folder)) && readFileSync(stampFile(folder), 'utf8') === sourceDigest(folder);
}

/** Runs a program with our terminal; resolves when it ends well, else throws a {@link SetupError}. */
export function run(command, args, cwd = root) {
  return new Promise((resolve, reject) => {
    // Everything it says goes to stderr: stdout is for the results of the command that comes after the set-up.
    const child = spawn(command, args, { cwd, stdio: ['ignore', 2, 2] });
    child.on('error', (error) => reject(new SetupError(`${command} could not be started: ${error.message}`)));
    child.on('close', (code, signal) =>
      code === 0
        ? resolve()
        : reject(
            new SetupError(
              `${path.basename(command)} ${args.join(' ')} failed (${signal ?? `exit ${code}`}).`,
            ),
          ),
    );
  });
}

export function say(text) {
  process.stderr.write(`gridwarden: ${text}\n`);
}

/** Runs `main`; a {@link SetupError} becomes one sentence and exit code 1. */
export async function exitWith(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

function stampFile(folder) {
  return path.join(folder, 'dist', '.built-from');
}

/**
 * Names, sizes and times of all inputs: sees a removed and a restored file too, which «is any newer?» would not.
 * Reading 900 names takes 15 ms, as every command does; `readdirSync` with `recursive` takes three times as long.
 */
export function sourceDigest(folder) {
  const hash = createHash('sha256');
  for (const input of BUILD_INPUTS) {
    const start = path.join(folder, input);
    for (const file of statSync(start).isDirectory() ? filesBelow(start) : [start]) {
      if (file.endsWith('.spec.ts')) continue;
      const { size, mtimeMs } = statSync(file);
      hash.update(`${file.slice(folder.length)}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const name = folder + path.sep + entry.name;
    if (entry.isDirectory()) return filesBelow(name);
    return entry.isFile() ? [name] : [];
  });
}

/**
 * One set-up at a time in a checkout: a file that names its owner's process. The file of a process that died is
 * taken over by renaming it away first, so that of two who find it only one wins.
 */
export async function withLock(file, job) {
  mkdirSync(path.dirname(file), { recursive: true });
  const deadline = Date.now() + LOCK_WAIT_MS;
  for (let told = false; !take(file); told = true) {
    const owner = ownerOf(file) ?? '(unknown)';
    if (!told) say(`waiting for the set-up that process ${owner} is doing`);
    if (Date.now() > deadline)
      throw new SetupError(`process ${owner} still holds ${file}; end it or delete the file.`);
    await sleep(200);
  }
  try {
    return await job();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const owner = ownerOf(file);
  if (owner !== null && !isAlive(owner)) {
    const aside = `${file}.${process.pid}`;
    try {
      renameSync(file, aside);
      // Between reading and renaming, another waiter may have taken over: then this is its file, and goes back.
      if (ownerOf(aside) === owner) rmSync(aside);
      else renameSync(aside, file);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return false;
}

function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || null;
  } catch {
    return null;
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await exitWith(async () => {
    await setup();
    return 0;
  });
}
