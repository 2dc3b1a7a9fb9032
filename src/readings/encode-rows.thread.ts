import { parentPort } from 'node:worker_threads';
import { DayRows } from './domain/day-rows.js';
import type { EncodingAnswer, EncodingOrder } from './encoding-thread.js';

/** Encodes the rows it is given; what is made is handed over, not copied. */
const port = parentPort!;

/** Of batches that have been sent. */
const free: Uint8Array[] = [];

port.on('message', (order: EncodingOrder) => {
  if ('free' in order) {
    free.push(...order.free);
    return;
  }
  const { id, job } = order;
  const rows = new DayRows(job, () => free.pop());
  for (const chunk of rows.chunks())
    port.postMessage({ id, chunk } satisfies EncodingAnswer, [chunk.buffer as ArrayBuffer]);
  const buffers = rows.marks.flatMap((marks) => (marks ? [marks.buffer as ArrayBuffer] : []));
  port.postMessage({ id, marks: rows.marks } satisfies EncodingAnswer, buffers);
});
