import { Command, InvalidArgumentError, Option } from 'commander';
import { systemActor } from '../audit/append-audit.js';
import { loadConfig } from '../config/config.js';
import { UsageError } from '../config/errors.js';
import { Id } from '../config/input-values.js';
import { UNITS, type UploadOptions } from './domain/upload-options.js';

interface AnswerOptions extends Pick<UploadOptions, 'unit' | 'label' | 'ct'> {
  readonly ctRatio?: number;
}

/** `gridwarden answer UPLOAD`: the answer to a held upload's question; it is loaded by the service, or the next `ingest`. */
export function answerCommand(): Command {
  return new Command('answer')
    .summary('answer the question about a held upload')
    .description('Says how a held file is to be read. It is loaded at once, from its beginning.')
    .argument('<upload>', 'number of the upload', (text) => {
      const id = Id.safeParse(text);
      if (!id.success) throw new InvalidArgumentError('the number of an upload.');
      return id.data;
    })
    .addOption(new Option('--unit <unit>', 'unit of the values').choices(UNITS))
    .addOption(
      new Option('--label <end>', 'which end of its interval a time names').choices(['start', 'end']),
    )
    .addOption(
      new Option('--ct <state>', 'whether the transformer ratio is in the values already').choices([
        'applied',
        'not-applied',
        'twice',
      ]),
    )
    .option('--ct-ratio <number>', 'the ratio, with --ct not-applied or twice', Number)
    .action(async (uploadId: number, { unit, label, ct, ctRatio }: AnswerOptions) => {
      const { openDatabase } = await import('../database/open-database.js');
      const { auditedTransaction } = await import('../audit/audited-transaction.js');
      const { answerUpload } = await import('./answer-upload.js');
      const { loadNow } = await import('./load-now.js');
      const { describe } = await import('./ingest.command.js');
      const config = loadConfig(process.env);
      const database = await openDatabase(config);
      try {
        const found: unknown[] = await database.dataSource.query('select from upload where id = $1', [
          uploadId,
        ]);
        if (found.length === 0) throw new UsageError(`There is no upload ${uploadId}.`);
        const options = Object.fromEntries(
          Object.entries({ unit, label, ct, ct_ratio: ctRatio }).filter(([, value]) => value !== undefined),
        );
        const actor = systemActor('command line');
        await auditedTransaction(database.dataSource, (db, record) =>
          answerUpload(db, record, { uploadId, options, actor }),
        );
        const receipt = await loadNow(database, config, uploadId);
        process.stdout.write(`${describe(receipt, false)}\n`);
        if (receipt.status !== 'loaded') process.exitCode = 1;
      } finally {
        await database.close();
      }
    });
}
