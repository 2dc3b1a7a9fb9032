import { Command, Option } from 'commander';
import { loadConfig } from '../config/config.js';
import { CASE_FORMATS, printCases, type CaseFormat } from './case-output.js';
import { ANY_CASE } from './case-queue.js';
import { ALERT_KINDS, type AlertKind } from '../alerts/domain/lifecycle.js';
import { parseDate, parseScore } from '../alerts/filter-options.js';
import { CASE_STATES, type CaseState } from './domain/transitions.js';

interface CasesCommandOptions {
  readonly format: CaseFormat;
  readonly state?: CaseState[];
  readonly kind?: AlertKind;
  readonly territory?: string;
  readonly minScore?: number;
  readonly since?: string;
  readonly text?: string;
}

/** `gridwarden cases`: the cases, the likeliest first. */
export function casesCommand(): Command {
  return new Command('cases')
    .summary('print the cases')
    .description(
      'Prints the cases, the likeliest first, with the weightiest reasons in Russian and English. A case is the work on ' +
        'a suspicion; only what an inspector decided is a conclusion.',
    )
    .addOption(new Option('--format <format>', 'how to print').choices(CASE_FORMATS).default('json'))
    .addOption(new Option('--state <states...>', 'only cases in these states').choices(CASE_STATES))
    .addOption(new Option('--kind <kind>', 'only cases of this kind').choices(ALERT_KINDS))
    .option('--territory <code>', 'only cases of this region (its municipalities included) or municipality')
    .option('--min-score <number>', 'only cases with at least this probability, 0 to 1', parseScore)
    .option('--since <date>', 'only what is suspected since this day or later', parseDate)
    .option('--text <words>', 'only cases of a point, household or transformer whose name begins like this')
    .addHelpText('after', '\nExample:\n  gridwarden cases --state new dealt --format csv > open.csv')
    .action(async ({ format, ...asked }: CasesCommandOptions) => {
      const config = loadConfig(process.env);
      const { openDatabase } = await import('../database/open-database.js');
      const database = await openDatabase(config);
      try {
        const {
          state = null,
          kind = null,
          territory = null,
          minScore = null,
          since = null,
          text = null,
        } = asked;
        const filter = { ...ANY_CASE, states: state, kind, territory, minScore, since, text };
        const { commandLineActor, recordExport } = await import('../audit/record-export.js');
        const details = { format, ...filter };
        await recordExport(database, { by: commandLineActor(), what: 'cases', subject: 'cases', details });
        await printCases(database, filter, format, process.stdout);
      } finally {
        await database.close();
      }
    });
}
