import { PointDays, type TableValue } from '../../../src/uploads/formats/tables/point-days.js';

const MINUTE_STEPS = 1440;

/** Written out: a million of them are made. */
function valueOf(point: string, minutes: number, wh = 1): TableValue {
  return {
    point,
    channel: 'import',
    section: 0,
    register: '',
    minutes,
    isInstant: true,
    wh,
    quality: 0,
    line: 1,
  };
}

it('hands days on while a long table is read, and never the one that is being written to', () => {
  const days = new PointDays(5, false, null, 1_000_000);
  let refused = 0;
  let wh = 0;
  const taken = (isEnd: boolean) => {
    for (const block of days.take(isEnd)) for (const value of block.wh) if (!Number.isNaN(value)) wh += value;
  };
  const count = 1_300_000;
  for (let n = 0; n < count; n++) {
    const minutes = Math.floor(n / 288) * MINUTE_STEPS + (n % 288) * 5;
    if (!days.add(valueOf('M1', minutes))) refused++;
    // In the middle of a day, as a piece of a file ends anywhere.
    if (n % 100_100 === 100_000) taken(false);
  }
  taken(true);
  expect([refused, wh]).toEqual([0, count]);
});

/** Adds a reading an hour of every point, hour by hour; says what was refused and what came out. */
function byTime(
  days: PointDays,
  points: number,
  hours: number,
): { refused: number; blocks: number; wh: number } {
  const told = { refused: 0, blocks: 0, wh: 0 };
  const taken = (isEnd: boolean) => {
    for (const block of days.take(isEnd)) {
      told.blocks++;
      for (const value of block.wh) told.wh += value;
    }
  };
  for (let hour = 0; hour < hours; hour++)
    for (let n = 0; n < points; n++) {
      if (!days.add(valueOf(`POINT-${n}`, hour * 60))) told.refused++;
      if (n % 997 === 0) taken(false);
    }
  taken(true);
  return told;
}

it('holds the days of all points of a table in time order, and hands on those that are over', () => {
  // Two days and a half fit, of five.
  const days = new PointDays(60, false, null, 5_000 * 24 * 2.5);
  expect(byTime(days, 5_000, 5 * 24)).toEqual({ refused: 0, blocks: 5_000 * 5, wh: 5_000 * 5 * 24 });
});

it('refuses what belongs to a day that it could not hold', () => {
  const { refused } = byTime(new PointDays(60, false, null, 5_000 * 12), 5_000, 24);
  expect(refused).toBeGreaterThan(5_000);
});

it('keeps values above what four bytes hold exactly', () => {
  const days = new PointDays(1440, false);
  days.add(valueOf('T1', 0, 4_294_967_295));
  days.add(valueOf('T1', 1440, 16_777_217.25));
  expect([...days.take(true)].map(({ wh }) => wh[0])).toEqual([4_294_967_295, 16_777_217.25]);
});
