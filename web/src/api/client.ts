import { connection } from '../app/connection.js';
import { session } from '../app/session-store.js';
import { ApiError, CancelledError, OfflineError, type Problem } from './problem.js';

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Sent as JSON; a Blob as it is. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Asks the person to prove who they are; true when they did. Set by the dialog that does. */
let proveAgain: (() => Promise<boolean>) | null = null;

export function onStaleSession(ask: () => Promise<boolean>): void {
  proveAgain = ask;
}

/**
 * Asks the service; the answer's body, undefined when there is none. Where a fresh sign-in is wanted the person is asked for
 * it, and the request goes out again.
 * @throws ApiError, OfflineError, CancelledError
 */
export async function api<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const answer = await send(path, options);
  if (answer.ok) return (await bodyOf(answer)) as T;
  const problem = await problemOf(answer);
  if (answer.status === 401 && session.get() !== null && !path.startsWith('/api/v1/session'))
    session.set(null);
  if (problem.reason === 'stale' && proveAgain !== null) {
    if (!(await proveAgain())) throw new CancelledError();
    return api(path, options);
  }
  throw new ApiError(problem);
}

async function send(path: string, { method = 'GET', body, signal }: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  const csrf = session.get()?.csrf_token;
  if (method !== 'GET' && csrf) headers['x-csrf-token'] = csrf;
  if (body !== undefined && !(body instanceof Blob)) headers['content-type'] = 'application/json';
  try {
    const sent = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
    const answer = await fetch(path, { method, headers, body: sent, signal });
    connection.set('online');
    return answer;
  } catch (error) {
    // Whoever aborted does not wait for an answer any more.
    if (signal?.aborted) throw error;
    connection.set('offline');
    throw new OfflineError();
  }
}

async function bodyOf(answer: Response): Promise<unknown> {
  if (answer.status === 204) return undefined;
  return answer.headers.get('content-type')?.includes('json') ? answer.json() : answer.text();
}

/** A proxy in between answers in its own words. */
async function problemOf(answer: Response): Promise<Problem> {
  try {
    return (await answer.json()) as Problem;
  } catch {
    return { status: answer.status, title: answer.statusText, detail: answer.statusText };
  }
}
