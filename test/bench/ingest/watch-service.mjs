/**
 * A thread that asks a service for its /healthz and looks at its resident set, again and again, until it is told to stop: beside
 * whoever sends the file, whose own turns would count as the service's.
 */
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const BETWEEN_MS = 50;

/** Call what it returns to have the samples: when each was taken (by the clock), how long it took, MB of the process. */
export function watchService(pid, url) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { pid, url } });
  const samples = new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return () => {
    worker.postMessage('stop');
    return samples;
  };
}

async function watch({ pid, url }) {
  const samples = [];
  let isDone = false;
  parentPort.once('message', () => (isDone = true));
  // The first request loads the client.
  await fetch(`${url}/healthz`);
  while (!isDone) {
    const at = Date.now();
    const started = performance.now();
    const { ok } = await fetch(`${url}/healthz`);
    const ms = ok ? performance.now() - started : Infinity;
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
    samples.push({ at, ms, megabytes: Number(kilobytes) / 1024 });
    await sleep(BETWEEN_MS);
  }
  parentPort.postMessage(samples);
}

if (!isMainThread && parentPort !== null) await watch(workerData);
