import type { CookieOptions, Response } from 'express';
import { SESSION_HOURS } from './domain/session-limits.js';

/** The prefix makes browsers refuse the cookie unless it is secure, of this host alone and for every path. */
export const SESSION_COOKIE = '__Host-gridwarden';

const OPTIONS: CookieOptions = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' };

export function setSessionCookie(response: Response, token: string): void {
  response.cookie(SESSION_COOKIE, token, { ...OPTIONS, maxAge: SESSION_HOURS * 3_600_000 });
}

export function clearSessionCookie(response: Response): void {
  response.clearCookie(SESSION_COOKIE, OPTIONS);
}
