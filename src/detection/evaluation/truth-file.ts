import { createReadStream, existsSync } from 'node:fs';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { RefusedError } from '../../config/errors.js';
import { dayFromIso, type DayNumber } from '../../grid/domain/calendar.js';

/** What a metering point of a labelled region truly is. */
export interface Truth {
  readonly meteringPoint: string;
  readonly className: string;
  readonly isMiner: boolean;
  readonly onset: DayNumber | null;
}

const TruthRow = z.object({
  metering_point: z.string().min(1),
  class: z.string().min(1),
  is_miner: z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1'),
  onset: z
    .string()
    .transform((text) => (text === '' ? null : dayFromIso(text.slice(0, 10))))
    .default(null),
});

/**
 * Reads `truth.csv` (metering_point, class, is_miner, miner_kw, onset).
 * @throws RefusedError when the file is missing or a row is wrong, naming its line.
 */
export async function readTruth(path: string): Promise<Truth[]> {
  if (!existsSync(path)) throw new RefusedError(`There is no ${path}: a labelled region folder has one.`);
  const truths: Truth[] = [];
  const rows = createReadStream(path).pipe(
    parse({ columns: true, bom: true, trim: true, skip_empty_lines: true }),
  );
  for await (const record of rows) {
    const row = TruthRow.safeParse(record);
    if (!row.success) {
      const { path: field, message } = row.error.issues[0];
      throw new RefusedError(`Row ${truths.length + 1} of ${path} is wrong: ${field.join('.')}: ${message}.`);
    }
    const { metering_point: meteringPoint, class: className, is_miner: isMiner, onset } = row.data;
    truths.push({ meteringPoint, className, isMiner, onset });
  }
  return truths;
}
