/** A benchmark's work in threads: a module hands parts of its own work to threads that run it. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Has a thread of the module with that `import.meta.url` do a part; its {@link workOnPart} says what that is. */
export function inThread(moduleUrl, part) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(moduleUrl), { workerData: part });
    worker.on('message', resolve);
    worker.on('error', reject);
  });
}

/** In a thread: does the part that it was made for. */
export async function workOnPart(work) {
  if (isMainThread || parentPort === null) return;
  await work(workerData);
  parentPort.postMessage('done');
}
