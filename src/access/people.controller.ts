import { Controller, Get, HttpCode, NotFoundException, Param, Post, Put, Req } from '@nestjs/common';
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
import { Id } from '../config/input-values.js';
import { NewPerson, PeopleList, PersonOrganisation, SignInLink, type PersonView } from './access.schemas.js';
import { Allow } from '../rights/allow.decorator.js';
import { CurrentCaller, type Caller } from './caller.js';
import { bodySchema, jsonBody } from './json-body.js';
import { checkTenant, daysAfter, LINK_DAYS, linkPath, personShown, utilityIdOf } from './people.js';
import {
  addPerson,
  blockPerson,
  listPeople,
  loginOf,
  newSignInToken,
  setOrganisation,
} from './person.repository.js';

@ApiTags('people and keys')
@Controller('api/v1/people')
export class PeopleController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @Allow('operator', 'auditor')
  @ApiOperation({ summary: 'The people who may sign in' })
  @ApiOkResponse({ standardSchema: PeopleList })
  async list(): Promise<{ items: PersonView[] }> {
    return { items: (await listPeople(this.dataSource)).map(personShown) };
  }

  @Post()
  @Allow('operator', { fresh: true })
  @ApiOperation({ summary: 'Add a person; the answer has the link that signs them in once' })
  @ApiBody({ schema: bodySchema(NewPerson) })
  @ApiCreatedResponse({ standardSchema: SignInLink })
  async add(@CurrentCaller() { actor }: Caller, @Req() request: Request): Promise<SignInLink> {
    const { login, name, role, utility, organisation } = await jsonBody(request, NewPerson);
    checkTenant(role, utility);
    const utilityId = await utilityIdOf(this.dataSource, utility);
    await addPerson(this.dataSource, {
      login,
      name,
      role,
      utilityId,
      organisation,
      createdBy: actor,
      now: new Date(),
    });
    return this.link(login, actor);
  }

  @Post(':id/link')
  @Allow('operator', { fresh: true })
  @ApiOperation({ summary: 'A new link that signs the person in once; an earlier one is void' })
  @ApiCreatedResponse({ standardSchema: SignInLink })
  async newLink(
    @CurrentCaller() { actor }: Caller,
    @Param('id', { schema: Id }) id: number,
  ): Promise<SignInLink> {
    return this.link(await this.login(id), actor);
  }

  @Put(':id/organisation')
  @Allow('operator', { fresh: true })
  @HttpCode(204)
  @ApiOperation({ summary: 'Say whom the person acts for: second opinions come from another organisation' })
  @ApiBody({ schema: bodySchema(PersonOrganisation) })
  @ApiNoContentResponse({ description: 'Noted.' })
  async setOrganisation(
    @CurrentCaller() { actor }: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ): Promise<void> {
    const { organisation } = await jsonBody(request, PersonOrganisation);
    await setOrganisation(this.dataSource, { login: await this.login(id), organisation, by: actor });
  }

  @Post(':id/block')
  @Allow('operator', { fresh: true })
  @HttpCode(204)
  @ApiOperation({ summary: 'Let a person in no more; their sessions end at once' })
  @ApiNoContentResponse({ description: 'Blocked.' })
  async block(@CurrentCaller() { actor }: Caller, @Param('id', { schema: Id }) id: number): Promise<void> {
    await blockPerson(this.dataSource, { login: await this.login(id), by: actor, now: new Date() });
  }

  private async link(login: string, by: string): Promise<SignInLink> {
    const now = new Date();
    const expiresAt = daysAfter(now, LINK_DAYS);
    const token = await newSignInToken(this.dataSource, { login, by, expiresAt, now });
    return { login, path: linkPath('token', token), expires_at: expiresAt.toISOString() };
  }

  private async login(id: number): Promise<string> {
    const login = await loginOf(this.dataSource, id);
    if (login === null) throw new NotFoundException(`There is no person ${id}, or they are blocked.`);
    return login;
  }
}
