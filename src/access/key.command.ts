import { Command, Option } from 'commander';
import { UtilityCode } from '../config/input-values.js';
import { KEY_DAYS_MOST, KEY_DAYS_USUAL, KeyOwner, type KeyView } from './access.schemas.js';
import { COMMAND_LINE, parsedBy, table, wholeNumber } from './command-options.js';
import { ROLES, SCOPES, type Role, type Scope } from '../rights/domain/roles.js';
import { checkTenant, daysAfter, keyShown, utilityIdOf } from './people.js';
import { withDatabase } from './with-database.js';

/** `gridwarden key …`: what machines come in with. */
export function keyCommand(): Command {
  const key = new Command('key')
    .summary('make, list and revoke API keys')
    .description(
      'API keys are what machines come in with: Authorization: Bearer gw_…. A key has one role, an end, and an owner ' +
        '(the machine or job that holds it), who may have two live ones, so that the old one works until the new one does.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  gridwarden key add --owner nightly-export --role utility --utility irkutsk\n' +
        '  gridwarden key add --owner prometheus --role metrics\n  gridwarden key revoke 1HvWXNAa7',
    );
  for (const command of [addCommand(), listCommand(), revokeCommand()]) key.addCommand(command);
  return key;
}

interface AddOptions {
  readonly owner: string;
  readonly role: Role;
  readonly scope: 'both' | Scope;
  readonly utility?: string;
  readonly days: number;
}

function addCommand(): Command {
  return new Command('add')
    .summary('make a key and show it, this once')
    .description('Makes a key and prints it, alone, on stdout. It is shown this once: only its hash is kept.')
    .requiredOption('--owner <name>', 'the machine or job that will hold it', parsedBy(KeyOwner))
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .addOption(
      new Option('--scope <scope>', 'of what the role may do: look, change, or both')
        .choices(['both', ...SCOPES])
        .default('both'),
    )
    .option('--utility <code>', 'with role utility: whose objects it sees', parsedBy(UtilityCode))
    .option('--days <number>', 'days until it expires', wholeNumber(1, KEY_DAYS_MOST), KEY_DAYS_USUAL)
    .action(async ({ owner, role, scope, utility, days }: AddOptions) => {
      checkTenant(role, utility);
      const { addKey } = await import('./api-key.repository.js');
      await withDatabase(async ({ dataSource }) => {
        const now = new Date();
        const utilityId = await utilityIdOf(dataSource, utility);
        const expiresAt = daysAfter(now, days);
        const text = await addKey(dataSource, {
          owner,
          role,
          scopes: scope === 'both' ? SCOPES : [scope],
          utilityId,
          expiresAt,
          createdBy: COMMAND_LINE,
          now,
        });
        process.stdout.write(`${text}\n`);
        process.stderr.write(
          `Key of ${owner}, role ${role}, until ${expiresAt.toISOString().slice(0, 10)}. It is not shown again.\n`,
        );
      });
    });
}

function listCommand(): Command {
  return new Command('list')
    .summary('list the keys, newest first')
    .description(
      'Lists the keys by prefix, newest first: whose they are, until when, and when they were last used.',
    )
    .option('--json', 'print one JSON array')
    .action(async ({ json }: { json?: boolean }) => {
      const { listKeys } = await import('./api-key.repository.js');
      await withDatabase(async ({ dataSource }) => {
        const now = new Date();
        const rows = (await listKeys(dataSource)).map((key) => keyShown(key, now));
        process.stdout.write(json ? `${JSON.stringify(rows)}\n` : table([HEADER, ...rows.map(cellsOf)]));
      });
    });
}

function revokeCommand(): Command {
  return new Command('revoke')
    .summary('revoke a key at once')
    .description('Revokes the key with this prefix (gw_PREFIX_…), from the next request on.')
    .argument('<prefix>', 'as key list shows it')
    .action(async (prefix: string) => {
      const { revokeKey } = await import('./api-key.repository.js');
      await withDatabase(async ({ dataSource }) => {
        await revokeKey(dataSource, { prefix, by: COMMAND_LINE, now: new Date() });
        process.stdout.write(`key ${prefix} is revoked\n`);
      });
    });
}

const HEADER = ['prefix', 'owner', 'role', 'may', 'utility', 'state', 'expires', 'last used'];

function cellsOf(key: KeyView): string[] {
  const { prefix, owner, role, scopes, utility, state, expires_at, last_used_at } = key;
  const lastUsed = last_used_at?.slice(0, 16) ?? 'never';
  return [prefix, owner, role, scopes.join('+'), utility ?? '-', state, expires_at.slice(0, 10), lastUsed];
}
