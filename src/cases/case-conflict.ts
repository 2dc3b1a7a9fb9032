import { ConflictException } from '@nestjs/common';
import type { StepView } from './case-history.js';

/** Somebody else was there first: what they changed since the version that was seen. */
export class CaseConflict extends ConflictException {
  constructor(
    message: string,
    readonly changes: readonly StepView[],
  ) {
    super(message);
  }
}
