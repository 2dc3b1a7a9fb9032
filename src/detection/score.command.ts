import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config/config.js';
import { dayFromIso, type DayNumber } from '../grid/domain/calendar.js';
import type { AfterScoring } from './score-and-print.js';
import { SCORE_FORMATS, SCORED_KINDS, type ScoredKind, type ScoreFormat } from './score-output.js';

interface ScoreCommandOptions {
  readonly asOf?: DayNumber;
  readonly of: ScoredKind;
  readonly format: ScoreFormat;
}

/** `gridwarden score`: scores every household metering point and transformer, then prints the scores, highest first. */
export function scoreCommand(afterScoring: AfterScoring = async () => {}): Command {
  return new Command('score')
    .summary('score every household metering point and transformer')
    .description(
      'Scores every household metering point and every transformer with a balance meter, updates the alerts, and prints ' +
        'the scores, highest first. The table shows what is suspected; csv, json and ndjson hold every score.',
    )
    .option('--as-of <date>', 'look at readings before this day only (default: all whole days)', parseDay)
    .addOption(new Option('--of <what>', 'whose scores to print').choices(SCORED_KINDS).default('households'))
    .addOption(new Option('--format <format>', 'how to print').choices(SCORE_FORMATS).default('table'))
    .addHelpText(
      'after',
      '\nA score is a probability and a suspicion; only an inspector confirms. With --as-of an earlier day the scores ' +
        'are of that day until the next run; alerts keep the reasons that raised them.\n\nExamples:\n  gridwarden score --format csv > scores.csv\n  gridwarden score --of transformers --format csv > transformers.csv',
    )
    .action(async ({ asOf, of, format }: ScoreCommandOptions) => {
      const config = loadConfig(process.env);
      const { openDatabase } = await import('../database/open-database.js');
      const { scoreAndPrint } = await import('./score-and-print.js');
      const database = await openDatabase(config);
      try {
        await scoreAndPrint(database, { rulebookFile: config.rulebookFile, asOf, of, format, afterScoring });
      } finally {
        await database.close();
      }
    });
}

function parseDay(text: string): DayNumber {
  const day = dayFromIso(text);
  if (day === null) throw new InvalidArgumentError('give a date that exists, such as 2026-01-31.');
  return day;
}
