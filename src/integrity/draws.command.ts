import { Command } from 'commander';
import { loadConfig } from '../config/config.js';
import { collectKey } from '../audit/command-tools.js';
import type { FoundEntry } from '../audit/domain/chain-check.js';
import { NOTE_KEY, type VerifierKey } from '../audit/domain/signed-note.js';
import type { CheckedPeriod, LogEntry } from './domain/check-draws.js';

const load = async () => ({
  ...(await import('../audit/bundle.js')),
  ...(await import('../audit/command-tools.js')),
  ...(await import('../audit/key-files.js')),
  ...(await import('../audit/read-log.js')),
  ...(await import('./domain/check-draws.js')),
  ...(await import('./draw-secret.js')),
});

interface Options {
  readonly bundle?: string;
  readonly key: readonly VerifierKey[];
  readonly json?: boolean;
}

/** `gridwarden audit draws`: what chance chose, made again. */
export function drawsCommand(): Command {
  return new Command('draws')
    .summary('make every draw again from the log')
    .description(
      'Makes again what was left to chance (cases looked at again, known cases in the queue, households visited), from the ' +
        'audit log alone, and names what was drawn otherwise. Exit code 0 when every draw follows, 1 when not. That the log ' +
        'itself is whole, gridwarden audit verify says.',
    )
    .option('--bundle <file>', 'an exported log; no database is needed')
    .option('--key <key>', "the log's verifier key; repeatable", collectKey, [])
    .option('--json', 'print one JSON array')
    .action(async ({ bundle, key, json }: Options) => {
      const config = loadConfig(process.env);
      const tools = await load();
      const check = new tools.DrawCheck();
      const take = ({ text }: FoundEntry): void => {
        const entry = drawEntry(text, tools.DRAW_KINDS);
        if (entry !== null) check.take(entry);
      };
      if (bundle === undefined)
        await tools.withDatabase(config, (client) =>
          tools.inSnapshot(client, async () => {
            for (let after: number | null = null; ;) {
              after = await tools.readPage(client, after, take);
              if (after === null) break;
            }
          }),
        );
      else for await (const entry of (await tools.openBundle(bundle)).entries) take(entry);
      const logKey = key.find(({ type }) => type === NOTE_KEY) ?? (await tools.publicLogKey(config.dataDir));
      const periods = check.periods(
        logKey === null ? null : (period, secret) => tools.isSecretOf(logKey, period, secret),
      );
      process.stdout.write(json ? `${JSON.stringify(periods)}\n` : report(periods));
      if (periods.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
    });
}

/** Null for an entry that draws do not go by: most, so that few are parsed. */
export function drawEntry(text: string, kinds: ReadonlySet<string>): LogEntry | null {
  const kind = /,"kind":"([a-z._]+)","seq":\d+,"subject":"[^"]*"\}$/.exec(text)?.[1];
  return kind !== undefined && kinds.has(kind) ? (JSON.parse(text) as LogEntry) : null;
}

function report(periods: readonly CheckedPeriod[]): string {
  if (periods.length === 0) return 'nothing was drawn yet\n';
  return periods
    .map(({ period, state, decisions, reinspections, seeded, visits, faults }) => {
      const said =
        state === 'committed'
          ? `secret fixed, ${decisions} decisions so far`
          : `${decisions} decisions, ${reinspections} to be looked at again, ${seeded} known cases, ${visits} households`;
      const found = faults.length === 0 ? '' : `\n  ${faults.join('\n  ')}`;
      return `${period}: ${said}${found}\n`;
    })
    .join('');
}
