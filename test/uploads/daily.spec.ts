import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dayFromIso, isoFromDay } from '../../src/grid/domain/calendar.js';
import { ProfileBlock, readProfiles } from '../../src/detection/profile-windows.js';
import { decodeDay } from '../../src/readings/domain/energy-codec.js';
import { firstFault } from '../audit/whole-log.js';
import { openIntake, type Intake } from './intake.js';
import { makeKnown } from './known-point.js';

const REGISTRY = ['metering_point,household,territory', 'A,1,RU-IRK', 'B,2,RU-IRK'].join('\n');
const day = (iso: string) => dayFromIso(iso)!;

let intake: Intake;
beforeEach(async () => {
  intake = await openIntake(REGISTRY);
});
afterEach(async () => {
  const fault = await firstFault(intake.database);
  await intake.close();
  expect(fault).toBeNull();
});

/** Everything stored: `point day minutes` → Wh, missing as null. */
async function stored(): Promise<Record<string, (number | null)[]>> {
  const { rows } = await intake.client.query(
    `select m.external_id || ' ' || to_char(day, 'YYYY-MM-DD') || ' ' || interval_minutes as key, energy, scale
     from load_profile p join metering_point m on m.id = p.metering_point_id order by 1`,
  );
  return Object.fromEntries(
    rows.map(({ key, energy, scale }) => [
      key,
      [...decodeDay(energy, scale)].map((wh) => (Number.isNaN(wh) ? null : wh)),
    ]),
  );
}

const hours = (date: string, from: number, to: number, kwh = 1) =>
  Array.from({ length: to - from }, (_, i) => `A,${date}T${String(from + i).padStart(2, '0')}:00,${kwh}`);
const long = (lines: readonly string[]) => intake.load(`metering_point,start,kwh\n${lines.join('\n')}\n`);
/** Days from 1 March on, `line` of each date. */
const march = (days: number, line: (date: string) => string) =>
  Array.from({ length: days }, (_, i) => line(isoFromDay(day('2026-03-01') + i)));

