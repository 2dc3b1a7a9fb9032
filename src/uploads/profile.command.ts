import type { EntityManager } from 'typeorm';
import type { AuditEntry } from '../audit/append-audit.js';
import { Command, InvalidArgumentError, Option } from 'commander';
import { UtilityCode } from '../config/input-values.js';
import { loadConfig } from '../config/config.js';
import { UsageError } from '../config/errors.js';
import type { Database } from '../database/open-database.js';
import { optionsFault, UNITS, type UploadOptions } from './domain/upload-options.js';
import type { ProfileOwner } from './upload-profiles.js';
import { UPLOAD_KINDS, type UploadKind } from './upload.entity.js';
import { ProfileName } from './uploads.schemas.js';

interface SetOptions extends Pick<UploadOptions, 'unit' | 'label' | 'ct' | 'point'> {
  readonly utility: string;
  readonly kind?: UploadKind;
  readonly zone?: string;
  readonly ctRatio?: number;
}

/** `gridwarden profile …`: how a utility's files are read, under a name that `ingest --profile` takes. */
export function profileCommand(): Command {
  const profile = new Command('profile')
    .summary('save, list and remove upload profiles')
    .description(
      'An upload profile says how files of a utility are to be read where they do not say it themselves.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  gridwarden profile set askue --unit kW --label end --zone Europe/Moscow\n' +
        '  gridwarden ingest --profile askue march.csv',
    );
  for (const command of [setCommand(), listCommand(), removeCommand()]) profile.addCommand(command);
  return profile;
}

function setCommand(): Command {
  return ofUtility(new Command('set').summary('save a profile, in place of the one of that name'))
    .argument('<name>', 'name of the profile', nameFrom)
    .addOption(new Option('--kind <kind>', 'what the files hold').choices(UPLOAD_KINDS))
    .option('--zone <zone>', 'zone of times without an offset')
    .addOption(new Option('--unit <unit>', 'unit of the values').choices(UNITS))
    .addOption(
      new Option('--label <end>', 'which end of its interval a time names').choices(['start', 'end']),
    )
    .addOption(
      new Option('--ct <state>', 'whether the transformer ratio is in the values already').choices([
        'applied',
        'not-applied',
        'twice',
      ]),
    )
    .option('--ct-ratio <number>', 'the ratio, with --ct not-applied or twice', Number)
    .option('--point <id>', 'the metering point of all values, where the file names none')
    .action(async (name: string, { utility, kind, zone, unit, label, ct, ctRatio, point }: SetOptions) => {
      const { ProfileBody } = await import('./uploads.schemas.js');
      const given = Object.fromEntries(
        Object.entries({ unit, label, ct, ct_ratio: ctRatio, point }).filter(
          ([, value]) => value !== undefined,
        ),
      );
      const body = ProfileBody.safeParse({ name, kind, zone, options: given });
      if (!body.success) throw new UsageError(body.error.issues[0].message);
      const fault = optionsFault(body.data.options);
      if (fault !== null) throw new UsageError(fault);
      await change(utility, async (db, record, owner) => {
        const { saveUploadProfile } = await import('./upload-profiles.js');
        await saveUploadProfile(db, record, owner, body.data);
      });
    });
}

function listCommand(): Command {
  return ofUtility(new Command('list').summary('profiles, one per line as JSON')).action(
    async ({ utility }: { utility: string }) => {
      await withDatabase(async ({ dataSource }) => {
        const { uploadProfiles } = await import('./upload-profiles.js');
        const utilityId = await idOf(dataSource.manager, utility);
        for (const each of await uploadProfiles(dataSource.manager, utilityId))
          process.stdout.write(`${JSON.stringify(each)}\n`);
      });
    },
  );
}

function removeCommand(): Command {
  return ofUtility(new Command('remove').summary('forget a profile'))
    .argument('<name>', 'name of the profile', nameFrom)
    .action(async (name: string, { utility }: { utility: string }) => {
      await change(utility, async (db, record, owner) => {
        const { removeUploadProfile } = await import('./upload-profiles.js');
        if (!(await removeUploadProfile(db, record, owner, name)))
          throw new UsageError(`There is no upload profile ${name}.`);
      });
    });
}

function ofUtility(command: Command): Command {
  return command.option(
    '--utility <code>',
    'utility whose files they are',
    (text) => {
      const code = UtilityCode.safeParse(text);
      if (!code.success) throw new InvalidArgumentError(`${code.error.issues[0].message}.`);
      return code.data;
    },
    'default',
  );
}

function nameFrom(text: string): string {
  const name = ProfileName.safeParse(text);
  if (!name.success) throw new InvalidArgumentError(`${name.error.issues[0].message}.`);
  return name.data;
}

async function withDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env);
  const { openDatabase } = await import('../database/open-database.js');
  const database = await openDatabase(config);
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

type Change = (db: EntityManager, record: (entry: AuditEntry) => void, owner: ProfileOwner) => Promise<void>;

async function change(utility: string, work: Change): Promise<void> {
  await withDatabase(async ({ dataSource }) => {
    const { auditedTransaction } = await import('../audit/audited-transaction.js');
    const { systemActor } = await import('../audit/append-audit.js');
    const actor = systemActor('command line', utility);
    await auditedTransaction(dataSource, async (db, record) =>
      work(db, record, { utilityId: await idOf(db, utility), actor, now: new Date() }),
    );
  });
}

async function idOf(
  db: { query(sql: string, values: unknown[]): Promise<unknown> },
  code: string,
): Promise<number> {
  const found = (await db.query('select id from utility where code = $1', [code])) as { id: number }[];
  if (found.length === 0)
    throw new UsageError(`There is no utility ${code} yet: it is known from its first file on.`);
  return found[0].id;
}
