import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { connect } from '../database/connection.js';
import { BlockScorer } from './block-scorer.js';
import { takeBlock } from './scoring-plan.js';
import type { BlockThreadData, BlockThreadMessage, BlockThreadWork } from './scoring-threads.js';

/** One of the threads that work off a scoring plan, with its own connections. */
const { databaseUrl } = workerData as BlockThreadData;
const say = (message: BlockThreadMessage) => parentPort!.postMessage(message);

const asked = once(parentPort!, 'message') as Promise<[BlockThreadWork]>;
const [reader, writer] = await Promise.all([connect(databaseUrl), connect(databaseUrl)]);
try {
  const [{ context, plan }] = await asked;
  const scorer = new BlockScorer(reader, writer, context);
  say({
    counts: await scorer.work(
      () => takeBlock(plan),
      (points) => say({ points }),
    ),
  });
} finally {
  await Promise.all([reader.end(), writer.end()]);
}
