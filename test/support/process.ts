import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const HOOKS = pathToFileURL(path.join(HERE, 'typescript.mjs')).href;

export interface ProcessOptions {
  uid?: number;
  gid?: number;
  /** Leads a process group of its own, as a shell's job does. */
  ownGroup?: boolean;
}

/** A program of the tests, in TypeScript or plain (`.mjs`), in a process of its own, so that it can be killed. */
export class TestProcess {
  private readonly lines: AsyncIterator<string>;

  private constructor(readonly child: ChildProcess) {
    this.lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  static start(
    file: string,
    args: readonly string[],
    { ownGroup, ...identity }: ProcessOptions = {},
  ): TestProcess {
    const hooks = file.endsWith('.mjs') ? [] : ['--import', HOOKS];
    const command = ['--no-warnings', ...hooks, path.join(HERE, '..', file), ...args];
    const stdio = ['pipe', 'pipe', 'inherit'] as const;
    return new TestProcess(
      spawn(process.execPath, command, { stdio: [...stdio], detached: ownGroup, ...identity }),
    );
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Tells it something. */
  say(line: string): void {
    this.child.stdin!.write(`${line}\n`);
  }

  /** The next line it prints, read as JSON. */
  async answer<T>(): Promise<T> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${this.child.spawnargs.join(' ')} ended without an answer`);
    return JSON.parse(value) as T;
  }

  /** Sends a signal and waits for the end; returns the exit code, null when the signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exit = once(this.child, 'exit');
    this.child.kill(signal);
    return (await exit)[0] as number | null;
  }
}

/** Waits until `condition` holds; throws after `withinMs`. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${condition.toString()}`);
  }
}
