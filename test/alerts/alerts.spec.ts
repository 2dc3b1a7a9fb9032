import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Client } from 'pg';
import { printAlerts } from '../../src/alerts/alert-output.js';
import { ANY_ALERT } from '../../src/alerts/alert-list.js';
import { ALERT_STATES, TRANSITIONS } from '../../src/alerts/domain/lifecycle.js';
import { scoringRound, type RoundParts } from '../../src/alerts/scoring-round.js';
import { updateAlerts } from '../../src/alerts/update-alerts.js';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import {
  addPoints,
  home,
  seedRegistry,
  storeLoads,
  withRigs,
  type Load,
} from '../detection/synthetic-points.js';
import { testDatabase } from '../support/database.js';

const day = (iso: string) => dayFromIso(iso)!;
const ONSET = day('2026-08-01');

describe('rounds of scoring and alerts', () => {
  let db: Database;
  let client: Client;
  let homes: Map<number, Load>;
  let rig: number;
  let parts: RoundParts;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    await seedRegistry(client);
    const ids = await addPoints(client, [
      ...Array.from({ length: 12 }, (_, n) => ({ externalId: `home-${n}` })),
      { externalId: '=rig' },
    ]);
    homes = new Map([...ids.values()].map((id, index) => [id, home(index)]));
    rig = ids.get('=rig')!;
    homes.set(rig, withRigs(home(20), { kw: 6.6, onset: ONSET, end: day('2026-09-16') }));
    const rulebook = loadRulebook(`${projectRoot}/rulebook/ru.json`);
    parts = { db, rulebook, leader: { term: new AbortController().signal }, score: scorePoints };
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  /** Readings of `[from, to)` come in, and the next round runs. */
  async function readingsAndRound(from: string, to: string) {
    const now = new Date(`${to}T12:00:00Z`);
    await storeLoads(client, homes, { from: day(from), to: day(to), now });
    return scoringRound(parts, now);
  }

  const alerts = async () =>
    (
      await client.query(
        `select id, metering_point_id as point, kind, state, fired_at, resolved_at from alert order by id`,
      )
    ).rows;
  const events = async () =>
    (await client.query(`select from_state, to_state, reason, actor, run_id from alert_event order by id`))
      .rows;

  it('raises nothing while every home is a home', async () => {
    const result = await readingsAndRound('2026-05-01', '2026-08-01');
    expect(result).toMatchObject({ did: 'scored', alerts: { opened: 0, fired: 0, resolved: 0 } });
  });

  it('fires for the rig once it has held for a week, with who, when and why', async () => {
    await readingsAndRound('2026-08-01', '2026-09-16');
    expect(await alerts()).toMatchObject([
      {
        point: rig,
        kind: 'mining_suspected',
        state: 'firing',
        fired_at: expect.any(Date),
        resolved_at: null,
      },
    ]);
    expect(await events()).toMatchObject([
      {
        from_state: null,
        to_state: 'pending',
        reason: 'suspected',
        actor: 'scoring',
        run_id: expect.any(Number),
      },
      { from_state: 'pending', to_state: 'firing', reason: 'held', actor: 'scoring' },
    ]);
  });

  it('does nothing again: no readings, no round; the same scores, no change', async () => {
    const none = { opened: 0, fired: 0, resolved: 0 };
    const result = await scoringRound(parts, new Date('2026-09-16T13:00:00Z'));
    expect(result).toEqual({ did: 'nothing', because: 'up_to_date', alerts: none });
    expect(await updateAlerts(db, 99, new Date())).toEqual(none);
    expect(await alerts()).toHaveLength(1);
    expect(await events()).toHaveLength(2);
  });

  it('keeps the reasons that raised it, whatever a look back says', async () => {
    const reasons = async () => (await client.query('select evidence, findings from alert')).rows;
    const raised = await reasons();
    expect(raised[0].evidence).toContainEqual(expect.objectContaining({ detector: 'step-up' }));
    const back = await scorePoints(db, {
      rulebook: parts.rulebook,
      now: new Date(),
      asOf: day('2026-08-01'),
    });
    await updateAlerts(db, back!.runId, new Date());
    expect(await reasons()).toEqual(raised);
    // Scored once more for the same day, by another threshold: nothing is suspected now, and its reasons are others.
    await client.query(
      `update score s set kind = 'none', case_worthy = false, as_of = a.last_seen_as_of, evidence = '[]', findings = '[]'
       from alert a where a.metering_point_id = s.metering_point_id`,
    );
    await updateAlerts(db, back!.runId, new Date());
    expect(await reasons()).toEqual(raised);
    // The next scoring of everything undoes the look back in the scores too.
    await client.query('update score set digest = 0');
    await scorePoints(db, { rulebook: parts.rulebook, now: new Date('2026-09-16T12:00:00Z') });
  });

  it('keeps it for a week after the rig has gone quiet, then resolves it', async () => {
    await readingsAndRound('2026-09-16', '2026-09-21');
    expect(await alerts()).toMatchObject([{ state: 'firing' }]);
    const result = await readingsAndRound('2026-09-21', '2026-10-06');
    expect(result).toMatchObject({ alerts: { resolved: 1 } });
    expect(await alerts()).toMatchObject([{ state: 'resolved', resolved_at: expect.any(Date) }]);
    expect((await events()).at(-1)).toMatchObject({
      from_state: 'firing',
      to_state: 'resolved',
      reason: 'no_longer_supported',
    });
  });

  it('only the leader works, and of two rounds at once one does', async () => {
    const follower = { ...parts, leader: { term: null } };
    const now = new Date('2026-10-07T12:00:00Z');
    await storeLoads(client, homes, { from: day('2026-10-06'), to: day('2026-10-07'), now });
    expect(await scoringRound(follower, now)).toEqual({ did: 'nothing', because: 'not_leader' });
    const before = (await client.query('select from scoring_run')).rowCount!;
    const results = await Promise.all([scoringRound(parts, now), scoringRound(parts, now)]);
    expect(results.map((result) => (result.did === 'scored' ? 'scored' : result.because)).sort()).toEqual([
      'busy',
      'scored',
    ]);
    expect((await client.query('select from scoring_run')).rowCount).toBe(before + 1);
  });

  it('a round that loses the lead stops, and leaves its marks to the next', async () => {
    const now = new Date('2026-10-08T12:00:00Z');
    await storeLoads(client, homes, { from: day('2026-10-07'), to: day('2026-10-08'), now });
    const lead = new AbortController();
    lead.abort();
    const result = await scoringRound({ ...parts, leader: { term: lead.signal } }, now);
    expect(result).toEqual({ did: 'nothing', because: 'not_leader' });
    expect((await client.query('select from scoring_mark')).rowCount).toBe(13);
  });

  it('every change stands in the audit log, in its order', async () => {
    const { rows: recorded } = await client.query(
      `select subject, kind, body::jsonb ->> 'from' as before, body::jsonb ->> 'reason' as reason
       from audit_entry where kind like 'alert.%' order by seq`,
    );
    const { rows: changes } = await client.query(
      `select 'alert:' || alert_id as subject, 'alert.' || to_state as kind, from_state as before, reason
       from alert_event order by id`,
    );
    expect(changes.length).toBeGreaterThan(2);
    expect(recorded).toEqual(changes);
  });

  it('prints csv whose cells no spreadsheet runs', async () => {
    const output = new PassThrough();
    const printed = text(output);
    await printAlerts(db.dataSource, { ...ANY_ALERT, state: 'resolved' }, 'csv', output);
    output.end();
    const [head, row] = (await printed).split('\n');
    expect(head).toBe(
      'id,utility,metering_point,household,territory,kind,state,score,since,opened_at,fired_at,resolved_at,reasons_ru,reasons_en',
    );
    expect(row).toMatch(
      /^1,test,'=rig,,RU-DA,mining_suspected,resolved,0\.\d+,2026-0[78]-\d\d,2026-09-16T12:00:00.000Z,/,
    );
  });

  it.each(ALERT_STATES.flatMap((from) => ALERT_STATES.map((to) => [from, to] as const)))(
    'table and trigger agree on %s → %s',
    async (from, to) => {
      await client.query('begin');
      try {
        const { rows } = await client.query(
          `insert into alert (metering_point_id, kind, state, score, opened_at, last_seen_as_of)
           values ($1, 'quota_forecast', $2, 0.5, now(), '2026-01-01') returning id`,
          [rig, from],
        );
        const change = client.query('update alert set state = $2 where id = $1', [rows[0].id, to]);
        const allowed = await change.then(
          () => true,
          () => false,
        );
        expect(allowed).toBe(from === to || TRANSITIONS[from].includes(to));
      } finally {
        await client.query('rollback');
      }
    },
  );
});
