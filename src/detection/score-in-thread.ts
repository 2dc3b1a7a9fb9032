import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { compiledWorker } from '../config/compiled-worker.js';
import { RefusedError } from '../config/errors.js';
import type { Database } from '../database/open-database.js';
import type { ScoringOptions, ScoringSummary } from './score-points.js';
import type { ScoreThreadData } from './score.thread.js';
import { scoringThreads } from './scoring-threads.js';

/**
 * `scorePoints` in a thread of its own and in those it starts, so that requests are answered while a region is scored. Aborting `signal` ends
 * the thread between two statements: blocks already written stay, the marks stay too, and the next run goes over them.
 */
export async function scoreInThread(
  db: Pick<Database, 'url'>,
  { signal, onProgress: _onProgress, ...options }: ScoringOptions,
): Promise<ScoringSummary | null> {
  signal?.throwIfAborted();
  const workerData: ScoreThreadData = {
    databaseUrl: db.url,
    options: { ...options, threads: options.threads ?? scoringThreads() },
  };
  const thread = new Worker(compiledWorker('detection/score.thread.js'), { workerData });
  try {
    const [summary] = (await once(thread, 'message', { signal })) as [ScoringSummary | null];
    return summary;
  } catch (error) {
    await thread.terminate();
    // A thread's errors arrive without their class.
    if (error instanceof Error && error.name === 'RefusedError') throw new RefusedError(error.message);
    throw error;
  }
}
