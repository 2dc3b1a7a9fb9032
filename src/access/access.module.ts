import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessGuard } from './access.guard.js';
import { AccessMetrics } from './access.metrics.js';
import { Attempts } from './attempts.js';
import { Authentication } from './authentication.js';
import { accessEntities } from './entities.js';
import { KeysController } from './keys.controller.js';
import { OidcController } from './oidc.controller.js';
import { OidcService } from './oidc.service.js';
import { PeopleController } from './people.controller.js';
import { SessionController } from './session.controller.js';
import { SignInService } from './sign-in.service.js';
import { WelcomeController } from './welcome.controller.js';

/** Who may come in and do what: people, API keys, roles, and the guard before every route of every module. */
@Module({
  imports: [TypeOrmModule.forFeature(accessEntities)],
  controllers: [SessionController, OidcController, PeopleController, KeysController, WelcomeController],
  providers: [
    Attempts,
    Authentication,
    SignInService,
    OidcService,
    AccessMetrics,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AccessMetrics],
})
export class AccessModule {}
