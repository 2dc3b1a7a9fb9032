import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dayFromIso, isoFromDay } from '../../src/grid/domain/calendar.js';
import { registerMonths } from '../../src/readings/register.repository.js';
import { openIntake, type Intake } from '../uploads/intake.js';
import { makeKnown } from '../uploads/known-point.js';

const REGISTRY = ['metering_point,household,territory', 'A,1,RU-IRK', 'B,2,RU-IRK', 'C,3,RU-KGD'].join('\n');
const HEADER = 'metering_point,taken_at,register_kwh';
const day = (iso: string) => dayFromIso(iso)!;
const WINDOW = { from: day('2026-01-01'), to: day('2026-05-01') };

let intake: Intake;
beforeEach(async () => {
  intake = await openIntake(REGISTRY);
});
afterEach(() => intake.close());

const load = (text: string) => intake.load(text, { kind: 'registers' });

async function stored(): Promise<string[]> {
  const { rows } = await intake.client.query(
    `select m.external_id || ' ' || to_char(taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || ' '
            || concat_ws(' ', kwh, tariff_zone, nullif(meter_serial, ''), '/' || ct_ratio, quality) as line
     from register_reading r join metering_point m on m.id = r.metering_point_id order by 1`,
  );
  return rows.map((row) => row.line);
}

async function marks(): Promise<string[]> {
  const { rows } = await intake.client.query(
    `select external_id || ' ' || first_day || ' ' || last_day as line
     from scoring_mark s join metering_point m on m.id = s.metering_point_id order by 1`,
  );
  return rows.map((row) => row.line);
}

describe('register readings', () => {
  it.each([
    [
      'all columns',
      `${HEADER},meter_serial,tariff_zone,ct_ratio,quality\n` +
        'A,2026-03-01,100.5,007,T1,200/5,\nA,2026-03-01T12:30:15+08:00,2 969.031,007,total,,e\nB,2026-02-28T17:00Z,0,,,1/1,\n',
      [
        'A 2026-02-28T16:00:00 100.500 T1 007 /40 0',
        'A 2026-03-01T04:30:15 2969.031 total 007 /1 1',
        'B 2026-02-28T17:00:00 0.000 total /1 0',
      ],
    ],
    [
      'semicolons, decimal commas, Russian dates and words, other order, ids as text',
      'register_kwh;zone;note;metering_point;taken_at\r\n100,5;т1;x;="A";01.03.2026\r\n"2 969,03";сумма;;A;01.03.2026 00:00\r\n',
      ['A 2026-02-28T16:00:00 100.500 T1 /1 0', 'A 2026-02-28T16:00:00 2969.030 total /1 0'],
    ],
  ])('are read from %s', async (_, text, expected) => {
    const receipt = await load(text);
    expect(receipt).toMatchObject({
      status: 'loaded',
      layout: { layout: 'registers', clock: 'territory' },
      counts: { accepted: expected.length, rejected: 0, stored: { created: expected.length } },
    });
    expect(await stored()).toEqual(expected);
  });

  it('are recognised by their header, and so are the other kinds', async () => {
    const kinds: Record<string, string> = {
      [`${HEADER}\nA,2026-03-01,1\n`]: 'registers',
      'metering_point;at;journal;code\nA;2026-03-01T00:00;4;1\n': 'events',
      'territory,start,temperature_c\nRU-IRK,2026-03-01T00:00,-5\n': 'weather',
      'metering_point,territory\nA,RU-IRK\n': 'registry',
      'transformer,start,kwh\nT1,2026-03-01T00:00,5\n': 'transformer-readings',
      'metering_point,start,kwh\nA,2026-03-01T00:00,5\n': 'readings',
    };
    for (const [text, kind] of Object.entries(kinds)) {
      expect(await intake.load(text, { kind: null })).toMatchObject({ kind, status: 'loaded' });
    }
    expect(await intake.load('some,text\n', { kind: null })).toMatchObject({
      kind: 'readings',
      status: 'refused',
    });
  });

  it('count what is blank, wrong, and not known', async () => {
    const rows: [string, string | null][] = [
      ['A,2026-03-01,,,,', null],
      ['A,2026-03-02,н/д,,,', null],
      ['A,2026-03-03,----,,,', null],
      ['A,2026-02-29,1,,,', 'bad_time'],
      ['A,2098-01-01,1,,,', 'in_future'],
      ['A,2026-03-04,abc,,,', 'bad_number'],
      ['A,2026-03-04,-5,,,', 'negative'],
      ['A,2026-03-04,4294967295,,,', 'sentinel'],
      ['A,2026-03-04,1000000000,,,', 'out_of_range'],
      ['A,2026-03-04,1,,T9,', 'bad_value'],
      ['A,2026-03-04,1,,,0', 'bad_value'],
      [`A,2026-03-04,1,,,1/1${'0'.repeat(60)}`, 'bad_value'],
      ['A,2026-03-04,1,1.2E+11,,', 'excel_id'],
      ['1.2E+11,2026-03-04,1,,,', 'excel_id'],
      [',2026-03-04,1,,,', 'bad_id'],
      ['A,2026-03-04,1', 'wrong_columns'],
    ];
    const receipt = await load(
      [
        `${HEADER},meter_serial,tariff_zone,ct_ratio`,
        ...rows.map(([row]) => row),
        'NEW,2026-03-01,1,,,',
      ].join('\n'),
    );
    expect(receipt.counts).toMatchObject({ rows: 17, accepted: 0, blank: 3, rejected: 13, held: 1 });
    const { rows: rejected } = await intake.client.query(
      'select line, reason from rejected_row order by line',
    );
    expect(rejected).toEqual(
      rows.flatMap(([, reason], i) => (reason === null ? [] : [{ line: i + 2, reason }])),
    );
  });

  it('refuse a file without their columns in one sentence', async () => {
    expect(await load('metering_point,taken_at\nA,2026-03-01\n')).toMatchObject({
      status: 'refused',
      refusal: expect.stringContaining('No column register_kwh'),
    });
    expect(await load('')).toMatchObject({ status: 'refused' });
  });

  it('the same again writes nothing, a correction replaces and keeps the old one, and only what changed is marked', async () => {
    await load(`${HEADER}\nA,2026-03-01,100\nA,2026-04-01,200\nB,2026-03-01,5\n`);
    expect(await marks()).toEqual(['A 2026-02-28 2026-03-31', 'B 2026-02-28 2026-02-28']);
    await intake.client.query('delete from scoring_mark');
    const again = await load(`${HEADER}\nA,2026-03-01,100\nA,2026-04-01,200\nB,2026-03-01,5\n\n`);
    expect(again.counts.stored).toEqual({ created: 0, changed: 0, unchanged: 3 });
    expect(await marks()).toEqual([]);
    const corrected = await load(`${HEADER}\nA,2026-03-01,100\nA,2026-04-01,210\n`);
    expect(corrected.counts.stored).toEqual({ created: 0, changed: 1, unchanged: 1 });
    expect(await marks()).toEqual(['A 2026-02-28 2026-03-31']);
    const { rows } = await intake.client.query(
      'select kwh::float8, superseded_by_upload_id as by from register_reading_history',
    );
    expect(rows).toEqual([{ kwh: 200, by: corrected.id }]);
    expect((await stored())[1]).toContain('210.000');
  });

  it('what a file says twice: equal is fine, of different ones the later row stands; also across batches', async () => {
    const filler = Array.from(
      { length: 10_000 },
      (_, i) => `B,${isoFromDay(day('2001-01-01') + (i % 9000))},${i}`,
    );
    const twice = ['A,2026-03-01,100', 'A,2026-03-01,100', 'A,2026-03-01,101'];
    const receipt = await load([HEADER, ...twice, ...filler, 'A,2026-03-01,102'].join('\n'));
    // Of the filler 1,000 dates come twice with other values.
    expect(receipt.counts).toMatchObject({
      accepted: 10_004,
      duplicates: { equal: 1, different: 1002 },
      stored: { created: 9001, changed: 0, unchanged: 0 },
    });
    expect((await stored())[0]).toBe('A 2026-02-28T16:00:00 102.000 total /1 0');
    expect((await intake.client.query('select from register_reading_history')).rowCount).toBe(0);
  });

  it('of unknown points wait for the registry; an older upload never replaces a newer reading', async () => {
    const first = await load(
      `${HEADER}\nNEW,2026-03-01,100\nNEW,2026-04-01,abc\nNEW,2026-05-01,\nA,2026-03-01,1\n`,
    );
    expect(first.counts).toMatchObject({ accepted: 1, held: 3 });
    await makeKnown(intake.client, 'NEW', { utility: 'test', territory: 'RU-IRK' });
    await load(`${HEADER}\nNEW,2026-03-01,150\n`);
    expect((await stored())[1]).toBe('NEW 2026-02-28T16:00:00 150.000 total /1 0');
    const { rows } = await intake.client.query('select counts from upload where id = $1', [first.id]);
    expect(rows[0].counts).toMatchObject({
      accepted: 2,
      held: 0,
      blank: 1,
      rejected: 1,
      rejectedByReason: { bad_number: 1 },
      unchanged: 1,
    });
  });
});

