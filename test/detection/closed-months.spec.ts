import type { Client } from 'pg';
import type { Database } from '../../src/database/open-database.js';
import { closedMonths, forgetMarkedMonths, keepMonths } from '../../src/detection/closed-months.js';
import { ProfileBlock, readProfiles } from '../../src/detection/profile-windows.js';
import { clearMarks, readMarks } from '../../src/detection/scoring-marks.js';
import { dayFromIso, type DayNumber } from '../../src/grid/domain/calendar.js';
import { ProfileBatch } from '../../src/readings/domain/profile-batch.js';
import { storeProfiles } from '../../src/readings/load-profile.repository.js';
import { ensureMonths } from '../../src/readings/profile-months.js';
import { testDatabase } from '../support/database.js';
import { addPoints, home, seedRegistry, storeLoads, type Load } from './synthetic-points.js';

const day = (iso: string) => dayFromIso(iso)!;
const FROM = day('2026-05-20');
const END = day('2026-09-16');
const NOW = new Date('2026-09-20T06:00:00Z');
const MONTHS = closedMonths(FROM, END, true);

describe('months that are over, kept in one row', () => {
  let db: Database;
  let client: Client;
  let ids: number[];

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    await seedRegistry(client);
    const names = ['plain', 'gaps', 'big', 'late', 'half-hourly', 'silent'];
    ids = [
      ...(
        await addPoints(
          client,
          names.map((externalId) => ({ externalId })),
        )
      ).values(),
    ];
    const [plain, gaps, big, late, halfHourly] = ids;
    const loads: [number, Load][] = [
      [plain, home(1)],
      [gaps, (at, hour) => (at % 5 === 0 || hour % 7 === 3 ? NaN : home(2)(at, hour))],
      [big, (at, hour) => 900 * (1 + (at % 3)) + hour],
      [late, (at, hour) => (at < day('2026-08-20') ? NaN : home(3)(at, hour))],
    ];
    await storeLoads(client, new Map(loads), { from: FROM, to: END, now: NOW });
    await storeHalfHours(halfHourly);
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  async function storeHalfHours(id: number): Promise<void> {
    const batch = new ProfileBatch(30, END - FROM);
    for (let at = FROM; at < END; at++) {
      const row = batch.row(0, at);
      for (let slot = 0; slot < 48; slot++) batch.put(row, slot, 100 + slot, 0);
    }
    await ensureMonths(client, batch);
    await client.query('begin');
    await storeProfiles(client, { batch, pointIds: Int32Array.of(id), uploadId: 1, now: NOW });
    await client.query('commit');
  }

  /** Everything a window holds, by point. */
  async function read(months = MONTHS, keep = false) {
    const block = new ProfileBlock(0, FROM, END, months);
    await readProfiles(client, block, ids);
    if (keep) await keepMonths(client, block.collected);
    return block.windows.map((window) => ({
      ...window,
      hourlyKw: [...window.hourlyKw],
      dailyKwh: [...window.dailyKwh],
      hoursPresent: [...window.hoursPresent],
      minutesPresent: [...window.minutesPresent],
    }));
  }

  const kept = async () => (await client.query('select from load_profile_month')).rowCount;

  it('are those within the window, the first one too when nothing is stored before it', () => {
    expect(MONTHS.map(({ days }) => days)).toEqual([31, 30, 31, 31]);
    expect(closedMonths(FROM, END, false).map(({ days }) => days)).toEqual([30, 31, 31]);
    expect(closedMonths(FROM, day('2026-09-01'), false).map(({ days }) => days)).toEqual([30, 31, 31]);
  });

  it('say the same as the days, whatever these look like', async () => {
    const days = await read([]);
    expect(days[5].intervalMinutes).toBe(0);
    expect(await read(MONTHS, true)).toEqual(days);
    // Four months of all points but for the one whose days are half-hourly; a silent month is a row too.
    expect(await kept()).toBe(4 * 5);
    expect(await read(MONTHS, true)).toEqual(days);
    expect(await kept()).toBe(4 * 5);
    // Read from the rows indeed: nothing else says so once the days are gone.
    await client.query('begin');
    await client.query(`delete from load_profile where day < '2026-09-01' and metering_point_id < $1`, [
      ids[4],
    ]);
    expect(await read()).toEqual(days);
    await client.query('rollback');
  });

  it('are forgotten where readings changed, and only there', async () => {
    await readMarks(client, END);
    await clearMarks(client, END);
    await client.query('drop table scoring_mark_read');
    await change(day('2026-07-03'));
    await readMarks(client, END);
    await forgetMarkedMonths(client, MONTHS);
    expect(await kept()).toBe(4 * 5 - 1);
    const [plain] = await read(MONTHS, true);
    expect(plain.dailyKwh[day('2026-07-03') - FROM]).toBeCloseTo(24 * 7);
    expect(await kept()).toBe(4 * 5);
    expect(await read()).toEqual(await read([]));
  });

  const change = (at: DayNumber) =>
    storeLoads(client, new Map([[ids[0], () => 7]]), { from: at, to: at + 1, uploadId: 2, now: NOW });
});
