import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from '@jest/globals';
import { projectRoot } from '../../src/config/project-root.js';

/**
 * Programs of Debian that tests run for real, fetched where they are missing. Most are only unpacked into .cache:
 * installing starts daemons and leaves users behind. Only a program that looks for its files under /usr/share is installed.
 */
export interface DebianProgram {
  readonly program: string;
  readonly package: string;
  readonly mustBeInstalled?: boolean;
}

export const PROMETHEUS: DebianProgram = { program: 'prometheus', package: 'prometheus' };
export const PROMTOOL: DebianProgram = { program: 'promtool', package: 'prometheus' };
/** Reads its templates from /usr/share/prometheus/alertmanager, whatever its configuration says. */
export const ALERTMANAGER: DebianProgram = {
  program: 'prometheus-alertmanager',
  package: 'prometheus-alertmanager',
  mustBeInstalled: true,
};

/** Chromium reads its own files and many libraries; so does what takes the text out of a PDF. */
export const CHROMIUM: DebianProgram = { program: 'chromium', package: 'chromium', mustBeInstalled: true };
export const PDFTOTEXT: DebianProgram = {
  program: 'pdftotext',
  package: 'poppler-utils',
  mustBeInstalled: true,
};

/** A broker that shares subscriptions; it reads libraries that nothing else needs. */
export const MOSQUITTO: DebianProgram = { program: 'mosquitto', package: 'mosquitto', mustBeInstalled: true };

const CACHE = path.join(projectRoot, '.cache');
/** Asked by packages before they start a daemon; 101 forbids it (invoke-rc.d(8)). */
const POLICY = '/usr/sbin/policy-rc.d';

/** `describe` with the programs' paths; skipped, and says so loudly, where one of them can't be had. */
export function describeWithDebian(
  name: string,
  programs: readonly DebianProgram[],
  tests: (...paths: string[]) => void,
): void {
  const found = programs.map(find);
  const problems = found.flatMap(({ problem }) => problem ?? []);
  if (problems.length === 0) {
    describe(name, () => tests(...found.map(({ file }) => file!)));
    return;
  }
  process.stderr.write(`\n*** SKIPPED, Debian's programs can't be had (${problems.join('; ')}): ${name}\n\n`);
  describe.skip(name, () => tests(...programs.map(() => '')));
}

/** The program's path; null where it can't be had. */
export function programOf(wanted: DebianProgram): string | null {
  return find(wanted).file;
}

/** The program's path, or why there is none. */
function find(wanted: DebianProgram): { file: string | null; problem: string | null } {
  const onPath = whereIs(wanted.program);
  if (onPath !== null) return { file: onPath, problem: null };
  const unpacked = path.join(CACHE, wanted.package, 'usr', 'bin', wanted.program);
  if (!wanted.mustBeInstalled && existsSync(unpacked)) return { file: unpacked, problem: null };
  const problem = obtain(wanted);
  const file = problem === null ? (whereIs(wanted.program) ?? unpacked) : null;
  return { file, problem: problem === null ? null : `${wanted.program}: ${problem}` };
}

function whereIs(program: string): string | null {
  return spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim() || null;
}

/** Null when that worked, else why it did not. */
function obtain({ package: name, mustBeInstalled }: DebianProgram): string | null {
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'no apt-get on this machine';
  const isRoot = process.getuid?.() === 0;
  if (mustBeInstalled && !isRoot) return `only root may install ${name}`;
  const get = () => (mustBeInstalled ? install(name) : unpack(name));
  if (get()) return null;
  // A new machine may have no package lists yet, and only root may fetch them.
  if (!isRoot) return `apt-get can't download ${name}, and only root may update its lists`;
  spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore' });
  return get() ? null : `apt-get can't get ${name}`;
}

function install(name: string): boolean {
  const mayStartDaemons = !existsSync(POLICY);
  if (mayStartDaemons) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const { status } = spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', name], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: 'ignore',
    });
    return status === 0;
  } finally {
    if (mayStartDaemons) rmSync(POLICY);
  }
}

/** Two that do it at once do no harm: the last to end wins. */
function unpack(name: string): boolean {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(path.join(CACHE, 'fetch-'));
  const options = { cwd: folder, stdio: 'ignore' } as const;
  try {
    if (spawnSync('apt-get', ['download', '-q', name], options).status !== 0) return false;
    const archive = readdirSync(folder).find((file) => file.endsWith('.deb'))!;
    if (spawnSync('dpkg', ['-x', archive, 'unpacked'], options).status !== 0) return false;
    rmSync(path.join(CACHE, name), { recursive: true, force: true });
    renameSync(path.join(folder, 'unpacked'), path.join(CACHE, name));
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
