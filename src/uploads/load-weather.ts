import type { Client } from 'pg';
import { inTransaction } from '../database/transaction.js';
import { isoFromDay } from '../grid/domain/calendar.js';
import { parseZone } from '../grid/domain/time-zone.js';
import { noCounts, type IntakeCounts } from './domain/intake-counts.js';
import { countRejects } from './domain/rejected-row.js';
import { packingOf, unpacked } from './formats/unpack.js';
import { decodeWeather, type WeatherBatch, type WeatherDay } from './formats/weather-csv.js';
import type { LoadOptions } from './load-options.js';
import { keepRejectedRows, recordProgress, restartLoading, type UploadRow } from './upload.repository.js';

const DAYS_PER_STATEMENT = 5_000;

/** Loads outdoor temperatures in one transaction, batch by batch; a later file's hours win. */
export async function loadWeather(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  const path = options.spool.path(upload.sha256);
  const packing = await packingOf(path);
  const zone = upload.zone === null ? null : parseZone(upload.zone);
  const counts = noCounts();
  await inTransaction(client, async () => {
    await restartLoading(client, upload.id);
    for await (const batch of decodeWeather(unpacked(path, packing), zone)) {
      for (let at = 0; at < batch.days.length; at += DAYS_PER_STATEMENT) {
        await storeDays(client, batch.days.slice(at, at + DAYS_PER_STATEMENT), upload.id);
      }
      await keepRejectedRows(client, upload.id, batch.rejected, options.rejectedRowsKept);
      countBatch(counts, batch);
      options.onProgress?.({ bytesDone: 0, bytesTotal: upload.totalBytes, counts });
    }
    await recordProgress(client, upload.id, upload.totalBytes ?? 0, counts);
  });
}

function countBatch(counts: IntakeCounts, { rows, values, blank, rejected, lastLine }: WeatherBatch): void {
  counts.rows += rows;
  counts.lastLine = lastLine;
  counts.accepted += values;
  counts.blank += blank;
  counts.rejected += rejected.length;
  countRejects(counts.rejectedByReason, rejected);
}

async function storeDays(client: Client, days: readonly WeatherDay[], uploadId: number): Promise<void> {
  const temperatures = days.map(
    ({ sums, counts }) =>
      `{${Array.from(sums, (sum, hour) => (counts[hour] === 0 ? 'NULL' : (sum / counts[hour]).toFixed(2))).join(',')}}`,
  );
  await client.query(
    `insert into weather_day as w (territory_code, day, temperature_c, upload_id)
     select code, day, temperature::real[], $4 from unnest($1::text[], $2::date[], $3::text[]) as t (code, day, temperature)
     on conflict (territory_code, day) do update
     set temperature_c = array(
           select coalesce(new_c, old_c)
           from unnest(excluded.temperature_c, w.temperature_c) with ordinality as h (new_c, old_c, hour) order by hour),
         upload_id = excluded.upload_id
     where w.temperature_c is distinct from excluded.temperature_c`,
    [days.map((day) => day.territory.code), days.map((day) => isoFromDay(day.day)), temperatures, uploadId],
  );
}
