import { PointDays } from '../../../src/uploads/formats/tables/point-days.js';

const MINUTE_STEPS = 1440;

it('hands days on while a long table is read, and never the one that is being written to', () => {
  const days = new PointDays(5, false);
  let refused = 0;
  let wh = 0;
  const taken = (isEnd: boolean) => {
    for (const block of days.take(isEnd)) for (const value of block.wh) if (!Number.isNaN(value)) wh += value;
  };
  const count = 1_300_000;
  for (let n = 0; n < count; n++) {
    const minutes = Math.floor(n / 288) * MINUTE_STEPS + (n % 288) * 5;
    const value = { point: 'M1', channel: 'import', section: 0, register: '', minutes } as const;
    if (!days.add({ ...value, isInstant: true, wh: 1, quality: 0, line: n })) refused++;
    // In the middle of a day, as a piece of a file ends anywhere.
    if (n % 100_100 === 100_000) taken(false);
  }
  taken(true);
  expect([refused, wh]).toEqual([0, count]);
});
