import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config/config.js';
import { dayFromIso } from '../grid/domain/calendar.js';
import { ANY_ALERT } from './alert-list.js';
import { ALERT_FORMATS, printAlerts, type AlertFormat } from './alert-output.js';
import { ALERT_KINDS, ALERT_STATES, type AlertKind, type AlertState } from './domain/lifecycle.js';

interface AlertsCommandOptions {
  readonly format: AlertFormat;
  readonly state?: AlertState;
  readonly kind?: AlertKind;
  readonly territory?: string;
  readonly minScore?: number;
  readonly since?: string;
}

/** `gridwarden alerts`: the alerts, newest first. */
export function alertsCommand(): Command {
  return new Command('alerts')
    .summary('print the alerts')
    .description('Prints the alerts, newest first, with the reasons in Russian and English.')
    .addOption(new Option('--format <format>', 'how to print').choices(ALERT_FORMATS).default('json'))
    .addOption(new Option('--state <state>', 'only alerts in this state').choices(ALERT_STATES))
    .addOption(new Option('--kind <kind>', 'only alerts of this kind').choices(ALERT_KINDS))
    .option('--territory <code>', 'only alerts of this region (its municipalities included) or municipality')
    .option('--min-score <number>', 'only alerts with at least this probability, 0 to 1', parseScore)
    .option('--since <date>', 'only what is suspected since this day or later', parseDate)
    .addHelpText('after', '\nExample:\n  gridwarden alerts --state firing --format csv > firing.csv')
    .action(async ({ format, ...asked }: AlertsCommandOptions) => {
      const config = loadConfig(process.env);
      const { openDatabase } = await import('../database/open-database.js');
      const database = await openDatabase(config);
      try {
        const { commandLineActor, recordExport } = await import('../audit/record-export.js');
        const { state = null, kind = null, territory = null, minScore = null, since = null } = asked;
        const filter = { ...ANY_ALERT, state, kind, territory, minScore, since };
        const details = { format, state, kind, territory, minScore, since };
        await recordExport(database, { by: commandLineActor(), what: 'alerts', subject: 'alerts', details });
        await printAlerts(database.dataSource, filter, format, process.stdout);
      } finally {
        await database.close();
      }
    });
}

function parseScore(text: string): number {
  const score = Number(text);
  if (text.trim() === '' || !(score >= 0 && score <= 1))
    throw new InvalidArgumentError('give a number from 0 to 1.');
  return score;
}

function parseDate(text: string): string {
  if (dayFromIso(text) === null)
    throw new InvalidArgumentError('give a date that exists, such as 2026-01-31.');
  return text;
}
