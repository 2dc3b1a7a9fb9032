import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from './project-root.js';

/**
 * URL of a worker thread's compiled entry file, `relative` to src/ (`uploads/uploads.thread.js`). Threads are started
 * from dist also under the test runner, which transforms TypeScript for its own modules only.
 */
export function compiledWorker(relative: string): URL {
  return pathToFileURL(path.join(projectRoot, 'dist', 'src', relative));
}