describe('months from stored registers', () => {
  const months = async (window = WINDOW) => {
    const ids = await Promise.all(['A', 'B', 'C'].map((id) => intake.idOf(id)));
    const found = await registerMonths(intake.client, ids, window);
    return ids.map((id) =>
      (found.get(id) ?? []).map(({ month, kwh, allocatedKwh, hoursPresent }) =>
        [isoFromDay(month).slice(0, 7), kwh, allocatedKwh, hoursPresent].join(' '),
      ),
    );
  };

  it('are of the days of each point’s own place, and of none that has no register', async () => {
    // Midnight of 1 March at +08:00 and at +02:00: 6 hours apart.
    await load(
      `${HEADER}\nA,2026-03-01,100\nA,2026-04-01,410\nA,2026-05-01,710\nC,2026-03-01,100\nC,2026-03-31T22:00Z,6101.5\n`,
    );
    expect(await months()).toEqual([
      ['2026-03 310 0 744', '2026-04 300 0 720'],
      [],
      ['2026-03 6001.5 0 744', '2026-04 0 0 0'],
    ]);
  });

  it('do not look past the day they are asked for', async () => {
    await load(`${HEADER}\nA,2026-03-01,100\nA,2026-04-01,410\nA,2026-04-11,510\nA,2026-04-21,9000\n`);
    expect((await months({ from: day('2026-03-01'), to: day('2026-04-15') }))[0]).toEqual([
      '2026-03 310 0 744',
      '2026-04 100 0 240',
    ]);
  });

  it('leave whole days of intervals as they are', async () => {
    await load(`${HEADER}\nA,2026-03-01,1000\nA,2026-04-01,1310\n`);
    const id = await intake.idOf('A');
    const known = {
      firstDay: day('2026-03-05'),
      dailyKwh: new Float32Array(10).fill(20),
      minutesPresent: new Uint16Array(10).fill(1440),
    };
    const [march] = (await registerMonths(intake.client, [id], WINDOW, () => known)).get(id)!;
    expect(march).toMatchObject({ kwh: 310, allocatedKwh: 0, hoursPresent: 744, source: 'mixed' });
  });
});
