import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { compiledWorker } from '../config/compiled-worker.js';
import { addCounts, noCounts, type ScoringCounts } from './block-scorer.js';
import type { ScoringContext } from './scoring-context.js';
import { blockCount, emptyPlan, type ScoringPlan } from './scoring-plan.js';

/** More threads than this would only wait for the database. */
const MOST_THREADS = 8;

/** As many threads as the machine runs at once: each keeps about one processor busy, a part of it the server's. */
export function scoringThreads(): number {
  return Math.min(availableParallelism(), MOST_THREADS);
}

/** What a thread is given: everything cloneable, the plan's arrays shared. */
export interface BlockThreadData {
  readonly databaseUrl: string;
  readonly context: ScoringContext;
  readonly plan: ScoringPlan;
}

/** What a thread says: the points of a block that is done, or at its end what it did. */
export type BlockThreadMessage = { readonly points: number } | { readonly counts: ScoringCounts };

interface Running {
  readonly threads: number;
  readonly onBlock: (points: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** A block's findings live as long as the block: with room for them the collector hardly ever copies any. */
const resourceLimits = { maxYoungGenerationSizeMb: 24 };

/** Several threads take blocks from one plan until it is empty; the first error or `signal` ends all of them. */
export async function scoreInBlockThreads(
  databaseUrl: string,
  { context, plan }: Pick<BlockThreadData, 'context' | 'plan'>,
  { threads, onBlock, signal }: Running,
): Promise<ScoringCounts> {
  signal?.throwIfAborted();
  const workerData: BlockThreadData = { databaseUrl, context, plan };
  const workers = Array.from(
    { length: Math.min(threads, blockCount(plan)) },
    () => new Worker(compiledWorker('detection/score-blocks.thread.js'), { workerData, resourceLimits }),
  );
  const stop = () => emptyPlan(plan);
  signal?.addEventListener('abort', stop);
  try {
    const sum = noCounts();
    for (const counts of await Promise.all(workers.map((worker) => resultOf(worker, onBlock))))
      addCounts(sum, counts);
    signal?.throwIfAborted();
    return sum;
  } finally {
    signal?.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.terminate()));
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
