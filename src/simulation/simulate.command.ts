import { isNativeError } from 'node:util/types';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { z } from 'zod';
import { RefusedError, UsageError } from '../config/errors.js';
import { dayFromIso } from '../grid/domain/calendar.js';
import { DEFAULT_MINER_SHARE, type RegionSummary, simulateRegion } from './simulate-region.js';

/** `gridwarden simulate`: a region folder to try the whole path on, with the truth beside it. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('write a simulated region: registry, readings, balance meters, weather and the truth')
    .requiredOption('--points <n>', 'metering points')
    .requiredOption('--days <n>', 'days of hourly readings')
    .requiredOption('--out <dir>', 'folder to write to; files of an earlier region are replaced')
    .option('--seed <n>', 'the same seed makes the same region, byte for byte', '1')
    .option('--start <date>', 'first day, YYYY-MM-DD (default: so that the days end with 2026-10-31)')
    .option('--layout <layout>', 'long (a row an hour) or wide (a row a day)', 'long')
    .option('--miner-share <share>', 'unlawful miners per point', String(DEFAULT_MINER_SHARE))
    .option('--daily-share <share>', 'share of the points that deliver daily sums only', '0')
    .option('--json', 'print the summary as one JSON object')
    .action(async (raw: Record<string, unknown>) => {
      const { out, start, json, ...numbers } = parseOptions(raw);
      const bar = progressBar(numbers.points);
      try {
        const summary = await simulateRegion({
          ...numbers,
          outDir: out,
          startDay: start,
          onProgress: (pointsDone) => bar?.update(pointsDone),
        });
        process.stdout.write(json ? `${JSON.stringify(summary)}\n` : described(summary));
      } catch (error) {
        throw refusal(error, out);
      } finally {
        bar?.stop();
      }
    });
}

/** Ids have seven digits; ten years are more than any detector looks back. */
const Options = z.object({
  points: wholeNumber('--points', 1, 9_999_999),
  days: wholeNumber('--days', 1, 3_660),
  seed: wholeNumber('--seed', 0, Number.MAX_SAFE_INTEGER),
  out: z.string().min(1, '--out must name a folder'),
  start: z
    .string()
    .optional()
    .transform((text, context) => {
      const day = text === undefined ? undefined : dayFromIso(text);
      if (day !== null) return day;
      context.addIssue(`--start must be a date that exists, YYYY-MM-DD, not "${text}"`);
      return z.NEVER;
    }),
  layout: z.enum(['long', 'wide'], '--layout must be long or wide'),
  minerShare: share('--miner-share', 0.5),
  dailyShare: share('--daily-share', 1),
  json: z.boolean().default(false),
});

function parseOptions(raw: Record<string, unknown>): z.infer<typeof Options> {
  const parsed = Options.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new UsageError(parsed.error.issues.map(({ message }) => message).join('; '));
}

function wholeNumber(option: string, least: number, most: number) {
  const message = `${option} must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d+$/, message)
    .transform(Number)
    .pipe(z.number().min(least, message).max(most, message));
}

function share(option: string, most: number) {
  const message = `${option} must be from 0 to ${most}`;
  return z.coerce.number(`${option} must be a number`).min(0, message).max(most, message);
}

/** On a terminal only: a log file has no use for a bar. */
function progressBar(points: number): SingleBar | null {
  if (!process.stderr.isTTY) return null;
  const bar = new SingleBar({
    stream: process.stderr,
    format: 'simulating [{bar}] {percentage}% | {value}/{total} points | {eta_formatted} left',
    hideCursor: true,
  });
  bar.start(points, 0);
  return bar;
}

function described({ points, transformers, readings, miners, files }: RegionSummary): string {
  return [
    `${points} metering points under ${transformers} transformer(s), ${readings} readings, ${miners} unlawful miner(s)`,
    ...files.map((file) => `  ${file}`),
    '',
  ].join('\n');
}

/** What the file system refuses is said in a sentence; anything else is our own mistake and stays what it is. */
function refusal(error: unknown, out: string): unknown {
  if (!isNativeError(error) || !('syscall' in error)) return error;
  return new RefusedError(`The region can't be written to ${out}: ${error.message}.`);
}
