import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { addPerson } from '../../src/access/person.repository.js';
import { ChangeKinds } from '../../src/approvals/change-kinds.js';
import { findProposal, giveOpinion, propose, type Decider } from '../../src/approvals/proposals.js';
import { inAuditedTransaction } from '../../src/audit/audited-transaction.js';
import { registryEdit } from '../../src/grid/point-changes.js';
import { eraseHousehold, householdErasure } from '../../src/uploads/erase-household.js';
import { applyRetention } from '../../src/uploads/retention.js';
import { Spool } from '../../src/uploads/spool.js';
import { firstFault } from '../audit/whole-log.js';
import { openIntake, type Intake } from './intake.js';

const REGISTRY =
  'metering_point,household,territory,consumer_name\nA,1,RU-IRK,Иванова\nA2,1,RU-IRK,Иванова\nB,2,RU-IRK,Петров\n';
const NOW = new Date('2026-11-21T12:00:00Z');
const ASKED = { utility: 'test', actor: 'command-line', now: NOW, days: 14 };

let intake: Intake;
beforeEach(async () => {
  intake = await openIntake(REGISTRY);
});
afterEach(() => intake.close());

const readings = (ids: readonly string[], days: readonly string[], kwh = 0.5) =>
  intake.load(
    `metering_point,start,kwh\n${ids.flatMap((id) => days.map((day) => `${id},${day}T00:00,${kwh}`)).join('\n')}\n`,
  );
const count = async (table: string, where = 'true') =>
  (await intake.client.query<{ n: number }>(`select count(*)::int as n from ${table} where ${where}`)).rows[0]
    .n;
const spool = () => new Spool(join(intake.folder, 'spool'));
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

it('drops months of readings and received files that are older than is kept, on record, and nothing while off', async () => {
  const old = await readings(['A', 'B'], ['2024-09-05', '2025-10-31', '2026-11-01']);
  await readings(['A'], ['2024-09-05'], 0.7);
  const off = { readingsKeptMonths: null, rawFilesKeptDays: null };
  expect(await applyRetention(intake.client, spool(), off, NOW)).toEqual({ months: [], files: 0 });
  expect(await applyRetention(intake.client, spool(), { ...off, readingsKeptMonths: 13 }, NOW)).toEqual({
    months: ['2024-09-01'],
    files: 0,
  });
  expect([await count('load_profile'), await count('load_profile_history')]).toEqual([4, 0]);
  // Verifying knows why they are gone, and still notices what is gone for no reason.
  expect(await firstFault(intake.database)).toBeNull();
  const path = spool().path(old.sha256);
  const later = new Date(Date.now() + 10 * 86_400_000);
  const rules = { ...off, rawFilesKeptDays: 30 };
  expect((await applyRetention(intake.client, spool(), rules, later)).files).toBe(0);
  expect(await exists(path)).toBe(true);
  expect((await applyRetention(intake.client, spool(), { ...rules, rawFilesKeptDays: 9 }, later)).files).toBe(
    3,
  );
  expect(await exists(path)).toBe(false);
  expect(await count('audit_entry', `kind in ('readings.dropped', 'upload.file_dropped')`)).toBe(4);
  await intake.client.query(`delete from load_profile where day = '2025-10-31'`);
  expect(await firstFault(intake.database)).toMatchObject({ kind: 'missing' });
});

it('stores a month again that was dropped, and keeps a file that somebody waits for', async () => {
  await readings(['A'], ['2024-09-05']);
  await applyRetention(intake.client, spool(), { readingsKeptMonths: 13, rawFilesKeptDays: null }, NOW);
  const again = await readings(['A', 'later'], ['2024-09-05', '2024-09-06']);
  expect(again.counts).toMatchObject({ stored: { created: 2 }, held: 2 });
  expect(await firstFault(intake.database)).toBeNull();
  const later = new Date(Date.now() + 100 * 86_400_000);
  await applyRetention(intake.client, spool(), { readingsKeptMonths: null, rawFilesKeptDays: 9 }, later);
  expect(await exists(spool().path(again.sha256))).toBe(true);
});

