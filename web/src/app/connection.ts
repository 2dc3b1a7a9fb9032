import { createStore } from './store.js';

/** Whether the service answered the last time it was asked. */
export const connection = createStore<'online' | 'offline'>('online');

const RETRY_MS = 3000;

/** While nothing answers, asks every few seconds whether somebody does again. */
export function watchConnection(): void {
  let timer: number | undefined;
  const retry = async (): Promise<void> => {
    const alive = await fetch('/healthz').then(
      ({ ok }) => ok,
      () => false,
    );
    if (alive) connection.set('online');
    else timer = window.setTimeout(() => void retry(), RETRY_MS);
  };
  connection.subscribe(() => {
    window.clearTimeout(timer);
    if (connection.get() === 'offline') timer = window.setTimeout(() => void retry(), RETRY_MS);
  });
  window.addEventListener('offline', () => connection.set('offline'));
  window.addEventListener('online', () => void retry());
}
