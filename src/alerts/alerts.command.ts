import { Command, Option } from 'commander';
import { loadConfig } from '../config/config.js';
import { ALERT_FORMATS, printAlerts, type AlertFormat } from './alert-output.js';
import { exportCommand } from './exports/export.command.js';
import { addFilterOptions, filterOf, type FilterOptions } from './filter-options.js';

type AlertsCommandOptions = FilterOptions & { readonly format: AlertFormat };

/** `gridwarden alerts`: the alerts, newest first; `alerts export`: the same as a file that is on record. */
export function alertsCommand(): Command {
  const command = new Command('alerts')
    .summary('print the alerts')
    .description('Prints the alerts, newest first, with the reasons in Russian and English.')
    .addOption(new Option('--format <format>', 'how to print').choices(ALERT_FORMATS).default('json'));
  return addFilterOptions(command)
    .addHelpText('after', '\nExample:\n  gridwarden alerts --state firing --format csv > firing.csv')
    .addCommand(exportCommand())
    .action(async ({ format, ...asked }: AlertsCommandOptions) => {
      const config = loadConfig(process.env);
      const { openDatabase } = await import('../database/open-database.js');
      const database = await openDatabase(config);
      try {
        const { commandLineActor, recordExport } = await import('../audit/record-export.js');
        const filter = filterOf(asked);
        const details = { format, ...filter };
        await recordExport(database, { by: commandLineActor(), what: 'alerts', subject: 'alerts', details });
        await printAlerts(database.dataSource, filter, format, process.stdout);
      } finally {
        await database.close();
      }
    });
}
