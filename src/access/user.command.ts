import { Command, Option } from 'commander';
import type { DataSource } from 'typeorm';
import { UtilityCode } from '../config/input-values.js';
import { Login, PersonName } from './access.schemas.js';
import {
  checkTenant,
  COMMAND_LINE,
  daysAfter,
  parsedBy,
  table,
  utilityIdOf,
  type EnsureUtility,
} from './command-options.js';
import { PERSON_ROLES, type PersonRole } from './domain/roles.js';
import type { PersonView } from './person.repository.js';
import { withDatabase } from './with-database.js';

/** It travels by hand or mail, to somebody who may be away today. */
const TOKEN_DAYS = 1;

/** `gridwarden user …`: the people. */
export function userCommand(ensureUtility: EnsureUtility): Command {
  const user = new Command('user')
    .summary('add, list and block people')
    .description('The people who sign in: each with one role, by a token that works once.')
    .addHelpText(
      'after',
      '\nExamples:\n  gridwarden user add --login anna --name "Анна Иванова" --role inspector\n  gridwarden user link anna',
    );
  for (const command of [addCommand(ensureUtility), listCommand(), linkCommand(), blockCommand()])
    user.addCommand(command);
  return user;
}

interface AddOptions {
  readonly login: string;
  readonly name: string;
  readonly role: PersonRole;
  readonly utility?: string;
}

function addCommand(ensureUtility: EnsureUtility): Command {
  return new Command('add')
    .summary('add a person and show a token that signs them in once')
    .description('Adds a person and prints, alone, on stdout, the one-time token that signs them in.')
    .requiredOption('--login <login>', 'what they are called on the command line', parsedBy(Login))
    .requiredOption('--name <name>', 'their name, as others read it', parsedBy(PersonName))
    .addOption(new Option('--role <role>', 'what they may do').choices(PERSON_ROLES).makeOptionMandatory())
    .option('--utility <code>', 'with role utility: whose objects they see', parsedBy(UtilityCode))
    .action(async ({ login, name, role, utility }: AddOptions) => {
      checkTenant(role, utility);
      const { addPerson } = await import('./person.repository.js');
      await withDatabase(async (database) => {
        const utilityId = await utilityIdOf(database, ensureUtility, utility);
        const person = { login, name, role, utilityId, createdBy: COMMAND_LINE, now: new Date() };
        await addPerson(database.dataSource, person);
        await printToken(database.dataSource, login);
      });
    });
}

function linkCommand(): Command {
  return new Command('link')
    .summary('show a new token that signs a person in once')
    .description('Prints a new one-time token for the person; one that was not used is void from then on.')
    .argument('<login>', 'as user list shows it')
    .action((login: string) => withDatabase(({ dataSource }) => printToken(dataSource, login)));
}

async function printToken(dataSource: DataSource, login: string): Promise<void> {
  const { newSignInToken } = await import('./person.repository.js');
  const now = new Date();
  const token = await newSignInToken(dataSource, { login, expiresAt: daysAfter(now, TOKEN_DAYS), now });
  process.stdout.write(`${token}\n`);
  process.stderr.write(
    `Signs ${login} in once, within ${TOKEN_DAYS * 24} hours: POST /api/v1/session {"token": "…"}. It is not shown again.\n`,
  );
}

function listCommand(): Command {
  return new Command('list')
    .summary('list the people')
    .description('Lists the people with their roles.')
    .option('--json', 'print one JSON array')
    .action(async ({ json }: { json?: boolean }) => {
      const { listPeople } = await import('./person.repository.js');
      await withDatabase(async ({ dataSource }) => {
        const people = await listPeople(dataSource);
        process.stdout.write(
          json
            ? `${JSON.stringify(people.map(jsonOf))}\n`
            : table([['login', 'name', 'role', 'utility', 'since', 'state'], ...people.map(cellsOf)]),
        );
      });
    });
}

function blockCommand(): Command {
  return new Command('block')
    .summary('let a person in no more')
    .description(
      'Lets the person in no more; their sessions end at once. What they did stays under their name.',
    )
    .argument('<login>', 'as user list shows it')
    .action(async (login: string) => {
      const { blockPerson } = await import('./person.repository.js');
      await withDatabase(async ({ dataSource }) => {
        await blockPerson(dataSource, login, new Date());
        process.stdout.write(`${login} is blocked\n`);
      });
    });
}

function jsonOf({ id, login, name, role, utility, createdAt, blockedAt }: PersonView) {
  return {
    id,
    login,
    name,
    role,
    utility,
    created_at: createdAt.toISOString(),
    blocked_at: blockedAt?.toISOString() ?? null,
  };
}

function cellsOf({ login, name, role, utility, createdAt, blockedAt }: PersonView): string[] {
  const since = createdAt.toISOString().slice(0, 10);
  return [login, name, role, utility ?? '-', since, blockedAt === null ? 'active' : 'blocked'];
}
