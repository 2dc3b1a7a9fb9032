import { Global, Module } from '@nestjs/common';
import { ApprovalsController } from './approvals.controller.js';
import { ApprovalsService } from './approvals.service.js';
import { ChangeKinds } from './change-kinds.js';

/** Changes that take a second person. Global: any later module has such changes. */
@Global()
@Module({
  controllers: [ApprovalsController],
  providers: [ApprovalsService, ChangeKinds],
  exports: [ChangeKinds],
})
export class ApprovalsModule {}
