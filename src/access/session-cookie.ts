import type { CookieOptions, Request, Response } from 'express';
import { cookieValue, isPlainLoopback } from './domain/request-origin.js';
import { SESSION_HOURS } from './domain/session-limits.js';

/** The prefix makes browsers refuse the cookie unless it is secure, of this host alone and for every path. */
const SECURE_COOKIE = '__Host-gridwarden';
/**
 * On this machine without TLS, for which not every browser takes a secure cookie (Safari does not). Another name, so that it
 * never stands in for the secure one: where a request came by any other way, it is not looked at.
 */
const LOOPBACK_COOKIE = 'gridwarden-loopback';

/** Strict: a session is for our own pages, which ask for everything themselves; no link from elsewhere needs it. */
const OPTIONS: CookieOptions = { path: '/', httpOnly: true, sameSite: 'strict' };

export function setSessionCookie(request: Request, response: Response, token: string): void {
  response.cookie(...nameAndValue(request, token), {
    ...OPTIONS,
    secure: isSecure(request),
    maxAge: SESSION_HOURS * 3_600_000,
  });
}

export function clearSessionCookie(request: Request, response: Response): void {
  const [name] = nameAndValue(request, '');
  response.clearCookie(name, { ...OPTIONS, secure: isSecure(request) });
}

/** The session's token that the request shows; undefined: none. */
export function sessionTokenOf(request: Request): string | undefined {
  const [name] = nameAndValue(request, '');
  return cookieValue(request.headers.cookie, name);
}

/** Whether cookies for the answer to this request are only to come back over TLS. */
export function isSecure(request: Request): boolean {
  return !isPlainLoopback({
    hostname: request.hostname,
    isEncrypted: request.secure,
    isForwarded: request.headers['x-forwarded-proto'] !== undefined,
  });
}

function nameAndValue(request: Request, token: string): [name: string, value: string] {
  return [isSecure(request) ? SECURE_COOKIE : LOOPBACK_COOKIE, token];
}
