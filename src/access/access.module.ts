import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessGuard } from './access.guard.js';
import { AccessMetrics } from './access.metrics.js';
import { Authentication } from './authentication.js';
import { accessEntities } from './entities.js';
import { FailedAttempts } from './failed-attempts.js';
import { SessionController } from './session.controller.js';
import { SignInService } from './sign-in.service.js';

/** Who may come in and do what: people, API keys, roles, and the guard before every route of every module. */
@Module({
  imports: [TypeOrmModule.forFeature(accessEntities)],
  controllers: [SessionController],
  providers: [
    FailedAttempts,
    Authentication,
    SignInService,
    AccessMetrics,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AccessMetrics],
})
export class AccessModule {}
