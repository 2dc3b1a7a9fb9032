import { parentPort } from 'node:worker_threads';
import { DayRows } from './domain/day-rows.js';
import type { EncodingAnswer, EncodingOrder } from './encoding-thread.js';

/** Encodes the rows it is given, into memory that both threads see. */
const port = parentPort!;

/** Given back by whoever has no more need of them. */
const free: SharedArrayBuffer[] = [];
/** So that what one batch had suits the next, which has about as many rows. */
const UNIT_BYTES = 1 << 20;

port.on('message', (order: EncodingOrder) => {
  if ('free' in order) {
    free.push(...order.free);
    return;
  }
  const { id, job } = order;
  const rows = new DayRows(job, memory);
  for (const chunk of rows.chunks()) port.postMessage({ id, chunk } satisfies EncodingAnswer);
  port.postMessage({ id, marks: rows.marks } satisfies EncodingAnswer);
});

function memory(bytes: number): SharedArrayBuffer {
  const size = Math.ceil(bytes / UNIT_BYTES) * UNIT_BYTES;
  const at = free.findIndex(({ byteLength }) => byteLength === size);
  return at < 0 ? new SharedArrayBuffer(size) : free.splice(at, 1)[0];
}
