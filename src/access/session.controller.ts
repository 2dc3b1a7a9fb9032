import { ConflictException, Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { DataSource } from 'typeorm';
import { FirstOperator, SessionView, SignIn } from './access.schemas.js';
import { Allow, Public } from './allow.decorator.js';
import { CurrentCaller, type Caller } from './caller.js';
import { bodySchema, jsonBody } from './json-body.js';
import { clearSessionCookie, setSessionCookie } from './session-cookie.js';
import { endSession } from './session.repository.js';
import { SignInService } from './sign-in.service.js';
import { identityOf } from './person.repository.js';

@ApiTags('session')
@Controller('api/v1')
export class SessionController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly signIns: SignInService,
  ) {}

  @Post('session')
  @Public()
  @ApiOperation({
    summary: 'Sign in with a one-time token',
    description: '`gridwarden user add` and `user link` make one. The answer sets the session’s cookie.',
  })
  @ApiBody({ schema: bodySchema(SignIn) })
  @ApiCreatedResponse({ standardSchema: SessionView })
  async signIn(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionView> {
    const { token } = await jsonBody(request, SignIn);
    return this.begin(await this.signIns.signIn(request, token), response);
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
    return this.begin(await this.signIns.firstOperator(request, operator), response);
  }

  @Get('session')
  @Allow('utility', 'inspector', 'supervisor', 'auditor', 'operator')
  @ApiOperation({ summary: 'Who I am here, by session or key' })
  @ApiOkResponse({ standardSchema: SessionView })
  show(@CurrentCaller() caller: Caller): Promise<SessionView> {
    return this.view(caller);
  }

  @Delete('session')
  @Allow('utility', 'inspector', 'supervisor', 'auditor', 'operator')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out' })
  async signOut(
    @CurrentCaller() { credential }: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    if (credential.kind === 'key') throw new ConflictException('A key has no session to end.');
    await endSession(this.dataSource, credential.sessionId, new Date());
    clearSessionCookie(response);
  }

  private begin({ token, caller }: { token: string; caller: Caller }, response: Response) {
    setSessionCookie(response, token);
    return this.view(caller);
  }

  private async view({ role, utility, credential }: Caller): Promise<SessionView> {
    const seen = { role, utility: utility?.code ?? null };
    if (credential.kind === 'key') {
      const { owner, expiresAt } = credential;
      return { ...seen, person: null, key: { owner, expires_at: expiresAt.toISOString() }, csrf_token: null };
    }
    const { personId: id, csrfToken } = credential;
    const { login, name } = await identityOf(this.dataSource, id);
    return { ...seen, person: { id, login, name }, key: null, csrf_token: csrfToken };
  }
}
