import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import { AddressRefusedError, resolvePinned, type AllowedNetworks } from './address-policy.js';
import { resultOfErrorCode, resultOfStatus, type AttemptResult } from './domain/attempt-result.js';

/** Standard Webhooks 1.0 recommends 15 to 30 s. Resolving, connecting and the answer's head, all together. */
export const ATTEMPT_TIMEOUT_MS = 15_000;

export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PostOutcome {
  readonly result: AttemptResult;
  readonly httpStatus: number | null;
  /** What `Retry-After` asks for; 0: nothing. */
  readonly wishedSeconds: number;
  readonly durationMs: number;
}

/**
 * One attempt. Never throws: whatever goes wrong has a code. Only the status of the answer is read: its body is the
 * receiver's, and may be without end.
 */
export async function postWebhook(
  request: PostRequest,
  allowed: AllowedNetworks,
  timeoutMs = ATTEMPT_TIMEOUT_MS,
): Promise<PostOutcome> {
  const startedAt = performance.now();
  const outcome = await attempt(request, allowed, AbortSignal.timeout(timeoutMs)).catch(outcomeOfError);
  return { ...outcome, durationMs: Math.round(performance.now() - startedAt) };
}

type Outcome = Omit<PostOutcome, 'durationMs'>;

async function attempt(
  { url, headers, body }: PostRequest,
  allowed: AllowedNetworks,
  signal: AbortSignal,
): Promise<Outcome> {
  const pinned = await Promise.race([resolvePinned(url, allowed), rejectOn(signal)]);
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body), 'user-agent': 'Gridwarden' },
      // A connection of its own: one that an agent keeps would belong to an address that was resolved earlier.
      agent: false,
      lookup: (_hostname, options, done) => {
        if (options.all) done(null, [pinned]);
        else done(null, pinned.address, pinned.family);
      },
      signal,
    });
    request.once('error', (error) => reject(signal.aborted ? (signal.reason as Error) : error));
    request.once('response', (response) => {
      resolve(outcomeOf(response));
      request.on('error', () => {});
      response.destroy();
    });
    request.end(body);
  });
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): Outcome {
  const wished = Number(headers['retry-after']);
  return {
    result: resultOfStatus(statusCode),
    httpStatus: statusCode,
    wishedSeconds: wished > 0 ? wished : 0,
  };
}

function outcomeOfError(error: Error): Outcome {
  const result = (): AttemptResult => {
    if (error instanceof AddressRefusedError) return 'address_refused';
    if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timed_out';
    return resultOfErrorCode((error as NodeJS.ErrnoException).code);
  };
  return { result: result(), httpStatus: null, wishedSeconds: 0 };
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
