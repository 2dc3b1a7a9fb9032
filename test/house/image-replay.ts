import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { DockerfileParser, type Instruction } from 'dockerfile-ast';
import { projectRoot } from '../../src/config/project-root.js';

/** A stage of the Dockerfile as a folder; of the last one, how it is run. */
export interface Stage {
  readonly name: string;
  readonly folder: string;
  workdir: string;
  readonly env: Record<string, string>;
  user: string | null;
  readonly volumes: string[];
  readonly command: { healthcheck: string[]; entrypoint: string[]; cmd: string[] };
}

/** Makes users, who exist already wherever this runs: what the image's owns, is checked by running it. */
const ABOUT_USERS = /^(groupadd|useradd|install -d) /;

/**
 * Does what the Dockerfile says without Docker: each stage is a folder below `base`, COPY and RUN are done there in order,
 * from the files that .dockerignore lets in. `npm ci` takes from the checkout's node_modules, which set-up has compared with the
 * lock file, the packages that the lock file says it would install. Anything that this does not know is an error, so that
 * nobody believes it was replayed.
 */
export function replayDockerfile(base: string): Stage {
  const text = readFileSync(path.join(projectRoot, 'Dockerfile'), 'utf8');
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const keyword = instruction.getKeyword().toUpperCase();
    const args = argumentsOf(instruction);
    if (keyword === 'FROM') {
      stage = emptyStage(/ AS (\S+)$/i.exec(args)?.[1] ?? 'image', base);
      stages.set(stage.name, stage);
    } else replay(stage!, stages, keyword, args);
  }
  return stage!;
}

function emptyStage(name: string, base: string): Stage {
  const command = { healthcheck: [], entrypoint: [], cmd: [] };
  return { name, folder: path.join(base, name), workdir: '/', env: {}, user: null, volumes: [], command };
}

/** Without the keyword and what continues a line. */
function argumentsOf(instruction: Instruction): string {
  return instruction
    .getTextContent()
    .replace(/^\w+\s+/, '')
    .replaceAll(/\\\n\s*/g, '')
    .trim();
}

function replay(stage: Stage, stages: ReadonlyMap<string, Stage>, keyword: string, args: string): void {
  switch (keyword) {
    case 'WORKDIR':
      stage.workdir = args;
      mkdirSync(inside(stage, args), { recursive: true });
      return;
    case 'ENV':
      for (const [, name, value] of args.matchAll(/(\w+)=(\S+)/g)) stage.env[name] = value;
      return;
    case 'COPY':
      copy(stage, stages, args);
      return;
    case 'RUN':
      for (const command of args.split(/\s+&&\s+/)) run(stage, command);
      return;
    case 'HEALTHCHECK':
    case 'ENTRYPOINT':
    case 'CMD': {
      const words = JSON.parse(args.slice(args.indexOf('['))) as string[];
      stage.command[keyword.toLowerCase() as keyof Stage['command']] = words;
      return;
    }
    case 'USER':
      stage.user = args;
      return;
    case 'VOLUME':
      stage.volumes.push(args);
      return;
    case 'EXPOSE':
    case 'STOPSIGNAL':
      return;
    default:
      throw new Error(`The Dockerfile has ${keyword}, which nobody has taught this to replay.`);
  }
}

function inside(stage: Stage, folder: string): string {
  return path.join(stage.folder, folder);
}

function copy(stage: Stage, stages: ReadonlyMap<string, Stage>, args: string): void {
  const words = args.split(/\s+/);
  const from = /^--from=(\S+)$/.exec(words[0])?.[1];
  if (from !== undefined) words.shift();
  const target = path.resolve(inside(stage, stage.workdir), words.pop()!);
  for (const word of words) {
    const source =
      from === undefined ? contextFile(word) : inside(stages.get(from)!, path.resolve('/', word));
    const isIntoFolder = statSync(source).isFile() && existsSync(target);
    const into = isIntoFolder ? path.join(target, path.basename(source)) : target;
    if (from === undefined)
      cpSync(source, into, { recursive: true, filter: (file) => !/\.spec\.ts$|\/web\/dist$/.test(file) });
    else link(source, into);
  }
}

/** .dockerignore as ours is: everything out, then what is let in again. */
function contextFile(name: string): string {
  const lines = readFileSync(path.join(projectRoot, '.dockerignore'), 'utf8').split('\n');
  const file = path.join(projectRoot, name);
  if (lines.includes('*') && lines.includes(`!${name}`) && existsSync(file)) return file;
  throw new Error(`COPY ${name}: .dockerignore keeps it out, or it is not there.`);
}

function run(stage: Stage, command: string): void {
  const cwd = inside(stage, stage.workdir);
  if (/^npm ci\b/.test(command)) return install(cwd, command.includes('--omit=dev'));
  const [program, tool, ...rest] = command.split(/\s+/);
  const bin = program === 'npx' && { nest: '@nestjs/cli/bin/nest.js', vite: 'vite/bin/vite.js' }[tool];
  if (bin) {
    if (tool === 'nest') leaveTypesUnchecked(path.join(cwd, 'tsconfig.build.json'));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join('node_modules', bin), ...rest],
      { cwd, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`«${command}» failed in stage ${stage.name}: ${stdout}${stderr}`);
  } else if (!ABOUT_USERS.test(command))
    throw new Error(`The Dockerfile runs «${command}», which nobody has taught this to replay.`);
}

/** Set-up has built these sources already, types and all; what is looked for here is whether the right files are there. */
function leaveTypesUnchecked(file: string): void {
  const config = JSON.parse(readFileSync(file, 'utf8')) as { compilerOptions?: object };
  config.compilerOptions = { ...config.compilerOptions, noCheck: true };
  writeFileSync(file, JSON.stringify(config));
}

/** What npm would install by the lock file of `cwd`: everything, or all that is not marked as for development alone. */
function install(cwd: string, isWithoutDev: boolean): void {
  const modules = realpathSync(path.join(projectRoot, 'node_modules'));
  if (!isWithoutDev) {
    symlinkSync(modules, path.join(cwd, 'node_modules'));
    return;
  }
  const { packages } = JSON.parse(readFileSync(path.join(cwd, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  const wanted = Object.entries(packages)
    .filter(([name, { dev, devOptional }]) => name !== '' && !dev && !devOptional)
    .map(([name]) => name.replace(/^node_modules\//, ''))
    // Of another platform.
    .filter((name) => existsSync(path.join(modules, name)));
  // Outer packages first: what is nested in them comes with them, and some of it may be for development.
  for (const name of wanted.sort()) {
    const target = path.join(cwd, 'node_modules', name);
    if (!existsSync(target)) link(path.join(modules, name), target);
  }
}

/** A copy of links to the same files, where the disk allows it: ten thousand files in a second. */
function link(source: string, target: string): void {
  mkdirSync(path.dirname(target), { recursive: true });
  const isDone = ['-alT', '-aT'].some(
    (how) => spawnSync('cp', [how, source, target], { stdio: 'ignore' }).status === 0,
  );
  if (!isDone) throw new Error(`${source} can't be copied to ${target}.`);
}
