/** `npm run real-region -- --half tune|test --out DIR [--points N] …`: writes a labelled region of real homes. */
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { REAL_REGION_DEFAULTS, writeRealRegion, type Half } from './real-region.js';

interface Options {
  readonly half: Half;
  readonly out: string;
  readonly data: string;
  readonly points: number;
  readonly days: number;
  readonly end?: string;
  readonly minerShare: number;
  readonly seed: number;
  readonly weather: boolean;
  readonly transformers: boolean;
}

const { points, days, minerShare, seed, endDay } = REAL_REGION_DEFAULTS;
const command = new Command('real-region')
  .description(
    'Writes a region folder for `gridwarden evaluate` from real homes, with rigs, boilers and cars put into some of them. ' +
      'Real data: keep the folder out of the repository.',
  )
  .addOption(new Option('--half <half>', 'which homes').choices(['tune', 'test']).makeOptionMandatory())
  .requiredOption('--out <dir>', 'the folder')
  .option(
    '--data <dir>',
    'folder of the real data',
    process.env.SHARED_METER_DATA ?? join('..', 'shared', 'data'),
  )
  .option('--points <n>', 'metering points', Number, points)
  .option('--days <n>', 'days', Number, days)
  .option('--end <date>', 'the day after the last one (default: 2026-10-01)')
  .option('--miner-share <share>', 'share of miners', Number, minerShare)
  .option('--seed <n>', 'another seed, another region', Number, seed)
  .option('--no-weather', 'leave out weather.csv')
  .option('--no-transformers', 'leave out transformer_readings.csv and full bypass')
  .parse();
const { data, out, end, ...options } = command.opts<Options>();
const summary = await writeRealRegion({
  ...options,
  dataFolder: data,
  outDir: out,
  endDay: end === undefined ? endDay : dayFromIso(end)!,
});
process.stdout.write(`${JSON.stringify(summary)}\n`);
