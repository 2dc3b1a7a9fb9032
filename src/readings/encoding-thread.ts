import { Worker } from 'node:worker_threads';
import { compiledWorker } from '../config/compiled-worker.js';
import { DayRows, type DayMarks, type DayRowsJob } from './domain/day-rows.js';

/** Makes COPY's bytes of day rows. */
export interface RowEncoder {
  encode(job: DayRowsJob): EncodedRows;
}

export interface EncodedRows {
  /** To be read once. */
  readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Once the chunks were read to their end. */
  readonly marks: () => DayMarks;
  /** Instead of reading the chunks. */
  readonly drop: () => void;
}

/** For batches of a size at which a thread is not worth its start. */
export const IN_THIS_THREAD: RowEncoder = {
  encode: (job) => {
    const rows = new DayRows(job);
    return { chunks: rows.chunks(), marks: () => rows.marks, drop: () => undefined };
  },
};

export interface EncodingOrder {
  readonly id: number;
  readonly job: DayRowsJob;
}

export type EncodingAnswer =
  { readonly id: number; readonly chunk: Uint8Array } | { readonly id: number; readonly marks: DayMarks };

/**
 * Encodes and digests rows beside the thread that decodes the next batch. Closed by whoever made it.
 */
export class EncodingThread implements RowEncoder {
  private readonly worker = new Worker(compiledWorker('readings/encode-rows.thread.js'));
  private readonly inboxes = new Map<number, Inbox>();
  private lastId = 0;
  private failure: Error | null = null;

  constructor() {
    this.worker.on('message', (answer: EncodingAnswer) => this.inboxes.get(answer.id)?.take(answer));
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('The thread that encodes rows has ended.')));
  }

  encode(job: DayRowsJob): EncodedRows {
    const id = ++this.lastId;
    const drop = () => void this.inboxes.delete(id);
    const inbox = new Inbox(drop);
    if (this.failure !== null) inbox.fail(this.failure);
    this.inboxes.set(id, inbox);
    this.worker.postMessage({ id, job } satisfies EncodingOrder);
    return { chunks: inbox.chunks(), marks: () => inbox.marks, drop };
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const inbox of this.inboxes.values()) inbox.fail(this.failure);
  }
}

/** What has come of one job and is not read yet: a batch at the most. */
class Inbox {
  marks: DayMarks = [];
  private waiting: Uint8Array[] = [];
  private isWhole = false;
  private failure: Error | null = null;
  private wake: () => void = () => {};

  constructor(private readonly forget: () => void) {}

  take(answer: EncodingAnswer): void {
    if ('chunk' in answer) this.waiting.push(answer.chunk);
    else {
      this.marks = answer.marks;
      this.isWhole = true;
    }
    this.wake();
  }

  fail(error: Error): void {
    this.failure = error;
    this.wake();
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.waiting.shift();
        if (chunk !== undefined) yield chunk;
        else if (this.isWhole) return;
        else if (this.failure !== null) throw this.failure;
        else await new Promise<void>((resolve) => (this.wake = resolve));
      }
    } finally {
      this.forget();
    }
  }
}
