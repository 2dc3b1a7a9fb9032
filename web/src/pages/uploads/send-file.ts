import { connection } from '../../app/connection.js';
import { session } from '../../app/session-store.js';
import { ApiError, OfflineError, type Problem } from '../../api/problem.js';
import type { Receipt } from './types.js';

export interface Sending {
  /** The receipt, and whether the same bytes had come before. */
  readonly done: Promise<{ readonly receipt: Receipt; readonly isRepeated: boolean }>;
  readonly stop: () => void;
}

export interface SendOptions {
  readonly kind: string | null;
  readonly zone: string;
  /** Name of the saved profile that says the rest; empty: none. */
  readonly profile: string;
}

/** Sends a file as the body; by XMLHttpRequest, since fetch does not tell how far it has come. */
export function sendFile(
  file: File,
  { kind, zone, profile }: SendOptions,
  onProgress: (share: number) => void,
): Sending {
  const query = new URLSearchParams({ filename: file.name });
  if (kind !== null) query.set('kind', kind);
  if (zone.trim() !== '') query.set('zone', zone.trim());
  if (profile !== '') query.set('profile', profile);
  const request = new XMLHttpRequest();
  const done = new Promise<{ receipt: Receipt; isRepeated: boolean }>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
    request.onload = () => {
      connection.set('online');
      const answer = parsed(request);
      if (request.status === 200 || request.status === 202)
        resolve({ receipt: answer as Receipt, isRepeated: request.status === 200 });
      else reject(new ApiError(answer as Problem));
    };
    request.onerror = () => reject(new OfflineError());
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'));
  });
  request.open('POST', `/api/v1/uploads?${query}`);
  request.setRequestHeader('x-csrf-token', session.get()?.csrf_token ?? '');
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.send(file);
  return { done, stop: () => request.abort() };
}

function parsed({ responseText, status, statusText }: XMLHttpRequest): unknown {
  try {
    return JSON.parse(responseText);
  } catch {
    return { status, title: statusText, detail: statusText };
  }
}
