import {
  ConflictException,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Post,
  Put,
  Req,
  Res,
} from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { DataSource } from 'typeorm';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { FirstOperator, PasswordOnly, SessionView, SignIn, SignInWays } from './access.schemas.js';
import { Allow, Public } from '../rights/allow.decorator.js';
import { CurrentCaller, type Caller } from './caller.js';
import { FRESH_MINUTES } from './domain/session-limits.js';
import { bodySchema, jsonBody } from './json-body.js';
import { OIDC_START } from './oidc.controller.js';
import { identityOf } from './person.repository.js';
import { clearSessionCookie, setSessionCookie } from './session-cookie.js';
import { endSession } from './session.repository.js';
import { SignInService, type OpenedSession, type SessionCredential } from './sign-in.service.js';

@ApiTags('session')
@Controller('api/v1')
export class SessionController {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
    private readonly signIns: SignInService,
  ) {}

  @Get('session/ways')
  @Public()
  @ApiOperation({ summary: 'How a person may sign in here' })
  @ApiOkResponse({ standardSchema: SignInWays })
  ways(): SignInWays {
    return { password: true, oidc: this.config.oidcIssuer === null ? null : { start: OIDC_START } };
  }

  @Post('session')
  @Public()
  @ApiOperation({
    summary: 'Sign in with a password, or a one-time token',
    description: '`gridwarden user add` and `user link` make tokens. The answer sets the session’s cookie.',
  })
  @ApiBody({ schema: bodySchema(SignIn) })
  @ApiCreatedResponse({ standardSchema: SessionView })
  async signIn(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionView> {
    const shown = await jsonBody(request, SignIn);
    const opened =
      'token' in shown
        ? await this.signIns.withToken(request, shown.token)
        : await this.signIns.withPassword(request, shown.login, shown.password);
    return this.begin(request, response, opened);
  }

  @Post('operator')
  @Public()
  @ApiOperation({
    summary: 'Create the first operator, with the one-time token that the first start printed',
    description: 'Only while there is nobody. The answer signs them in.',
  })
  @ApiBody({ schema: bodySchema(FirstOperator) })
  @ApiCreatedResponse({ standardSchema: SessionView })
  async firstOperator(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionView> {
    const operator = await jsonBody(request, FirstOperator);
    return this.begin(request, response, await this.signIns.firstOperator(request, operator));
  }

  @Get('session')
  @Allow('utility', 'inspector', 'supervisor', 'auditor', 'operator')
  @ApiOperation({ summary: 'Who I am here, by session or key' })
  @ApiOkResponse({ standardSchema: SessionView })
  show(@CurrentCaller() caller: Caller): Promise<SessionView> {
    return this.view(caller);
  }

  @Post('session/authentication')
  @Allow('utility', 'inspector', 'supervisor', 'auditor', 'operator')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Prove again who I am, by password',
    description: `For ${FRESH_MINUTES} minutes the session is fresh, as sealing a decision and exports ask for it.`,
  })
  @ApiBody({ schema: bodySchema(PasswordOnly) })
  @ApiNoContentResponse({ description: 'The session is fresh.' })
  async again(@CurrentCaller() caller: Caller, @Req() request: Request): Promise<void> {
    const session = sessionOf(caller);
    const { password } = await jsonBody(request, PasswordOnly);
    await this.signIns.again(request, session, password);
  }

  @Put('session/password')
  @Allow('utility', 'inspector', 'supervisor', 'auditor', 'operator', { fresh: true })
  @HttpCode(204)
  @ApiOperation({
    summary: 'Set my password',
    description: 'My other sessions end. Needs a fresh sign-in; a one-time token is one.',
  })
  @ApiBody({ schema: bodySchema(PasswordOnly) })
  @ApiNoContentResponse({ description: 'From now on this is the password.' })
  async changePassword(@CurrentCaller() caller: Caller, @Req() request: Request): Promise<void> {
    const session = sessionOf(caller);
    const { password } = await jsonBody(request, PasswordOnly);
    await this.signIns.changePassword(session, password);
  }

  @Delete('session')
  @Allow('utility', 'inspector', 'supervisor', 'auditor', 'operator')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out' })
  @ApiNoContentResponse({ description: 'The session is over.' })
  async signOut(
    @CurrentCaller() caller: Caller,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await endSession(this.dataSource, sessionOf(caller).sessionId, new Date());
    clearSessionCookie(request, response);
  }

  private begin(request: Request, response: Response, { token, caller }: OpenedSession) {
    setSessionCookie(request, response, token);
    return this.view(caller);
  }

  private async view({ role, utility, credential }: Caller): Promise<SessionView> {
    const seen = { role, utility: utility?.code ?? null };
    if (credential.kind === 'key') {
      const { owner, scopes, expiresAt } = credential;
      const key = { owner, scopes: [...scopes], expires_at: expiresAt.toISOString() };
      return { ...seen, person: null, key, csrf_token: null };
    }
    const { personId: id, method, authenticatedAt, csrfToken } = credential;
    const { login, name } = await identityOf(this.dataSource, id);
    const freshUntil = new Date(authenticatedAt.getTime() + FRESH_MINUTES * 60_000);
    const person = { id, login, name, method, fresh_until: freshUntil.toISOString() };
    return { ...seen, person, key: null, csrf_token: csrfToken };
  }
}

/** @throws 409 for a key */
function sessionOf({ credential }: Caller): SessionCredential {
  if (credential.kind === 'key') throw new ConflictException('A key has no session and no password.');
  return credential;
}
