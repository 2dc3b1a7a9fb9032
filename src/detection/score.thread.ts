import { parentPort, workerData } from 'node:worker_threads';
import { goBehindOthers } from '../config/background-thread.js';
import { connect } from '../database/connection.js';
import { scorePoints, type ScoringOptions } from './score-points.js';

/** What {@link scoreInThread} hands over: everything cloneable. */
export interface ScoreThreadData {
  readonly databaseUrl: string;
  readonly options: Omit<ScoringOptions, 'onProgress' | 'signal'>;
}

const { databaseUrl, options } = workerData as ScoreThreadData;

goBehindOthers();
const summary = await scorePoints({ url: databaseUrl, connect: () => connect(databaseUrl) }, options);
parentPort!.postMessage(summary);
