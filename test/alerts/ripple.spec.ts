import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findAlert } from '../../src/alerts/alert-list.js';
import { scoringRound, type RoundParts } from '../../src/alerts/scoring-round.js';
import { projectRoot } from '../../src/config/project-root.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { firstFault } from '../audit/whole-log.js';
import { openIntake, type Intake } from '../uploads/intake.js';

const REGISTRY = [
  'metering_point,household,territory,transformer',
  'A,1,RU-IRK,T1',
  'B,2,RU-IRK,T1',
  'C,3,RU-IRK,T2',
].join('\n');
const NOW = new Date('2026-04-01T12:00:00Z');

let intake: Intake;
let parts: RoundParts;
beforeAll(async () => {
  intake = await openIntake(REGISTRY);
  const rulebook = loadRulebook(`${projectRoot}/rulebook/ru.json`);
  parts = {
    db: intake.database,
    rulebook,
    leader: { term: new AbortController().signal },
    score: scorePoints,
  };
});
afterAll(async () => {
  const fault = await firstFault(intake.database);
  await intake.close();
  expect(fault).toBeNull();
});

/** February and March of one point, hour by hour: `kwh` of the hour of the day. */
function months(id: string, kwh: (hour: number, day: number) => number): string[] {
  const rows: string[] = [];
  for (let at = Date.UTC(2026, 1, 1); at < Date.UTC(2026, 3, 1); at += 86_400_000) {
    const date = new Date(at).toISOString().slice(0, 10);
    const values = Array.from({ length: 24 }, (_, hour) => kwh(hour, at / 86_400_000).toFixed(3));
    rows.push(`${id},${date},${values.join(',')}`);
  }
  return rows;
}
const wide = (rows: readonly string[]) =>
  `metering_point,date,${Array.from({ length: 24 }, (_, h) => `h${String(h).padStart(2, '0')}`).join(',')}\n${rows.join('\n')}\n`;
/** 31 days of March come to about 5,970 kWh, below the limit of 6,000. */
const electricHome = (hour: number, day: number) => 8.023 + (((hour * 5 + day * 3) % 11) - 5) * 0.4;
/** Near enough to the limit for its months to be kept. */
const heated = (hour: number, day: number) => electricHome(hour + 5, day + 2) - 1;
const usual = (hour: number, day: number) => 0.3 + ((hour * 7 + day) % 9) / 10;
const correction = (kwh: number) => intake.load(`metering_point,start,kwh\nA,2026-03-10T18:00,${kwh}\n`);

const rows = async (sql: string, ...values: unknown[]) => (await intake.client.query(sql, values)).rows;
const judgement = async () =>
  (
    await rows(
      `select metered_kwh as kwh, exceeded from quota_judgement q join metering_point p on p.id = q.metering_point_id
       where p.external_id = 'A' and month = '2026-03-01'`,
    )
  )[0];
const quotaAlerts = () =>
  rows(`select a.id, a.state from alert a join metering_point p on p.id = a.metering_point_id
        where p.external_id = 'A' and a.kind = 'quota_exceeded' order by a.id`);
/** Row versions of everything that is derived of the other transformer's point, and of this point's other month. */
const untouched = () =>
  rows(
    `select 'score' as what, p.external_id, s.xmin::text as version from score s join metering_point p on p.id = s.metering_point_id where p.external_id = 'C'
     union all
     select 'month ' || q.month, p.external_id, q.xmin::text from quota_judgement q join metering_point p on p.id = q.metering_point_id
     where p.external_id <> 'A' or q.month <> '2026-03-01' order by 1, 2`,
  );

describe('a corrected reading', () => {
  it('reaches the alert and, taken back, takes it back: one month of one point, and nothing else', async () => {
    await intake.load(wide([...months('A', electricHome), ...months('B', usual), ...months('C', heated)]));
    await scoringRound(parts, NOW);
    expect(await judgement()).toMatchObject({ exceeded: false });
    expect(await quotaAlerts()).toEqual([]);
    const before = await untouched();
    expect(before.length).toBe(4);

    const high = await correction(80);
    expect(high.counts.stored).toEqual({ created: 0, changed: 1, unchanged: 0 });
    await scoringRound(parts, NOW);
    const exceeded = await judgement();
    expect(exceeded.exceeded).toBe(true);
    const [alert] = await quotaAlerts();
    expect(alert).toMatchObject({ state: 'firing' });
    const told = { upload: high.id, from: '2026-03-10', to: '2026-03-10' };
    const opened = (await findAlert(intake.database.dataSource, alert.id, null))!;
    expect(opened.events.map(({ to_state, corrections }) => [to_state, corrections])).toEqual([
      ['pending', [told]],
      ['firing', [told]],
    ]);
    expect(opened.events[0].sentence.en).toBe(
      `The readings gave grounds for suspicion. Corrections: upload ${high.id} (2026-03-10).`,
    );

    const low = await correction(9);
    await scoringRound(parts, NOW);
    expect((await judgement()).kwh).toBeCloseTo(exceeded.kwh - 71, 3);
    const resolved = (await findAlert(intake.database.dataSource, alert.id, null))!;
    expect(resolved.state).toBe('resolved');
    expect(resolved.events.at(-1)).toMatchObject({
      reason: 'corrected',
      corrections: [{ upload: low.id }],
      sentence: { ru: expect.stringContaining(`Исправления: загрузка ${low.id} (2026-03-10).`) },
    });

    await correction(80.5);
    await scoringRound(parts, NOW);
    expect((await quotaAlerts()).map(({ state }) => state)).toEqual(['resolved', 'firing']);
    expect(await untouched()).toEqual(before);
  });
});
