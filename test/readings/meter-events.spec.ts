import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { meterEvents } from '../../src/readings/meter-event.repository.js';
import { openIntake, type Intake } from '../uploads/intake.js';

const REGISTRY = ['metering_point,household,territory', 'A,1,RU-IRK', 'B,2,RU-IRK'].join('\n');
const day = (iso: string) => dayFromIso(iso)!;

let intake: Intake;
beforeEach(async () => {
  intake = await openIntake(REGISTRY);
});
afterEach(() => intake.close());

const load = (lines: readonly string[]) =>
  intake.load(['metering_point,at,journal,code', ...lines].join('\n'), { kind: 'events' });

it('stores events by journal and code and hands them to detection, in the place’s own time', async () => {
  const receipt = await load([
    'A,2026-03-02T03:04:05,4,1',
    'A,2026-03-01T20:10+00:00,0.0.99.98.4.255,2',
    'A,2026-03-02T03:04:05,2,1',
    'A,01.03.2026 00:00:00,3,68',
    'B,2026-03-02T03:04:05,1,31',
    'A,2026-03-02T03:04:05,4,1',
  ]);
  expect(receipt).toMatchObject({
    status: 'loaded',
    counts: { accepted: 6, rejected: 0, duplicates: { equal: 1, different: 0 }, stored: { created: 5 } },
  });
  const [a, b] = [await intake.idOf('A'), await intake.idOf('B')];
  const events = await meterEvents(intake.client, [a, b], { from: day('2026-03-02'), to: day('2026-03-03') });
  const midnight = day('2026-03-02') * 1440;
  expect(events.get(a)).toEqual([
    { atMinutes: midnight + 184 + 5 / 60, journal: 2, code: 1, kind: 'power_off', edge: 'moment' },
    { atMinutes: midnight + 184 + 5 / 60, journal: 4, code: 1, kind: 'magnetic_field', edge: 'start' },
    { atMinutes: midnight + 250, journal: 4, code: 2, kind: 'magnetic_field', edge: 'end' },
  ]);
  expect(events.get(b)).toMatchObject([{ kind: 'current_without_voltage', edge: 'start' }]);
  const { rows } = await intake.client.query('select distinct kind from meter_event order by 1');
  expect(rows.map(({ kind }) => kind)).toEqual([
    'clock_changed',
    'current_without_voltage',
    'magnetic_field',
    'magnetic_field_end',
    'power_off',
  ]);
});

it('counts rows that are no events, holds unknown points, and marks for scoring only what is new', async () => {
  const first = await load([
    'A,2026-03-02T03:04:05,9,1',
    'A,2026-03-02T03:04:05,x,1',
    'A,2026-03-02T03:04:05,4,0',
    'A,2026-03-02T03:04:05,4,40000',
    'A,2026-03-02T25:04:05,4,1',
    'A,2098-03-02T03:04:05,4,1',
    'A,2026-03-02T03:04:05,4,77',
    'NEW,2026-03-02T03:04:05,4,3',
  ]);
  expect(first.counts).toMatchObject({
    accepted: 1,
    held: 1,
    rejected_by_reason: { bad_value: 4, bad_time: 1, in_future: 1 },
  });
  await intake.client.query('delete from scoring_mark');
  const again = await load(['A,2026-03-02T03:04:05,4,77', '']);
  expect(again.counts.stored).toEqual({ created: 0, changed: 0, unchanged: 1 });
  expect((await intake.client.query('select from scoring_mark')).rowCount).toBe(0);
  await intake.load(`${REGISTRY}\nNEW,3,RU-IRK`, { kind: 'registry' });
  const id = await intake.idOf('NEW');
  const marks = await intake.client.query(
    'select metering_point_id as id, first_day::text, last_day::text from scoring_mark',
  );
  expect(marks.rows).toEqual([{ id, first_day: '2026-03-02', last_day: '2026-03-02' }]);
  const events = await meterEvents(intake.client, [id], { from: day('2026-03-01'), to: day('2026-04-01') });
  expect(events.get(id)).toMatchObject([{ kind: 'terminal_cover_opened', edge: 'moment' }]);
});
