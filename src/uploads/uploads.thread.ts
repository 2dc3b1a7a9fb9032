import { parentPort, workerData } from 'node:worker_threads';
import { goBehindOthers } from '../config/background-thread.js';
import type { CheckSettings } from '../config/domain/checks.js';
import { connect } from '../database/connection.js';
import { loadOpenUploads } from './load-open-uploads.js';
import { applyHeld } from './load-upload.js';
import { Spool } from './spool.js';

/** What the service hands to its loading thread. */
export interface ThreadData {
  readonly databaseUrl: string;
  readonly spoolFolder: string;
  readonly rejectedRowsKept: number;
  readonly checks: CheckSettings;
}

/** `load`: look for open uploads now. `stop`: end after the batch in hand. */
export type ThreadCommand = 'load' | 'stop';

export type ThreadReport =
  | { readonly type: 'ended'; readonly id: number; readonly startMs: number; readonly endMs: number }
  | { readonly type: 'error'; readonly id: number | null; readonly message: string };

/**
 * The thread that loads uploads, so that decoding never keeps the service from answering. The connection is made anew
 * after any error; what was in hand is taken up again from its last committed batch.
 */
const { databaseUrl, spoolFolder, rejectedRowsKept, checks } = workerData as ThreadData;
const port = parentPort!;
const stopping = new AbortController();
let running: Promise<void> | null = null;
let again = false;
/** Once at the start: a service that was stopped between a registry and the readings that waited for it goes on here. */
let heldApplied = false;

goBehindOthers();

port.on('message', (command: ThreadCommand) => {
  if (command === 'stop') {
    stopping.abort();
    void (running ?? Promise.resolve()).finally(() => port.close());
    return;
  }
  again = true;
  running ??= loadWhileAsked().finally(() => (running = null));
});

async function loadWhileAsked(): Promise<void> {
  while (again && !stopping.signal.aborted) {
    again = false;
    try {
      await loadOnce();
    } catch (error) {
      report({ type: 'error', id: null, message: (error as Error).message });
    }
  }
}

async function loadOnce(): Promise<void> {
  const client = await connect(databaseUrl);
  try {
    const options = { spool: new Spool(spoolFolder), rejectedRowsKept, checks, now: () => new Date() };
    if (!heldApplied) await applyHeld(client, null, { ...options, signal: stopping.signal });
    heldApplied = true;
    await loadOpenUploads(
      client,
      options,
      {
        onEnd: (id, startMs) => report({ type: 'ended', id, startMs, endMs: Date.now() }),
        onError: (id, error) => report({ type: 'error', id, message: error.message }),
      },
      stopping.signal,
    );
  } finally {
    await client.end();
  }
}

function report(message: ThreadReport): void {
  port.postMessage(message);
}
