import { AsyncLocalStorage } from 'node:async_hooks';

const requests = new AsyncLocalStorage<string>();

/** Runs `work`, and whatever it starts, as part of the request with this id. */
export function inRequest<T>(requestId: string, work: () => T): T {
  return requests.run(requestId, work);
}

/** Of the request that is being answered; null outside of requests. */
export function currentRequestId(): string | null {
  return requests.getStore() ?? null;
}