describe('layouts of daily energies', () => {
  const expected = {
    'A 2026-03-01 1440': [12_500],
    'A 2026-03-02 1440': [70_000],
    'B 2026-03-02 1440': [9000],
  };

  it.each([
    [
      'dates without a time',
      'metering_point,start,kwh\nA,2026-03-01,12.5\nA,2026-03-02,70\nB,02.03.2026,9\n',
    ],
    ['a column called date', 'metering_point;date;kwh\nA;01.03.2026;12,5\nA;02.03.2026;70\nB;2026-03-02;9\n'],
    [
      'quotes',
      '"metering_point","start","kwh"\n"A","2026-03-01","12,5"\n"A","2026-03-02",70\nB,2026-03-02,9\n',
    ],
    [
      'a column called date, with midnights in it',
      'metering_point,date,kwh\nA,2026-03-01T00:00,12.5\nA,2026-03-02T00:00+08:00,70\nB,2026-03-01T16:00Z,9\n',
    ],
    [
      'a row a month',
      `metering_point,month,${Array.from({ length: 31 }, (_, i) => `d${String(i + 1).padStart(2, '0')}`).join(',')}\n` +
        `A,2026-03,12.5,70${','.repeat(29)}\nB,03.2026,,9${','.repeat(29)}\n`,
    ],
  ])('%s', async (_, text) => {
    const receipt = await intake.load(text);
    expect(receipt).toMatchObject({
      status: 'loaded',
      layout: { interval_minutes: 1440 },
      counts: { accepted: 3, rejected: 0, stored: { created: 3 } },
    });
    expect(await stored()).toEqual(expected);
  });

  it.each([
    ['sixty days of midnights', march(60, (date) => `A,${date}T00:00,9`), 60],
    ['four days of midnights', march(4, (date) => `A,${date}T00:00+08:00,9`), 4],
    ['sixty days in UTC', march(60, (date) => `A,${date}T16:00Z,9`), 60],
  ])('recognises %s', async (_, lines, days) => {
    const receipt = await long(lines);
    expect(receipt).toMatchObject({
      status: 'loaded',
      layout: { interval_minutes: 1440 },
      counts: { accepted: days, stored: { created: days } },
    });
    const { rows } = await intake.client.query('select distinct total_wh, intervals from load_profile');
    expect(rows).toEqual([{ total_wh: 9000, intervals: 1 }]);
  });

  it('takes a large point, and no register of ones', async () => {
    const receipt = await intake.load(
      'metering_point,date,kwh,quality\nA,2026-03-01,239000,\nA,2026-03-02,16777.215,\nB,2026-03-01,240001,\nB,2026-03-02,5,estimated\n',
    );
    expect(receipt.counts).toMatchObject({
      accepted: 2,
      rejected_by_reason: { sentinel: 1, out_of_range: 1 },
    });
    expect(await stored()).toEqual({ 'A 2026-03-01 1440': [239_000_000], 'B 2026-03-02 1440': [5000] });
    const { rows } = await intake.client.query(`select quality from load_profile where quality <> ''`);
    expect([...rows[0].quality]).toEqual([1]);
  });

  it('rejects days that do not exist, lie ahead, or begin at no midnight', async () => {
    const receipt = await intake.load(
      'metering_point,date,kwh\nA,2026-02-29,1\nA,2098-01-01,1\nA,2026-03-01T05:00,1\nA,2026-03-02,1\nNEW,2026-03-02,1\n',
    );
    expect(receipt.counts).toMatchObject({
      accepted: 1,
      held: 1,
      rejected_by_reason: { bad_time: 1, in_future: 1, off_interval: 1 },
    });
    const months = `metering_point,month,${Array.from({ length: 31 }, (_, i) => i + 1).join(',')}`;
    const february = await intake.load(
      `${months}\nA,2026-02${',1'.repeat(31)}\nA,2026-13${',1'.repeat(31)}\n`,
    );
    expect(february.counts).toMatchObject({ accepted: 28, rejected_by_reason: { bad_time: 4 } });
  });

  it('asks where midnights may be days or hours, and where days lie among hours', async () => {
    const points = Array.from({ length: 60 }, (_, i) => `P${i},2026-03-01T00:00,9`);
    expect(await long(points)).toMatchObject({
      status: 'refused',
      refusal: expect.stringContaining('«date»'),
    });
    const mixed = [...hours('2026-03-01', 0, 24), ...march(5, (date) => `B,${date}T00:00,9`)];
    expect(await long(mixed)).toMatchObject({
      status: 'refused',
      refusal: expect.stringContaining('"B" has a reading a day'),
    });
  });

  it.each([
    ['days', 'date', (i: number) => isoFromDay(day('2026-03-01') + i)],
    [
      'hours, newest first',
      'start',
      (i: number) =>
        `${isoFromDay(day('2026-03-10') - Math.floor(i / 24))}T${String(23 - (i % 24)).padStart(2, '0')}:00`,
    ],
  ])('asks whether energies that only rise are registers: %s', async (_, column, time) => {
    const down = column === 'start';
    const lines = Array.from({ length: 60 }, (_, i) => `A,${time(i)},${12_000 + (down ? 60 - i : i) * 7.5}`);
    const receipt = await intake.load(`metering_point,${column},kwh\n${lines.join('\n')}\n`);
    expect(receipt).toMatchObject({ status: 'refused', refusal: expect.stringContaining('register_kwh') });
  });

  it('rejects a date without a time in a file of hours', async () => {
    const receipt = await long([...hours('2026-03-01', 0, 24), 'B,2026-03-01,9']);
    expect(receipt.counts).toMatchObject({ accepted: 24, rejected_by_reason: { off_interval: 1 } });
  });
});

describe('a place with summer time', () => {
  it('keeps a local day whole on the day of its date', async () => {
    await intake.close();
    intake = await openIntake('metering_point,territory\nA,AU-NSW', 'Australia/Sydney');
    // The clock is put forward on 4 October 2026; midnight is 23:00 of the day before in the stored calendar.
    await intake.load(
      'metering_point,date,kwh\nA,2025-10-04T00:00,1\nA,2025-10-05T00:00,2\nA,2025-10-06T00:00,3\nA,2025-10-06T13:00Z,4\n',
    );
    expect(await stored()).toEqual({
      'A 2025-10-04 1440': [1000],
      'A 2025-10-05 1440': [2000],
      'A 2025-10-06 1440': [3000],
      'A 2025-10-07 1440': [4000],
    });
  });
});