it('erases a household with all its points, on record, and nobody else', async () => {
  await readings(['A', 'A2', 'B'], ['2026-03-01', '2026-03-02']);
  await readings(['A'], ['2026-03-01'], 0.9);
  const registers = 'metering_point,taken_at,register_kwh\nA,2026-03-01,100\nB,2026-03-01,200\n';
  await intake.load(registers, { kind: 'registers' });
  await intake.load('metering_point,at,journal,code\nA,2026-03-02T03:04:05,4,1\n', { kind: 'events' });
  const asked = { ...ASKED, household: '1', reason: 'request 17' };
  const { proposal, meteringPointIds } = await eraseHousehold(intake.client, asked);
  expect([proposal, meteringPointIds.length]).toEqual([null, 2]);
  expect([
    await count('load_profile'),
    await count('household_identity'),
    await count('metering_point', 'household is null'),
  ]).toEqual([2, 1, 2]);
  const { rows: entries } = await intake.client.query(
    `select body from audit_entry where kind = 'household.erased'`,
  );
  expect(entries).toHaveLength(1);
  expect(JSON.stringify(entries[0].body)).not.toContain('Иванова');
  expect(JSON.parse(entries[0].body)).toMatchObject({
    reason: 'request 17',
    rows: {
      household_identity: 2,
      load_profile: 4,
      load_profile_history: 1,
      register_reading: 1,
      meter_event: 1,
    },
  });
  expect(await count('register_reading')).toBe(1);
  expect(await firstFault(intake.database)).toBeNull();
  await expect(eraseHousehold(intake.client, { ...ASKED, household: '1', reason: 'again' })).rejects.toThrow(
    'There is no household "1" of test',
  );
  expect(await count('audit_entry', `kind = 'change.made_alone'`)).toBe(1);
  // What nobody asked to be erased is missed.
  await intake.client.query('delete from register_reading');
  expect(await firstFault(intake.database)).toMatchObject({ kind: 'missing', row: { of: 'registers' } });
});

it('erases and edits what two agreed to, and the log still verifies', async () => {
  await readings(['A', 'A2', 'B'], ['2026-03-01', '2026-03-02']);
  const people = [await supervisor('north'), await supervisor('south')];
  const { proposal } = await eraseHousehold(intake.client, {
    ...ASKED,
    household: '1',
    reason: 'request 18',
  });
  expect(await count('load_profile')).toBe(6);
  expect(await agree(proposal!, people[0])).toBe('open');
  await expect(agree(proposal!, people[0])).rejects.toThrow('nobody agrees to their own');
  expect(await count('load_profile')).toBe(6);
  expect(await agree(proposal!, people[1])).toBe('applied');
  expect([await count('load_profile'), await count('household_identity')]).toEqual([2, 1]);
  const meteringPoint = await intake.idOf('B');
  const asked = { metering_point: meteringPoint, set: { household: null, declared_load_kw: 7 } };
  const [by] = people;
  const edit = await inAuditedTransaction(intake.client, async () =>
    propose(
      intake.client,
      await registryEdit.prepare(intake.client, asked, { ...by, utilityId: null }, NOW),
      {
        ...{ kind: registryEdit.kind, by, reason: 'moved away', now: NOW, days: 14 },
      },
    ),
  );
  await expect(agree(edit, people[0])).rejects.toThrow('nobody agrees to their own');
  expect(await agree(edit, people[1])).toBe('applied');
  expect(await count('metering_point', 'declared_load_kw = 7 and household is null')).toBe(1);
  expect(await firstFault(intake.database)).toBeNull();
});

async function supervisor(organisation: string): Promise<Decider> {
  const personId = await addPerson(intake.database.dataSource, {
    ...{ login: organisation, name: organisation, role: 'supervisor', utilityId: null },
    ...{ organisation, createdBy: 'test', now: NOW },
  });
  return { personId, organisation, actor: `person ${personId}` };
}

async function agree(id: number, person: Decider): Promise<string> {
  const kinds = new ChangeKinds().add(householdErasure).add(registryEdit);
  const { changeSha256 } = (await findProposal(intake.client, id))!;
  const opinion = { agrees: true, words: '', changeSha256 };
  return inAuditedTransaction(intake.client, () =>
    giveOpinion(intake.client, (name) => kinds.get(name), id, { person, opinion, now: NOW }),
  );
}

it('does not erase while an alert is open', async () => {
  await readings(['B'], ['2026-03-01']);
  await intake.client.query(
    `insert into alert (metering_point_id, kind, state, score, opened_at, last_seen_as_of) values ($1, 'mining_suspected', 'firing', 0.9, now(), '2026-03-02')`,
    [await intake.idOf('B')],
  );
  await expect(eraseHousehold(intake.client, { ...ASKED, household: '2', reason: 'x' })).rejects.toThrow(
    /An alert of metering point \d+ is open/,
  );
  expect(await count('load_profile')).toBe(1);
});
