import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow } from '../rights/allow.decorator.js';
import type { LoadedRulebook } from './rulebook-file.js';
import { RULEBOOK } from './rulebook.token.js';

/** The rules in force and those beside them, as the file says them: whoever is judged by a rule may read it. */
@ApiTags('rulebook')
@Allow('utility', 'inspector', 'supervisor', 'auditor', 'operator')
@Controller('api/v1/rules')
export class RulesController {
  constructor(@Inject(RULEBOOK) private readonly rulebook: LoadedRulebook) {}

  @Get()
  @ApiOperation({
    summary: 'The rulebook',
    description: 'version is the SHA-256 of its content, which every score and the audit log name.',
  })
  @ApiOkResponse({ description: 'Rules with their territories, dates, acts and sources.' })
  list() {
    const { version, document } = this.rulebook;
    const { title, rules, exceptions, sources } = document;
    return { version, title, rules, exceptions, sources };
  }
}
