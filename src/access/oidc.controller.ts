import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { CookieOptions, Request, Response } from 'express';
import { z } from 'zod';
import { AccessMetrics } from './access.metrics.js';
import { Public } from '../rights/allow.decorator.js';
import { Attempts } from './attempts.js';
import { addressOf } from './authentication.js';
import { cookieValue } from './domain/request-origin.js';
import { OIDC_CALLBACK, OidcService, type OidcAttempt } from './oidc.service.js';
import { AccessRefusal } from './refusal.js';
import { isSecure, setSessionCookie } from './session-cookie.js';
import { SignInService } from './sign-in.service.js';

export const OIDC_START = '/api/v1/session/oidc/start';

/** Time to type a password and find the second factor. */
const ATTEMPT_MINUTES = 15;
const StartQuery = z.strictObject({
  fresh: z
    .stringbool()
    .default(false)
    .describe('Ask for the password again, for what needs a fresh sign-in.'),
});
const Attempt = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  fresh: z.boolean(),
});

@ApiTags('session')
@Public()
@Controller()
export class OidcController {
  constructor(
    private readonly oidc: OidcService,
    private readonly signIns: SignInService,
    private readonly attempts: Attempts,
    private readonly metrics: AccessMetrics,
  ) {}

  @Get(OIDC_START)
  @ApiOperation({ summary: 'Sign in at the identity provider' })
  @ApiResponse({ status: 302, description: 'To the provider.' })
  async start(
    @Query({ schema: StartQuery }) { fresh }: z.infer<typeof StartQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { location, attempt } = await this.oidc.start(fresh);
    const options = cookieOptions(request);
    response.cookie(cookieName(request), packed(attempt), {
      ...options,
      maxAge: ATTEMPT_MINUTES * 60_000,
    });
    response.redirect(302, location);
  }

  @Get(OIDC_CALLBACK)
  @ApiOperation({ summary: 'Where the identity provider sends people back to' })
  @ApiResponse({ status: 303, description: 'To the first page, signed in.' })
  async finish(@Req() request: Request, @Res() response: Response): Promise<void> {
    const attempt = unpacked(cookieValue(request.headers.cookie, cookieName(request)));
    response.clearCookie(cookieName(request), cookieOptions(request));
    const opened = await this.metrics.count(() =>
      this.attempts.limit(addressOf(request), null, async () => {
        // The cookie ties the answer to the browser that asked: nobody can be signed in as somebody else by a link.
        if (attempt === null)
          throw new AccessRefusal('wrong', 'This sign-in was not begun in this browser, or too long ago.');
        const query = request.originalUrl.split('?')[1] ?? '';
        const { personId, authenticatedAt } = await this.oidc.finish(query, attempt);
        return this.signIns.open({ personId, method: 'oidc', authenticatedAt, now: new Date() });
      }),
    );
    setSessionCookie(request, response, opened.token);
    response.redirect(303, '/');
  }
}

/** Lax, unlike the session's: the way back from the provider is a navigation from another site. */
function cookieOptions(request: Request): CookieOptions {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(request) };
}

function cookieName(request: Request): string {
  return isSecure(request) ? '__Host-gridwarden-oidc' : 'gridwarden-oidc-loopback';
}

function packed(attempt: OidcAttempt): string {
  return Buffer.from(JSON.stringify(attempt)).toString('base64url');
}

/** Null when there is none, or none of ours. */
function unpacked(text: string | undefined): OidcAttempt | null {
  try {
    return Attempt.parse(JSON.parse(Buffer.from(text ?? '', 'base64url').toString()));
  } catch {
    return null;
  }
}
