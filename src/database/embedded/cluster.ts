import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { RefusedError } from '../../config/errors.js';
import { type Binaries, findBinaries } from './binaries.js';
import { serverUser, type ServerUser, wayClosedTo } from './server-user.js';
import { explainOutput } from './start-failure.js';

/** One PostgreSQL cluster on disk, and what it takes to run it. */
export interface Cluster {
  /** Holds data/, password, port and server.log; nobody but the server's user may enter. Symbolic links are resolved. */
  readonly home: string;
  readonly data: string;
  /** Of the superuser and of the application's role. */
  readonly password: string;
  readonly binaries: Binaries;
  /** Null: ourselves. */
  readonly user: ServerUser | null;
}

export interface ClusterOptions {
  /** Where root keeps what the server's user can't reach in the data folder or in node_modules. */
  readonly systemFolder: string;
  /** Takes one line for the person who runs this. */
  readonly say: (line: string) => void;
}

export const SUPERUSER = 'postgres';

/** Opens the cluster in `dataDir`/postgres, making it first when there is none. Any number of processes may try at once. */
export async function openCluster(dataDir: string, options: ClusterOptions): Promise<Cluster> {
  const link = path.join(path.resolve(dataDir), 'postgres');
  const existing = existsSync(link) ? realpathSync(link) : null;
  refuseForeignOwner(existing);
  const user = serverUser(existing);
  const binaries = await findBinaries(user, options.systemFolder);
  if (existing === null) await createCluster({ link, binaries, user, options });
  const home = realpathSync(link);
  const data = path.join(home, 'data');
  refuseClosedWay(home, user);
  refuseOtherVersion(data, binaries);
  return { home, data, binaries, user, password: readFileSync(path.join(home, 'password'), 'utf8') };
}

interface Creation {
  link: string;
  binaries: Binaries;
  user: ServerUser | null;
  options: ClusterOptions;
}

/** Made beside its place and renamed, so that a half-made cluster never counts and of two at once one wins. */
async function createCluster(creation: Creation): Promise<void> {
  const { link } = creation;
  makeDataFolder(path.dirname(link));
  refuseDanglingLink(link);
  try {
    creation.options.say(
      `making a PostgreSQL ${majorVersion(creation.binaries)} database in ${path.dirname(link)}`,
    );
    await createHome(creation);
  } catch (error) {
    // When another process was faster, its cluster is whole, and ours is not needed.
    if (existsSync(link)) return;
    if (error instanceof RefusedError) throw error;
    throw new RefusedError(`No database can be made in ${path.dirname(link)}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

async function createHome({ link, binaries, user, options }: Creation): Promise<void> {
  const closed = user === null ? null : wayClosedTo(user, realpathSync(path.dirname(link)));
  if (closed !== null) mkdirSync(options.systemFolder, { recursive: true, mode: 0o755 });
  const parent = closed === null ? path.dirname(link) : options.systemFolder;
  removeAbandoned(parent);
  const home = mkdtempSync(path.join(parent, NEW_HOME));
  const place = closed === null ? link : path.join(parent, `postgres-${randomBytes(4).toString('hex')}`);
  try {
    await fillHome(home, binaries, user);
    renameSync(home, place);
    if (closed !== null) symlinkSync(place, link);
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    if (closed !== null) rmSync(place, { recursive: true, force: true });
    throw error;
  }
  if (closed !== null)
    options.say(
      `${closed} is closed to ${user?.name}, who runs PostgreSQL for root: the database lies in ${place}`,
    );
}

const NEW_HOME = '.postgres-new-';
/** initdb takes a second; what lies there longer belongs to a process that was killed. */
const ABANDONED_AFTER_MS = 60 * 60_000;

function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent).filter((each) => each.startsWith(NEW_HOME))) {
    const folder = path.join(parent, name);
    const ageMs = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Infinity);
    if (ageMs > ABANDONED_AFTER_MS) rmSync(folder, { recursive: true, force: true });
  }
}

function refuseDanglingLink(link: string): void {
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined || existsSync(link)) return;
  throw new RefusedError(
    `${link} leads to ${readlinkSync(link)}, which is gone; remove ${link} to begin with an empty database.`,
  );
}

function makeDataFolder(dataDir: string): void {
  try {
    const made = mkdirSync(dataDir, { recursive: true });
    // Uploads lie in here: other users may at most pass through, as the server of root's database must.
    if (made !== undefined) chmodSync(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
  } catch (error) {
    throw new RefusedError(`The data folder ${dataDir} can't be made: ${(error as Error).message}.`);
  }
}

async function fillHome(home: string, binaries: Binaries, user: ServerUser | null): Promise<void> {
  const passwordFile = path.join(home, 'password');
  writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (user !== null) for (const each of [passwordFile, home]) chownSync(each, user.uid, user.gid);
  const { code, output } = await run(binaries.initdb, initdbArguments(home, passwordFile), home, user);
  if (code !== 0)
    throw new RefusedError(`PostgreSQL could not make its data folder. ${explainOutput(output)}`);
}

/** `--no-locale`: byte order in indexes, the same on every machine, whatever C library or ICU it has. */
function initdbArguments(home: string, passwordFile: string): string[] {
  const settings = [
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-locale',
    '--data-checksums',
    '--no-instructions',
  ];
  return [
    `--pgdata=${path.join(home, 'data')}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    ...settings,
  ];
}

function run(command: string, args: string[], cwd: string, user: ServerUser | null) {
  return new Promise<{ code: number; output: string }>((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: serverEnvironment(),
      ...identity(user),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ code: -1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

/** English messages, because we look for some of them; nothing of ours that PostgreSQL might take for a setting. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

export function identity(user: ServerUser | null): { uid?: number; gid?: number } {
  return user === null ? {} : { uid: user.uid, gid: user.gid };
}

function refuseForeignOwner(home: string | null): void {
  const ourUid = process.getuid?.() ?? 0;
  if (home === null || ourUid === 0) return;
  const { uid } = statSync(home);
  if (uid === ourUid) return;
  throw new RefusedError(
    `The database in ${home} belongs to user ${uid} and this is user ${ourUid}; ` +
      'run as that user, or choose another folder in GRIDWARDEN_DATA_DIR.',
  );
}

function refuseClosedWay(home: string, user: ServerUser | null): void {
  const closed = user === null ? null : wayClosedTo(user, home);
  if (closed === null) return;
  throw new RefusedError(
    `${closed} is closed to ${user?.name}, who runs PostgreSQL for root; open it (chmod o+x), ` +
      'set GRIDWARDEN_DATA_DIR to another folder, or set DATABASE_URL.',
  );
}

function refuseOtherVersion(data: string, binaries: Binaries): void {
  const found = readFileSync(path.join(data, 'PG_VERSION'), 'utf8').trim();
  if (found === majorVersion(binaries)) return;
  throw new RefusedError(
    `The database in ${data} was made by PostgreSQL ${found} and this Gridwarden brings ${majorVersion(binaries)}; ` +
      'go back to the version you had and take a backup first.',
  );
}

function majorVersion(binaries: Binaries): string {
  return binaries.version.split('.')[0];
}
