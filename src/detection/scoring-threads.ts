import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { compiledWorker } from '../config/compiled-worker.js';
import { addCounts, noCounts, type ScoringCounts } from './block-scorer.js';
import type { ScoringContext } from './scoring-context.js';
import { emptyPlan, type ScoringPlan } from './scoring-plan.js';

/** More threads than this would only wait for the database. */
const MOST_THREADS = 8;

/** As many threads as the machine runs at once: each keeps about one processor busy, a part of it the server's. */
export function scoringThreads(): number {
  return Math.min(availableParallelism(), MOST_THREADS);
}

/** What a thread is given at its start: enough to load its code and to connect, while the context is still being read. */
export interface BlockThreadData {
  readonly databaseUrl: string;
}

/** What it then works off: everything cloneable, the plan's arrays shared. */
export interface BlockThreadWork {
  readonly context: ScoringContext;
  readonly plan: ScoringPlan;
}

/** What a thread says: the points of a block that is done, or at its end what it did. */
export type BlockThreadMessage = { readonly points: number } | { readonly counts: ScoringCounts };

interface Progress {
  readonly onBlock: (points: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** A block's findings live as long as the block: with room for them the collector hardly ever copies any. */
const resourceLimits = { maxYoungGenerationSizeMb: 24 };

/** Threads that take blocks from one plan until it is empty. Whoever starts them closes them. */
export class BlockThreads {
  private readonly workers: readonly Worker[];
  private failure: Error | null = null;

  constructor(databaseUrl: string, threads: number) {
    const workerData: BlockThreadData = { databaseUrl };
    const script = compiledWorker('detection/score-blocks.thread.js');
    this.workers = Array.from({ length: threads }, () => new Worker(script, { workerData, resourceLimits }));
    // One that can't start (no connection left) says so before anybody asks it for anything.
    for (const worker of this.workers) worker.on('error', (error: Error) => (this.failure ??= error));
  }

  /** Works off the plan; the first error or `signal` ends all threads. */
  async score(work: BlockThreadWork, { onBlock, signal }: Progress): Promise<ScoringCounts> {
    signal?.throwIfAborted();
    if (this.failure !== null) throw this.failure;
    const stop = () => emptyPlan(work.plan);
    signal?.addEventListener('abort', stop);
    try {
      const sum = noCounts();
      for (const worker of this.workers) worker.postMessage(work);
      const results = this.workers.map((worker) => resultOf(worker, onBlock));
      for (const counts of await Promise.all(results)) addCounts(sum, counts);
      signal?.throwIfAborted();
      return sum;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

function resultOf(worker: Worker, onBlock: (points: number) => void): Promise<ScoringCounts> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: BlockThreadMessage) => {
      if ('counts' in message) resolve(message.counts);
      else onBlock(message.points);
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('A scoring thread ended without a result.')));
  });
}
