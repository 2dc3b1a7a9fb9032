/**
 * A thread that asks a service for its /healthz and looks at its resident set, again and again, until it is told to stop: beside
 * whoever sends the file, whose own turns would count as the service's. In turn with it a process that does nothing is asked.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const BETWEEN_MS = 50;

/**
 * Call what it returns to have the samples: when each was taken (by the clock), how long it took, how long the process that does
 * nothing took right after, MB of the service.
 */
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
  const idle = fork(path.join(import.meta.dirname, 'idle-server.mjs'));
  try {
    const [idleUrl] = await once(idle, 'message');
    // The first request loads the client.
    await fetch(idleUrl);
    while (!isDone) {
      const at = Date.now();
      const ms = await timed(`${url}/healthz`);
      const idleMs = await timed(idleUrl);
      const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
      samples.push({ at, ms, idleMs, megabytes: Number(kilobytes) / 1024 });
      await sleep(BETWEEN_MS);
    }
  } finally {
    idle.kill();
  }
  parentPort.postMessage(samples);
}

async function timed(url) {
  const started = performance.now();
  const { ok } = await fetch(url);
  return ok ? performance.now() - started : Infinity;
}

if (!isMainThread && parentPort !== null) await watch(workerData);
