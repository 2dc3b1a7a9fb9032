import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/open-database.js';
import type { Receipt } from '../../src/uploads/receipt.js';
import { ingestFile } from '../../src/uploads/ingest-file.js';
import { testDatabase } from '../support/database.js';
import { describeWithRealData } from '../support/shared-data.js';

/** An independent reading of the file, the obvious way: text split at commas, sums of decimal numbers. */
interface PlainReading {
  readonly ids: ReadonlySet<string>;
  readonly values: number;
  readonly blank: number;
  /** `id date` → kWh of the day and how many values. Both files are in standard time, so a row's date is its day. */
  readonly days: ReadonlyMap<string, { kwh: number; values: number }>;
}

describeWithRealData('real homes, whole', (folder) => {
  let database: Database;
  let spool: string;

  beforeAll(async () => {
    spool = await mkdtemp(join(tmpdir(), 'gridwarden-real-'));
    database = await testDatabase();
  });
  afterAll(async () => {
    await database.close();
    await rm(spool, { recursive: true });
  });

  async function load(path: string, kind: 'registry' | 'readings', zone: string): Promise<Receipt> {
    const limits = { dataDir: spool, uploadMaxBytes: 1e9, unpackedMaxBytes: 1e9, rejectedRowsKept: 1000 };
    return (await ingestFile(database, limits, { path, kind, utility: 'real', zone })).receipt;
  }

  async function register(ids: Iterable<string>, territory: string, zone: string): Promise<void> {
    const path = join(spool, `${territory}.csv`);
    await writeFile(
      path,
      `metering_point,territory\n${[...ids].map((id) => `${id},${territory}`).join('\n')}\n`,
    );
    expect(await load(path, 'registry', zone)).toMatchObject({ status: 'loaded' });
  }

  it.each([
    ['52 half-hourly homes, wide', 'sgsc-half-hourly.csv.gz', 'AU-NSW', 'Australia/Sydney', plainWide, 30],
    ['17 hourly homes, long', 'fontana-hourly-long.csv.gz', 'US-CA', 'America/Los_Angeles', plainLong, 60],
  ])(
    '%s: every interval arrives once',
    async (_, file, territory, zone, read, interval) => {
      const path = join(folder, 'households', file);
      const plain = read(gunzipSync(readFileSync(path)).toString());
      await register(plain.ids, territory, zone);
      const receipt = await load(path, 'readings', zone);
      expect(receipt).toMatchObject({
        status: 'loaded',
        layout: { interval_minutes: interval },
        counts: {
          accepted: plain.values,
          blank: plain.blank,
          rejected: 0,
          held: 0,
          duplicates: { equal: 0, different: 0 },
        },
      });
      // The data lies in the hour that the wall clock never shows, in spring: these senders keep standard time.
      expect(receipt.layout?.clock).toContain('standard time');

      const rows: { key: string; wh: number; intervals: number }[] = await database.dataSource.query(
        `select m.external_id || ' ' || p.day as key, p.total_wh as wh, p.intervals from load_profile p
         join metering_point m on m.id = p.metering_point_id where p.upload_id = $1`,
        [receipt.id],
      );
      expect(rows.length).toBe(plain.days.size);
      const wrong = rows.filter(({ key, wh, intervals }) => {
        const day = plain.days.get(key);
        return day === undefined || day.values !== intervals || Math.abs(day.kwh * 1000 - wh) > 0.01;
      });
      expect(wrong).toEqual([]);
    },
    120_000,
  );
});

function plainWide(text: string): PlainReading {
  const reading = {
    ids: new Set<string>(),
    values: 0,
    blank: 0,
    days: new Map<string, { kwh: number; values: number }>(),
  };
  for (const line of text.trimEnd().split('\n').slice(1)) {
    const [id, date, ...cells] = line.split(',');
    reading.ids.add(id);
    const present = cells.filter((cell) => cell !== '').map(Number);
    reading.values += present.length;
    reading.blank += cells.length - present.length;
    if (present.length === 0) continue;
    reading.days.set(`${id} ${date}`, { kwh: present.reduce((a, b) => a + b, 0), values: present.length });
  }
  return reading;
}

function plainLong(text: string): PlainReading {
  const reading = {
    ids: new Set<string>(),
    values: 0,
    blank: 0,
    days: new Map<string, { kwh: number; values: number }>(),
  };
  for (const line of text.trimEnd().split('\n').slice(1)) {
    const [id, start, kwh] = line.split(',');
    reading.ids.add(id);
    if (kwh === '') {
      reading.blank++;
      continue;
    }
    reading.values++;
    const key = `${id} ${start.slice(0, 10)}`;
    const day = reading.days.get(key) ?? { kwh: 0, values: 0 };
    reading.days.set(key, { kwh: day.kwh + Number(kwh), values: day.values + 1 });
  }
  return reading;
}
