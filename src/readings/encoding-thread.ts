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
  /** Once nobody needs the chunks and marks any more, or instead of reading them: other rows will be written over them. */
  readonly release: () => void;
}

/** For batches of a size at which a thread is not worth its start. */
export const IN_THIS_THREAD: RowEncoder = {
  encode: (job) => {
    const rows = new DayRows(job);
    return { chunks: rows.chunks(), marks: () => rows.marks, release: () => undefined };
  },
};

/** Rows to encode, or memory to be filled again. */
export type EncodingOrder =
  { readonly id: number; readonly job: DayRowsJob } | { readonly free: readonly SharedArrayBuffer[] };

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
    this.worker.on('message', (answer: EncodingAnswer) => this.take(answer));
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('The thread that encodes rows has ended.')));
  }

  encode(job: DayRowsJob): EncodedRows {
    const id = ++this.lastId;
    const inbox = new Inbox((free) => this.giveBack(free));
    if (this.failure !== null) inbox.fail(this.failure);
    this.inboxes.set(id, inbox);
    this.worker.postMessage({ id, job } satisfies EncodingOrder);
    return { chunks: inbox.chunks(), marks: () => inbox.marks, release: () => inbox.release() };
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private take(answer: EncodingAnswer): void {
    this.inboxes.get(answer.id)!.take(answer);
    if ('marks' in answer) this.inboxes.delete(answer.id);
  }

  /**
   * To the thread, where they came from. They are shared and not handed over, because with what comes from elsewhere a thread's
   * heap is collected as though it had grown by as much.
   */
  private giveBack(free: readonly SharedArrayBuffer[]): void {
    if (free.length > 0 && this.failure === null) this.worker.postMessage({ free } satisfies EncodingOrder);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const inbox of this.inboxes.values()) inbox.fail(this.failure);
  }
}

/** What has come of one job and is not given back yet: a batch at the most. */
class Inbox {
  marks: DayMarks = [];
  private readonly come: Uint8Array[] = [];
  private isWhole = false;
  private isReleased = false;
  private failure: Error | null = null;
  private wake: () => void = () => {};

  constructor(private readonly giveBack: (free: readonly SharedArrayBuffer[]) => void) {}

  take(answer: EncodingAnswer): void {
    if ('chunk' in answer) this.come.push(answer.chunk);
    else {
      this.marks = answer.marks;
      this.isWhole = true;
    }
    if (this.isReleased) this.release();
    this.wake();
  }

  fail(error: Error): void {
    this.failure = error;
    this.wake();
  }

  release(): void {
    this.isReleased = true;
    const { marks } = this;
    this.marks = [];
    this.giveBack(buffersOf([...this.come.splice(0), ...marks]));
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (let next = 0; ;) {
      if (next < this.come.length) yield this.come[next++];
      else if (this.isWhole) return;
      else if (this.failure !== null) throw this.failure;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** The memory that these lie in, each once. */
function buffersOf(pieces: readonly (Uint8Array | undefined)[]): SharedArrayBuffer[] {
  return [...new Set(pieces.flatMap((piece) => (piece ? [piece.buffer as SharedArrayBuffer] : [])))];
}
