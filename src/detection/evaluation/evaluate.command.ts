import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../../config/config.js';
import { RefusedError } from '../../config/errors.js';
import { loadRulebook } from '../../rulebook/rulebook-file.js';
import { svgCalibration } from './domain/calibration-plot.js';
import { describeEvaluation, evaluationJson } from './evaluation-output.js';

interface Options {
  readonly region: string;
  readonly json?: boolean;
  readonly split?: boolean;
  /** True when given without a number. */
  readonly replay?: number | true;
  readonly plot?: string;
}

/** Days between two look backs when the option names none. */
const REPLAY_STEP_DAYS = 2;

/** `gridwarden evaluate --region DIR`: how well scoring finds the miners of a labelled region. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .summary('score a labelled region and hold the scores against the truth')
    .description(
      'Loads a region folder (registry.csv, readings.csv or readings_wide.csv, transformer_readings.csv, weather.csv, ' +
        'truth.csv, as `gridwarden simulate` writes it) into a database of its own, scores it and prints how well miners ' +
        'are found. The real data is not touched.',
    )
    .requiredOption('--region <dir>', 'the region folder')
    .option('--json', 'print one JSON object')
    .option('--split', 'by half of the households, now and as of an earlier day')
    .option(
      '--replay [days]',
      `score as of every so many days (${REPLAY_STEP_DAYS}), for the days to detection`,
      wholeDays,
    )
    .option('--plot <file>', 'draw the calibration as SVG')
    .action(async ({ region: folder, json, split, replay, plot }: Options) => {
      const config = loadConfig(process.env);
      const rulebook = loadRulebook(config.rulebookFile);
      const { evaluateRegion, openRegion } = await import('./evaluate-region.js');
      const { scratchDatabase } = await import('./scratch-database.js');
      const region = await openRegion(folder);
      const interrupted = interruption();
      const scratch = await scratchDatabase(config.dataDir);
      try {
        const say = (step: string) => process.stderr.write(`${step}\n`);
        const evaluating = evaluateRegion(
          scratch.database,
          { ...config, dataDir: scratch.dataDir },
          { region, rulebook, say, split, replayStepDays: replay === true ? REPLAY_STEP_DAYS : replay },
        );
        const evaluation = await Promise.race([evaluating, interrupted]);
        if (plot !== undefined) await writeFile(plot, svgCalibration(evaluation.calibration));
        process.stdout.write(
          json ? `${JSON.stringify(evaluationJson(evaluation))}\n` : describeEvaluation(evaluation),
        );
      } finally {
        await scratch.close();
      }
    });
}

function wholeDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 90)
    throw new InvalidArgumentError('A whole number of days from 1 to 90.');
  return days;
}

/** Rejects on Ctrl-C or SIGTERM, so that the scratch database does not stay behind. */
function interruption(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    const refuse = () => reject(new RefusedError('The evaluation was interrupted.'));
    process.once('SIGINT', refuse).once('SIGTERM', refuse);
  });
  interrupted.catch(() => {});
  return interrupted;
}
