import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api/client.js';
import { OfflineError } from '../api/problem.js';
import { takeAhead } from './ahead.js';
import { connection } from './connection.js';

/** What a page asked the service for. While it is asked for again, what was there stays. */
export interface Resource<T> {
  readonly data: T | null;
  readonly error: unknown;
  readonly isLoading: boolean;
  readonly reload: () => void;
  /** Puts something else in its place, such as the answer of a change. */
  readonly replace: (data: T) => void;
}

/** Asks for `path` with GET, again when it changes, and when the connection is back after it failed. Null asks nothing. */
export function useResource<T>(path: string | null): Resource<T> {
  const [state, setState] = useState<{
    readonly path: string | null;
    readonly data: T | null;
    readonly error: unknown;
    readonly isLoading: boolean;
  }>({
    path,
    data: null,
    error: null,
    isLoading: path !== null,
  });
  const [round, setRound] = useState(0);
  const failedOffline = useRef(false);
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    (takeAhead<T>(path) ?? api<T>(path, { signal: abort.signal })).then(
      (data) => {
        if (abort.signal.aborted) return;
        failedOffline.current = false;
        setState({ path, data, error: null, isLoading: false });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        failedOffline.current = error instanceof OfflineError;
        setState((before) => ({
          path,
          data: before.path === path ? before.data : null,
          error,
          isLoading: false,
        }));
      },
    );
    return () => abort.abort();
  }, [path, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  useEffect(
    () =>
      connection.subscribe(() => {
        if (connection.get() === 'online' && failedOffline.current) reload();
      }),
    [reload],
  );
  const replace = useCallback((data: T) => setState({ path, data, error: null, isLoading: false }), [path]);
  // Until the new path's answer is there, the one before stays to be looked at: a filter does not blank the page.
  const isOther = state.path !== path;
  return {
    data: state.data,
    error: isOther ? null : state.error,
    isLoading: state.isLoading || isOther,
    reload,
    replace,
  };
}
