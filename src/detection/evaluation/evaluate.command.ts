import { Command } from 'commander';
import { loadConfig } from '../../config/config.js';
import { RefusedError } from '../../config/errors.js';
import { loadRulebook } from '../../rulebook/rulebook-file.js';
import { describeEvaluation, evaluationJson } from './evaluation-output.js';

/** `gridwarden evaluate --region DIR`: how well scoring finds the miners of a labelled region. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .summary('score a labelled region and hold the scores against the truth')
    .description(
      'Loads a region folder (registry.csv, readings.csv or readings_wide.csv, weather.csv, truth.csv, as `gridwarden ' +
        'simulate` writes it) into a database of its own, scores it and prints how well miners are found. The real data ' +
        'is not touched.',
    )
    .requiredOption('--region <dir>', 'the region folder')
    .option('--json', 'print one JSON object')
    .action(async ({ region: folder, json }: { region: string; json?: boolean }) => {
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
          { region, rulebook, say },
        );
        const evaluation = await Promise.race([evaluating, interrupted]);
        process.stdout.write(
          json ? `${JSON.stringify(evaluationJson(evaluation))}\n` : describeEvaluation(evaluation),
        );
      } finally {
        await scratch.close();
      }
    });
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
