import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';
import { eventually } from '../support/process.js';

const START_WITHIN_MS = 60_000;

/** A line of its log. */
export type Said = Readonly<Record<string, unknown>> & { readonly msg: string };

/** `gridwarden serve` as it is built, in a process of its own. */
export class ServiceProcess {
  readonly said: Said[] = [];
  readonly exitCode: Promise<number | null>;

  private constructor(
    readonly child: ChildProcess,
    readonly name: string,
  ) {
    this.exitCode = new Promise((resolve) => child.once('close', resolve));
    createInterface({ input: child.stderr! }).on('line', (line) => {
      if (line.startsWith('{')) this.said.push(JSON.parse(line) as Said);
    });
  }

  static async start(name: string, env: NodeJS.ProcessEnv): Promise<ServiceProcess> {
    const child = spawn(process.execPath, [path.join('dist', 'src', 'main.js'), 'serve', '--port', '0'], {
      cwd: projectRoot,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, GRIDWARDEN_LOG_FORMAT: 'json', ...env },
    });
    const service = new ServiceProcess(child, name);
    await eventually(() => service.address() !== null || child.exitCode !== null, START_WITHIN_MS);
    if (service.address() === null) throw new Error(`${name} did not start: ${JSON.stringify(service.said)}`);
    return service;
  }

  get url(): string {
    return this.address()!;
  }

  says(text: string): boolean {
    return this.said.some(({ msg }) => msg.includes(text));
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.exitCode;
  }

  private address(): string | null {
    const line = this.said
      .map(({ msg }) => /listens on (http:\S+?),? /.exec(msg))
      .find((match) => match !== null);
    return line?.[1] ?? null;
  }
}
