import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../rights/allow.decorator.js';
import { WELCOME_PAGE, WELCOME_POLICY } from './welcome-page.js';

/** Where one-time links lead. It knows nothing: the token stands behind # in the address, which no request carries. */
@ApiExcludeController()
@Public()
@Controller('welcome')
export class WelcomeController {
  @Get()
  show(@Res() response: Response): void {
    response.set('content-security-policy', WELCOME_POLICY).type('html').send(WELCOME_PAGE);
  }
}
