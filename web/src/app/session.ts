import { api } from '../api/client.js';
import { ApiError } from '../api/problem.js';
import { session, type Session } from './session-store.js';

export interface SignInWays {
  readonly oidc: { readonly start: string } | null;
}

/** Finds out whether somebody is signed in. @throws OfflineError */
export async function loadSession(): Promise<void> {
  try {
    session.set(await api<Session>('/api/v1/session'));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    session.set(null);
  }
}

export async function signIn(login: string, password: string): Promise<void> {
  session.set(await api<Session>('/api/v1/session', { method: 'POST', body: { login, password } }));
}

export async function signOut(): Promise<void> {
  try {
    await api('/api/v1/session', { method: 'DELETE' });
  } catch (error) {
    // Over already, which is what was wanted.
    if (!(error instanceof ApiError)) throw error;
  }
  session.set(null);
}

/** Proves again who is signed in, for what needs a fresh sign-in. @throws ApiError when the password is wrong */
export function signInAgain(password: string): Promise<void> {
  return api('/api/v1/session/authentication', { method: 'POST', body: { password } });
}

export function signInWays(): Promise<SignInWays> {
  return api<SignInWays>('/api/v1/session/ways');
}

const RETURN_KEY = 'gridwarden.return';

/** To the identity provider, which sends everybody back to the first page: remembers where they were. */
export function leaveForProvider(start: string, { fresh }: { readonly fresh: boolean }): void {
  sessionStorage.setItem(RETURN_KEY, location.pathname + location.search);
  location.assign(fresh ? `${start}?fresh=true` : start);
}

/** Where somebody was before they went to the identity provider; said once. */
export function takeReturnPath(): string | null {
  const path = sessionStorage.getItem(RETURN_KEY);
  sessionStorage.removeItem(RETURN_KEY);
  return path;
}
