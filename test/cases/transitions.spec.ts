import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { lockCase, takeStep } from '../../src/cases/case-steps.js';
import { CASE_STATES, CASE_STEPS, stateAfter, TRANSITIONS } from '../../src/cases/domain/transitions.js';
import type { CaseState } from '../../src/cases/domain/transitions.js';
import { SeededRandom } from '../../src/cases/domain/seeded-random.js';
import type { Database } from '../../src/database/open-database.js';
import { inAuditedTransaction } from '../../src/audit/audited-transaction.js';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { addPoints, seedRegistry } from '../detection/synthetic-points.js';
import { testDatabase } from '../support/database.js';
import { scored } from './suspicions.js';

const ASOF = dayFromIso('2026-03-01')!;
const NOW = new Date('2026-03-02T00:00:00Z');
const BY = { actor: 'test', personId: null };
/** Printed by a failure: the same seed gives the same walk. */
const SEED = process.env.TEST_SEED ?? `${Math.trunc(Math.random() * 1e9)}`;

let db: Database;
let client: Client;
beforeAll(async () => {
  db = await testDatabase();
  client = await db.connect();
  await seedRegistry(client);
});
afterAll(async () => {
  await client.end();
  await db.close();
});

async function newCase(name: string): Promise<number> {
  const ids = await addPoints(client, [{ externalId: name }]);
  await scored(db, client, [{ meteringPointId: ids.get(name)!, asOf: ASOF }], NOW);
  const { rows } = await client.query<{ id: number }>('select max(id) as id from case_file');
  return rows[0].id;
}

const stateOf = async (id: number) =>
  (
    await client.query<{ state: CaseState; version: number }>(
      'select state, version from case_file where id = $1',
      [id],
    )
  ).rows[0];

describe('the transition table', () => {
  it('is the same in the database', async () => {
    const { rows } = await client.query(
      'select step, from_state as "from", to_state as "to" from case_transition order by 1, 2, 3',
    );
    const ours = TRANSITIONS.map(({ step, from, to }) => ({ step, from: from ?? 'none', to }));
    const key = (each: { step: string; from: string; to: string }) => `${each.step} ${each.from} ${each.to}`;
    expect(rows.map(key).sort()).toEqual(ours.map(key).sort());
  });

  it(`is what the database lets through, over a random walk (seed ${SEED})`, async () => {
    const random = new SeededRandom(SEED);
    const pick = <T>(list: readonly T[]): T => list[random.below(list.length)];
    let taken = 0;
    for (let walk = 0; walk < 6; walk++) {
      const id = await newCase(`W-${walk}`);
      for (let move = 0; move < 60; move++) {
        const { state, version } = await stateOf(id);
        const step = pick(CASE_STEPS);
        // Half of the moves lead where the table says, if anywhere; the others anywhere.
        const to = random.below(2) === 0 ? (stateAfter(state, step) ?? pick(CASE_STATES)) : pick(CASE_STATES);
        const mayBe = stateAfter(state, step) === to;
        const raw = moveRaw(id, { step, from: state, to, version });
        if (mayBe) await raw;
        else await expect(raw).rejects.toMatchObject({ code: expect.stringMatching(/^23/) });
        if (mayBe) taken++;
        expect(await stateOf(id)).toEqual(mayBe ? { state: to, version: version + 1 } : { state, version });
      }
    }
    expect(taken).toBeGreaterThan(20);
  });

  it(`is what takeStep goes by, over a random walk (seed ${SEED})`, async () => {
    const random = new SeededRandom(`steps ${SEED}`);
    const id = await newCase('T-1');
    for (let move = 0; move < 150; move++) {
      const { state, version } = await stateOf(id);
      const step = CASE_STEPS[random.below(CASE_STEPS.length)];
      const to = stateAfter(state, step);
      const work = inAuditedTransaction(client, async () =>
        takeStep(client, (await lockCase(client, id))!, step, { by: BY, now: NOW }),
      );
      if (to === null) await expect(work).rejects.toThrow('can’t take the step');
      else expect(await work).toMatchObject({ state: to, version: version + 1 });
    }
    const { rows } = await client.query<{ steps: number; last: string }>(
      `select count(*)::int as steps, max(to_state) filter (where version = (
         select version from case_file where id = $1)) as last from case_step where case_id = $1`,
      [id],
    );
    expect(rows[0]).toEqual({ steps: (await stateOf(id)).version, last: (await stateOf(id)).state });
  });
});

/** Writes a step past the code, as somebody at the database's console would. */
function moveRaw(
  id: number,
  { step, from, to, version }: { step: string; from: string; to: string; version: number },
): Promise<void> {
  return inAuditedTransaction(client, async () => {
    await client.query('update case_file set state = $2, version = $3 where id = $1', [id, to, version + 1]);
    await client.query(
      `insert into case_step (case_id, version, step, from_state, to_state, at, actor, old_value, new_value)
       values ($1, $2, $3, $4, $5, now(), 'console', '{}', '{}')`,
      [id, version + 1, step, from, to],
    );
  });
}

describe('the database refuses', () => {
  let id: number;
  beforeAll(async () => {
    id = await newCase('R-1');
  });

  it.each([
    ['a state without its step', `update case_file set state = 'confirmed' where id = $1`],
    [
      'a state and version without their step',
      `update case_file set state = 'dealt', version = 2 where id = $1`,
    ],
    ['a version without its step', 'update case_file set version = version + 1 where id = $1'],
    ['another history', `update case_step set actor = 'somebody' where case_id = $1`],
    ['a shorter history', 'delete from case_step where case_id = $1'],
    [
      'a step that begins where the last did not end',
      `insert into case_step (case_id, version, step, from_state, to_state, at, actor, old_value, new_value)
       values ($1, 2, 'taken_up', 'dealt', 'first_look', now(), 'x', '{}', '{}')`,
    ],
    [
      'a step after a gap',
      `insert into case_step (case_id, version, step, from_state, to_state, at, actor, old_value, new_value)
       values ($1, 3, 'dealt', 'new', 'dealt', now(), 'x', '{}', '{}')`,
    ],
  ])('%s', async (_, sql) => {
    await expect(client.query(sql, [id])).rejects.toMatchObject({ code: '23514' });
    expect(await stateOf(id)).toEqual({ state: 'new', version: 1 });
  });

  it('to forget all histories at once', async () => {
    await expect(client.query('truncate case_step')).rejects.toThrow('never changed');
  });

  it('a second open case of the same point', async () => {
    await expect(
      client.query(
        `insert into case_file (metering_point_id, utility_id, territory_code, kind, firing_kinds, state, version, score,
           opened_at, state_at, updated_at, words)
         select metering_point_id, utility_id, territory_code, kind, '{}', 'new', 1, 0.5, now(), now(), now(), ''
         from case_file where id = $1`,
        [id],
      ),
    ).rejects.toMatchObject({ constraint: 'case_file_open_key' });
  });
});
