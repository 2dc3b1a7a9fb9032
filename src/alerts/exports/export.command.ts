import { userInfo } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../../config/config.js';
import { filterOf, addFilterOptions, type FilterOptions } from '../filter-options.js';
import { exportAlerts, type ExportRequest } from './export-alerts.js';
import { ExportReason } from './exports.schemas.js';
import { exportToFile } from './export-to-file.js';
import { EXPORT_FORMATS, type ExportFormat } from './export-writers.js';

interface ExportOptions {
  readonly format: ExportFormat;
  readonly reason: string;
  readonly output?: string;
}

/** `gridwarden alerts export`: a file of alerts, with who took it, why, and its hash on record. */
export function exportCommand(): Command {
  const command = new Command('export')
    .summary('write alerts to a file, on record')
    .description(
      'Writes alerts as CSV, NDJSON or XLSX, newest first. Who took it, why, what it held and its SHA-256 are recorded.',
    )
    .addOption(new Option('--format <format>', 'what to write').choices(EXPORT_FORMATS).default('csv'))
    .requiredOption('--reason <text>', 'what it is for; kept on record', parseReason)
    .option('-o, --output <file>', 'write to this file instead of stdout');
  return addFilterOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  gridwarden alerts export --format xlsx --state firing --reason "weekly meeting" -o firing.xlsx',
    )
    .action(async ({ format, reason, output, ...filter }: ExportOptions & FilterOptions) => {
      const { openDatabase } = await import('../../database/open-database.js');
      const database = await openDatabase(loadConfig(process.env));
      const request: ExportRequest = {
        actor: `command line as ${userInfo().username}`,
        reason,
        destination: output === undefined ? 'download' : 'file',
        format,
        filter: filterOf(filter),
      };
      try {
        const { id, alerts, sha256 } = await (output === undefined
          ? exportAlerts(database, request, process.stdout)
          : exportToFile(database, request, output));
        process.stderr.write(`export ${id}: ${alerts} alerts, sha256 ${sha256}\n`);
      } finally {
        await database.close();
      }
    });
}

function parseReason(text: string): string {
  if (!ExportReason.safeParse(text).success)
    throw new InvalidArgumentError('say in one line what it is for.');
  return text;
}
