import { Command, CommanderError } from 'commander';
import type { RecordCheck } from './audit/verify.command.js';
import { RefusedError, UsageError } from './config/errors.js';
import { version } from './config/version.js';
import { watchForInterruption } from './interruption.js';

/** The rulebook file is not in the database, but what it said is in the log. */
const RULEBOOK_CHECK: RecordCheck = {
  kind: 'rulebook.in_force',
  compare: async ({ rulebookFile }, recorded) => {
    const { loadRulebook } = await import('./rulebook/rulebook-file.js');
    const { differenceFromRecord } = await import('./rulebook/rulebook-record.js');
    return differenceFromRecord(loadRulebook(rulebookFile), recorded);
  },
};

/**
 * Every command and where it is written. A command is loaded only when it is asked for: with all of them, Nest and
 * TypeORM included, `gridwarden --version` would take a second instead of a tenth.
 */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.command.js')).serveCommand(),
  demo: async () => (await import('./demo.command.js')).demoCommand(),
  ingest: async () => (await import('./uploads/ingest.command.js')).ingestCommand(),
  inspect: async () => (await import('./uploads/inspect.command.js')).inspectCommand(),
  answer: async () => (await import('./uploads/answer.command.js')).answerCommand(),
  profile: async () => (await import('./uploads/profile.command.js')).profileCommand(),
  erase: async () => (await import('./uploads/erase.command.js')).eraseCommand(),
  score: async () => {
    const { updateAlerts } = await import('./alerts/update-alerts.js');
    const { followAlerts } = await import('./cases/follow-alerts.js');
    const { scoreCommand } = await import('./detection/score.command.js');
    return scoreCommand((database, summary, now) => updateAlerts(database, summary.runId, now, followAlerts));
  },
  alerts: async () => (await import('./alerts/alerts.command.js')).alertsCommand(),
  cases: async () => (await import('./cases/cases.command.js')).casesCommand(),
  evaluate: async () => (await import('./detection/evaluation/evaluate.command.js')).evaluateCommand(),
  key: async () => (await import('./access/key.command.js')).keyCommand(),
  user: async () => (await import('./access/user.command.js')).userCommand(),
  audit: async () => {
    const { auditCommand } = await import('./audit/audit.command.js');
    const { drawsCommand } = await import('./integrity/draws.command.js');
    return auditCommand([RULEBOOK_CHECK], [drawsCommand()]);
  },
  webhook: async () => (await import('./alerts/deliveries/webhook.command.js')).webhookCommand(),
  digest: async () => (await import('./alerts/deliveries/digest.command.js')).digestCommand(),
  weights: async () => (await import('./detection/learning/weights.command.js')).weightsCommand(),
  rulebook: async () => (await import('./rulebook/rulebook.command.js')).rulebookCommand(),
  'household-file': async () =>
    (await import('./integrity/household-file.command.js')).householdFileCommand(),
  simulate: async () => (await import('./simulation/simulate.command.js')).simulateCommand(),
  backup: async () => (await import('./backup/backup.command.js')).backupCommand(),
  restore: async () => (await import('./backup/restore.command.js')).restoreCommand(),
  migrate: async () => (await import('./database/migrate.command.js')).migrateCommand(),
};

/** They stay until a signal, and stop in an order of their own. */
const STOP_BY_THEMSELVES = new Set(['serve', 'demo']);

const SUCCESS = 0;
const FAILURE = 1;
const WRONG_USAGE = 2;

/**
 * Runs the command line and returns its exit code: 0 done, 1 failed, 2 wrong usage, 130 or 143 interrupted. Results go to
 * stdout; help on a wrong usage, progress, logs and the one sentence of an error go to stderr.
 */
export async function main(args: readonly string[]): Promise<number> {
  endQuietlyWithReader();
  nameRuntime();
  const interruption = STOP_BY_THEMSELVES.has(args[0]) ? null : watchForInterruption();
  const ending = run(args);
  await Promise.allSettled([ending]);
  // What fails because it was interrupted needs no explanation.
  return (await interruption?.exitCode()) ?? ending.catch(report);
}

/**
 * Node.js 20 has no `navigator` as later ones have, and pg then asks a `Response` whether it runs at Cloudflare: that this makes Node.js
 * load its fetch takes every command 20 ms; a thread of a service, which is started once, is not helped.
 */
function nameRuntime(): void {
  (globalThis as { navigator?: unknown }).navigator ??= {
    userAgent: `Node.js/${process.versions.node.split('.')[0]}`,
  };
}

async function run(args: readonly string[]): Promise<number> {
  const program = await buildProgram(args);
  await program.parseAsync(args, { from: 'user' });
  return Number(process.exitCode ?? SUCCESS);
}

/** The program with the one command that `args` asks for, or with all of them. */
export async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('gridwarden')
    .description('Finds suspected illegal home crypto-mining in household meter readings, and says why.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(gridwarden --help shows what there is)')
    // `alerts` and `alerts export` have options of the same names: each takes those that follow it.
    .enablePositionalOptions()
    .exitOverride();
  for (const command of await Promise.all(commandsFor(args[0] ?? '').map((name) => COMMANDS[name]()))) {
    inheritSettings(command, program);
    program.addCommand(command);
  }
  return program;
}

/** All of them for help and for what is not ours, which a suggestion answers. */
function commandsFor(first: string): readonly string[] {
  if (first === '-V' || first === '--version') return [];
  return Object.hasOwn(COMMANDS, first) ? [first] : Object.keys(COMMANDS);
}

/** `addCommand` does not pass the program's settings on, as `command()` would. */
function inheritSettings(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheritSettings(child, command);
}

async function report(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? SUCCESS : WRONG_USAGE;
  if (process.env.GRIDWARDEN_LOG_FORMAT === 'json') return reportToPrograms(error);
  process.stderr.write(`gridwarden: ${sentence(error)}\n`);
  if (process.env.GRIDWARDEN_LOG_LEVEL === 'debug' && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  if (error instanceof UsageError) return WRONG_USAGE;
  if (!(error instanceof RefusedError)) {
    process.stderr.write(
      'gridwarden: this was not expected; GRIDWARDEN_LOG_LEVEL=debug shows where it happened\n',
    );
  }
  return FAILURE;
}

/** One line of the log, where a program reads stderr. */
async function reportToPrograms(error: unknown): Promise<number> {
  const { createLog } = await import('./telemetry/log.js');
  const wasForeseen = error instanceof UsageError || error instanceof RefusedError;
  const stack = !wasForeseen && error instanceof Error ? error.stack : undefined;
  createLog({ logLevel: 'log', logFormat: 'json' }).fatal({ context: 'CLI', stack }, sentence(error));
  return error instanceof UsageError ? WRONG_USAGE : FAILURE;
}

/** The message alone; a connection that fails on every address (AggregateError) has its message one level down. */
function sentence(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(sentence).join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}

/** `gridwarden alerts | head` closes our stdout early: that is the reader's wish, not an error of ours. */
function endQuietlyWithReader(): void {
  if (process.stdout.listeners('error').includes(onStdoutError)) return;
  process.stdout.on('error', onStdoutError);
}

function onStdoutError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(SUCCESS);
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
