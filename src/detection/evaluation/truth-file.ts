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
  /** Hours since the first day of day numbers, standard time of the place; null where only the day is stated. */
  readonly onsetHour: number | null;
  /** The real home behind it, where several metering points are made of one; null = its own. */
  readonly home: string | null;
}

const TruthRow = z.object({
  metering_point: z.string().min(1),
  class: z.string().min(1),
  is_miner: z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1'),
  onset: z.string().default(''),
  home: z.string().optional(),
});

/**
 * Reads `truth.csv` (metering_point, class, is_miner, miner_kw, onset; and home, where metering points share one). An onset
 * is a day or a local time to the hour, `2026-08-14T17:00+08:00`.
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
    const { metering_point: meteringPoint, class: className, is_miner: isMiner, onset, home } = row.data;
    truths.push({
      meteringPoint,
      className,
      isMiner,
      onset: dayFromIso(onset.slice(0, 10)),
      onsetHour: localHour(onset),
      home: home || null,
    });
  }
  return truths;
}

/** Hours since 1970-01-01 00:00 on the clock that the text reads; null of a day alone, or of no time at all. */
export function localHour(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2})/.exec(text);
  const day = match && dayFromIso(match[1]);
  return match === null || day === null ? null : day * 24 + Number(match[2]);
}