describe('a day in one piece and the same day in intervals', () => {
  const daily = (kwh: number) => intake.load(`metering_point,date,kwh\nA,2026-03-01,${kwh}\n`);
  const history = async () =>
    (await intake.client.query(`select interval_minutes, revision from load_profile_history`)).rows;

  it('the hours replace the day, which is kept in the history', async () => {
    await daily(30);
    const receipt = await long(hours('2026-03-01', 0, 24));
    expect(receipt.counts).toMatchObject({ stored: { created: 0, changed: 1 }, passed_over: 0 });
    expect(await stored()).toEqual({ 'A 2026-03-01 60': Array(24).fill(1000) });
    expect(await history()).toEqual([{ interval_minutes: 1440, revision: 1 }]);
  });

  it('hours that come in two files end as whole hours: nothing of the day is shared out among them', async () => {
    await daily(30);
    await long(hours('2026-03-01', 0, 8));
    expect(await stored()).toEqual({ 'A 2026-03-01 60': [...Array(8).fill(1000), ...Array(16).fill(null)] });
    await long(hours('2026-03-01', 8, 24));
    const { rows } = await intake.client.query('select total_wh, quality from load_profile');
    expect(rows).toEqual([{ total_wh: 24_000, quality: Buffer.alloc(0) }]);
  });

  it('the day is passed over where hours are stored, and counted', async () => {
    await long(hours('2026-03-01', 0, 20));
    await intake.client.query('delete from scoring_mark');
    const receipt = await intake.load('metering_point,date,kwh\nA,2026-03-01,30\nA,2026-03-02,31\n');
    expect(receipt.counts).toMatchObject({
      accepted: 2,
      stored: { created: 1, changed: 0, unchanged: 0 },
      passed_over: 1,
    });
    expect(Object.keys(await stored())).toEqual(['A 2026-03-01 60', 'A 2026-03-02 1440']);
    expect(await history()).toEqual([]);
    const { rows } = await intake.client.query('select first_day::text as day from scoring_mark');
    expect(rows).toEqual([{ day: '2026-03-02' }]);
  });

  it('hours of an older upload, held until the registry knew their point, replace it as well', async () => {
    await long(hours('2026-03-01', 0, 24).map((line) => line.replace('A', 'NEW')));
    await makeKnown(intake.client, 'NEW', { utility: 'test', territory: 'RU-IRK' });
    // Loading anything applies what was held, after the daily file itself.
    await intake.load('metering_point,date,kwh\nNEW,2026-03-01,30\n');
    expect(await stored()).toEqual({ 'NEW 2026-03-01 60': Array(24).fill(1000) });
  });

  it('a corrected day is a revision, the same day again writes nothing', async () => {
    await daily(30);
    expect((await intake.load('metering_point,date,kwh\n\nA,2026-03-01,30\n')).counts.stored).toEqual({
      created: 0,
      changed: 0,
      unchanged: 1,
    });
    expect((await daily(31)).counts.stored).toMatchObject({ changed: 1 });
    expect(await stored()).toEqual({ 'A 2026-03-01 1440': [31_000] });
  });
});

describe('detection', () => {
  it('sees the days, no hours of them, and hours where there are some', async () => {
    await intake.load('metering_point,date,kwh\nA,2026-03-01,24\nA,2026-03-02,48.5\n');
    await long(hours('2026-03-03', 0, 24, 2));
    const block = new ProfileBlock(1, day('2026-03-01'), day('2026-03-05'));
    await readProfiles(intake.client, block, [await intake.idOf('A')]);
    const [window] = block.windows;
    expect([...window.dailyKwh]).toEqual([24, 48.5, 48, NaN]);
    expect([...window.hoursPresent]).toEqual([0, 0, 24, 0]);
    expect([...window.minutesPresent]).toEqual([1440, 1440, 1440, 0]);
    expect([...window.hourlyKw.subarray(0, 48)].every(Number.isNaN)).toBe(true);
    expect(window.hourlyKw[50]).toBe(2);
  });
});
