import { parentPort } from 'node:worker_threads';
import { DayRows } from './domain/day-rows.js';
import type { EncodingAnswer, EncodingOrder } from './encoding-thread.js';

/** Encodes the rows it is given; what is made is handed over, not copied. */
const port = parentPort!;

port.on('message', ({ id, job }: EncodingOrder) => {
  const rows = new DayRows(job);
  for (const chunk of rows.chunks())
    port.postMessage({ id, chunk } satisfies EncodingAnswer, [chunk.buffer as ArrayBuffer]);
  const buffers = rows.marks.flatMap((marks) => (marks ? [marks.buffer as ArrayBuffer] : []));
  port.postMessage({ id, marks: rows.marks } satisfies EncodingAnswer, buffers);
});
