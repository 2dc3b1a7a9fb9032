import { Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { DataSource } from 'typeorm';
import { KeyList, KeyPrefix, MadeKey, NewKey, type KeyView } from './access.schemas.js';
import { Allow } from '../rights/allow.decorator.js';
import { addKey, listKeys, revokeKey } from './api-key.repository.js';
import { CurrentCaller, type Caller } from './caller.js';
import { bodySchema, jsonBody } from './json-body.js';
import { checkTenant, daysAfter, keyShown, utilityIdOf } from './people.js';

@ApiTags('people and keys')
@Controller('api/v1/keys')
export class KeysController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @Allow('operator', 'auditor')
  @ApiOperation({ summary: 'Every key, newest first, without the keys themselves' })
  @ApiOkResponse({ standardSchema: KeyList })
  async list(): Promise<{ items: KeyView[] }> {
    const now = new Date();
    return { items: (await listKeys(this.dataSource)).map((key) => keyShown(key, now)) };
  }

  @Post()
  @Allow('operator', { fresh: true })
  @ApiOperation({ summary: 'Make a key; the answer shows it, this once' })
  @ApiBody({ schema: bodySchema(NewKey) })
  @ApiCreatedResponse({ standardSchema: MadeKey })
  async add(@CurrentCaller() { actor }: Caller, @Req() request: Request): Promise<MadeKey> {
    const { owner, role, scopes, utility, days } = await jsonBody(request, NewKey);
    checkTenant(role, utility);
    const now = new Date();
    const expiresAt = daysAfter(now, days);
    const utilityId = await utilityIdOf(this.dataSource, utility);
    const made = { owner, role, scopes, utilityId, expiresAt, createdBy: actor, now };
    return { key: await addKey(this.dataSource, made), owner, expires_at: expiresAt.toISOString() };
  }

  /** Without a fresh sign-in: a leaked key must be easy to take back. */
  @Delete(':prefix')
  @Allow('operator')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a key, from the next request on' })
  @ApiNoContentResponse({ description: 'Revoked.' })
  revoke(
    @CurrentCaller() { actor }: Caller,
    @Param('prefix', { schema: KeyPrefix }) prefix: string,
  ): Promise<void> {
    return revokeKey(this.dataSource, { prefix, by: actor, now: new Date() });
  }
}
