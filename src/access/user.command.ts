import { text } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import type { DataSource } from 'typeorm';
import { loadConfig } from '../config/config.js';
import { RefusedError } from '../config/errors.js';
import { UtilityCode } from '../config/input-values.js';
import { Login, Organisation, PersonName } from './access.schemas.js';
import { COMMAND_LINE, parsedBy, table } from './command-options.js';
import { PERSON_ROLES, type PersonRole } from '../rights/domain/roles.js';
import { checkTenant, daysAfter, LINK_DAYS, linkPath, personShown, utilityIdOf } from './people.js';
import type { PersonView } from './person.repository.js';
import { withDatabase } from './with-database.js';

/** `gridwarden user …`: the people. */
export function userCommand(): Command {
  const user = new Command('user')
    .summary('add, list and block people')
    .description(
      'The people who sign in: each with one role. A new one comes in by a link that works once, and sets a password there; ' +
        'with an identity provider (GRIDWARDEN_OIDC_ISSUER), by their login there.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  gridwarden user add --login anna --name "Анна Иванова" --role inspector\n  gridwarden user link anna',
    );
  for (const command of [addCommand(), listCommand(), linkCommand(), passwordCommand(), blockCommand()])
    user.addCommand(command);
  return user;
}

interface AddOptions {
  readonly login: string;
  readonly name: string;
  readonly role: PersonRole;
  readonly utility?: string;
  readonly organisation?: string;
}

function addCommand(): Command {
  return new Command('add')
    .summary('add a person and show a link that signs them in once')
    .description('Adds a person and prints, alone, on stdout, the one-time link that signs them in.')
    .requiredOption(
      '--login <login>',
      'what they sign in as; at an identity provider, their name there',
      parsedBy(Login),
    )
    .requiredOption('--name <name>', 'their name, as others read it', parsedBy(PersonName))
    .addOption(new Option('--role <role>', 'what they may do').choices(PERSON_ROLES).makeOptionMandatory())
    .option('--utility <code>', 'with role utility: whose objects they see', parsedBy(UtilityCode))
    .option(
      '--organisation <name>',
      'whom they act for: second opinions come from another one',
      parsedBy(Organisation),
    )
    .action(async ({ login, name, role, utility, organisation }: AddOptions) => {
      checkTenant(role, utility);
      const { addPerson } = await import('./person.repository.js');
      await withDatabase(async ({ dataSource }) => {
        const utilityId = await utilityIdOf(dataSource, utility);
        const person = {
          login,
          name,
          role,
          utilityId,
          organisation,
          createdBy: COMMAND_LINE,
          now: new Date(),
        };
        await addPerson(dataSource, person);
        await printLink(dataSource, login);
      });
    });
}

function linkCommand(): Command {
  return new Command('link')
    .summary('show a new link that signs a person in once')
    .description('Prints a new one-time link for the person; one that was not used is void from then on.')
    .argument('<login>', 'as user list shows it')
    .action((login: string) => withDatabase(({ dataSource }) => printLink(dataSource, login)));
}

async function printLink(dataSource: DataSource, login: string): Promise<void> {
  const { newSignInToken } = await import('./person.repository.js');
  const now = new Date();
  const token = await newSignInToken(dataSource, {
    login,
    by: COMMAND_LINE,
    expiresAt: daysAfter(now, LINK_DAYS),
    now,
  });
  process.stdout.write(`${addressOfService()}${linkPath('token', token)}\n`);
  process.stderr.write(
    `Signs ${login} in once, within ${LINK_DAYS * 24} hours. It is not shown again; gridwarden user link makes another.\n`,
  );
}

/** Where people reach the service, as far as the settings tell: another process may serve on another port. */
function addressOfService(): string {
  const { publicUrl, host, port } = loadConfig(process.env);
  return publicUrl ?? `http://${host}:${port}`;
}

function passwordCommand(): Command {
  return new Command('password')
    .summary('set a person’s password, read from stdin')
    .description(
      'Sets the password of a local account to the line on stdin; their sessions end. Better: user link, so that nobody ' +
        'but they ever knows it.',
    )
    .argument('<login>', 'as user list shows it')
    .action(async (login: string) => {
      const { passwordFault } = await import('./domain/password-rules.js');
      const { actorNamed } = await import('../audit/append-audit.js');
      const { auditedTransaction } = await import('../audit/audited-transaction.js');
      const { hashPassword } = await import('./passwords.js');
      const { personIdOf, setPassword } = await import('./person.repository.js');
      const password = (await text(process.stdin)).replace(/\r?\n$/, '');
      const fault = passwordFault(password, login);
      if (fault !== null) throw new RefusedError(fault);
      const argon2id = await hashPassword(password);
      await withDatabase(({ dataSource }) =>
        auditedTransaction(dataSource, async (db, record) => {
          const personId = await personIdOf(db, login);
          await setPassword(db, { personId, argon2id, now: new Date() }, null);
          record({
            actor: actorNamed(COMMAND_LINE),
            kind: 'person.password_set',
            subject: `person:${personId}`,
            body: {},
          });
        }),
      );
      process.stdout.write(`the password of ${login} is set\n`);
    });
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
            ? `${JSON.stringify(people.map(personShown))}\n`
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
        await blockPerson(dataSource, { login, by: COMMAND_LINE, now: new Date() });
        process.stdout.write(`${login} is blocked\n`);
      });
    });
}

function cellsOf({ login, name, role, utility, createdAt, blockedAt }: PersonView): string[] {
  const since = createdAt.toISOString().slice(0, 10);
  return [login, name, role, utility ?? '-', since, blockedAt === null ? 'active' : 'blocked'];
}
