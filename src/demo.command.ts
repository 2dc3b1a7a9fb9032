import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from './config/config.js';
import { parsePort } from './serve.command.js';

/** `gridwarden demo`: the whole path on a simulated region, from files to flagged households. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('simulate a region, take its readings in, score it, and show who is flagged and why')
    .option('--once', 'exit after the summary: 0 when households were flagged, else 1', false)
    .option('--points <number>', 'metering points to simulate', wholeNumber(50, 100_000), 1500)
    .option('--days <number>', 'days of hourly readings', wholeNumber(30, 730), 75)
    .option('--seed <number>', 'the same seed simulates the same region', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('-p, --port <number>', 'serve on this port instead of GRIDWARDEN_PORT', parsePort)
    .addHelpText(
      'after',
      '\nThe demo keeps to a folder of its own below GRIDWARDEN_DATA_DIR, with a database of its own; DATABASE_URL is not touched.',
    )
    .action(async (options: { once: boolean; points: number; days: number; seed: number; port?: number }) => {
      const config = loadConfig(process.env);
      const { runDemo } = await import('./demo/run-demo.js');
      const { AppModule } = await import('./app.module.js');
      const { port = config.port, ...wishes } = options;
      const flagged = await runDemo((...over) => AppModule.over(...over), { ...config, port }, wishes);
      if (options.once && flagged === 0) process.exitCode = 1;
    });
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`it must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}
