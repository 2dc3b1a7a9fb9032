import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import type { FaultKind } from '../../src/audit/domain/chain-check.js';
import { checkpointText, signCheckpoint } from '../../src/audit/domain/checkpoint.js';
import { MARK_BYTES, sealRoot } from '../../src/audit/domain/day-seal.js';
import { recordHash, recordText, type Actor } from '../../src/audit/domain/entry.js';
import type { SealedKind } from '../../src/audit/domain/row-seal.js';
import { GrowingTree, type Subtree } from '../../src/audit/domain/merkle.js';
import { RULEBOOK_FILE, type SampleLog } from './sample-log.js';

/** What must be named. */
export type Expected =
  | { readonly entry: number; readonly kinds: readonly FaultKind[] }
  | { readonly reading: { readonly uploadId: number; readonly day: string } }
  | { readonly row: { readonly of: SealedKind; readonly meteringPointId: number | null } }
  | { readonly rule: string; readonly file: string };

export interface Tampering {
  readonly name: string;
  /** Changes the database as its superuser, with every trigger off, or gives another rulebook file. */
  readonly apply: (client: Client, log: SampleLog, random: Random) => Promise<Expected>;
}

/** A whole number from 0 to below `below`. */
export type Random = (below: number) => number;

/** Mulberry32: small, seeded, good enough to choose with. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const [REGISTERS, REGISTERS_BEFORE] = ['register_reading', 'register_reading_history'];
const [EVENTS, REGISTRY] = ['meter_event', 'metering_point'];

/** A statement on the row that `row` is the condition of. */
type RowStatement = (row: string, table: string) => string;
const DELETE: RowStatement = (row, table) => `delete from ${table} where ${row}`;
const change =
  (set: string): RowStatement =>
  (row, table) =>
    `update ${table} set ${set} where ${row}`;

export const TAMPERINGS: readonly Tampering[] = [
  { name: 'an entry’s content is edited', apply: (...all) => edit(...all, false) },
  { name: 'an entry is edited with its hash', apply: editWithHash },
  { name: 'an entry is edited and the whole chain rewritten', apply: (...all) => edit(...all, true) },
  { name: 'an entry is deleted', apply: (...all) => remove(...all, { renumber: false, rewrite: false }) },
  {
    name: 'an entry is deleted, the rest moved up',
    apply: (...all) => remove(...all, { renumber: true, rewrite: false }),
  },
  {
    name: 'an entry is deleted and the whole chain rewritten',
    apply: (...all) => remove(...all, { renumber: true, rewrite: true }),
  },
  { name: 'an entry is inserted', apply: (...all) => insert(...all, false) },
  { name: 'an entry is inserted and the whole chain rewritten', apply: (...all) => insert(...all, true) },
  { name: 'two entries are exchanged', apply: (...all) => reorder(...all, false) },
  {
    name: 'two entries are exchanged and the whole chain rewritten',
    apply: (...all) => reorder(...all, true),
  },
  { name: 'the end is cut off', apply: (...all) => truncate(...all, false) },
  { name: 'the end is cut off, with hashes and checkpoints', apply: (...all) => truncate(...all, true) },
  { name: 'a decision is back-dated', apply: (...all) => backDate(...all, false) },
  {
    name: 'a decision is back-dated and the whole chain rewritten',
    apply: (...all) => backDate(...all, true),
  },
  { name: 'a rule’s date is changed in the record', apply: (...all) => changeRule(...all, false) },
  {
    name: 'a rule’s date is changed in the record and the whole chain rewritten',
    apply: (...all) => changeRule(...all, true),
  },
  { name: 'a rule’s date is changed in the rulebook file', apply: changeRulebookFile },
  { name: 'a reading is lowered', apply: (...all) => changeReading(...all, LOWER) },
  { name: 'a day’s sum is lowered', apply: (...all) => changeReading(...all, 'total_wh = total_wh - 1000') },
  {
    name: 'a reading is marked as estimated',
    apply: (...all) => changeReading(...all, `quality = set_byte(decode(repeat('00', 24), 'hex'), 3, 1)`),
  },
  {
    name: 'a day is said to come from another upload',
    apply: (...all) => changeReading(...all, 'upload_id = 1'),
  },
  { name: 'a superseded reading is changed', apply: (...all) => changeReading(...all, LOWER, HISTORY) },
  { name: 'a day of readings is removed', apply: (...all) => removeReading(...all, CURRENT) },
  { name: 'a superseded day is removed', apply: (...all) => removeReading(...all, HISTORY) },
  { name: 'a day of readings is put in', apply: insertReading },
  { name: 'a reading is changed with its digest', apply: (...all) => changeSealed(...all, false) },
  {
    name: 'a reading is changed with its digest and the whole chain rewritten',
    apply: (...all) => changeSealed(...all, true),
  },
  { name: 'a day’s digests are removed', apply: removeSeal },
  { name: 'a register reading is lowered', apply: onRow('registers', REGISTERS, change('kwh = kwh - 1')) },
  {
    name: 'a register reading is marked as estimated',
    apply: onRow('registers', REGISTERS, change('quality = 1')),
  },
  {
    name: 'a register reading is moved to another day',
    apply: onRow('registers', REGISTERS, change(`taken_at = taken_at + interval '3 days'`)),
  },
  { name: 'a register reading is removed', apply: onRow('registers', REGISTERS, DELETE) },
  { name: 'a superseded register reading is removed', apply: onRow('registers', REGISTERS_BEFORE, DELETE) },
  {
    name: 'a superseded register reading is changed',
    apply: onRow('registers', REGISTERS_BEFORE, change('kwh = kwh + 1')),
  },
  { name: 'a superseded register reading is put back in force', apply: exchangeRegisters },
  {
    name: 'a register reading is put in',
    apply: onRow(
      'registers',
      REGISTERS,
      (
        row,
      ) => `insert into register_reading select metering_point_id, meter_serial, 'T4', taken_at, kwh, ct_ratio, quality,
        upload_id from register_reading where ${row}`,
    ),
  },
  { name: 'a meter event is removed', apply: onRow('events', EVENTS, DELETE) },
  { name: 'a meter event is called another', apply: onRow('events', EVENTS, change(`kind = 'power_off'`)) },
  {
    name: 'a meter event is put in',
    apply: onRow(
      'events',
      EVENTS,
      (
        row,
      ) => `insert into meter_event select metering_point_id, at + interval '1 day', journal, code, kind, upload_id
        from meter_event where ${row}`,
    ),
  },
  {
    name: 'a load is declared in the registry',
    apply: onRow('registry', REGISTRY, change('declared_load_kw = 20')),
  },
  {
    name: 'a household is said to heat with electricity',
    apply: onRow('registry', REGISTRY, change('electric_heating = true')),
  },
  { name: 'a registry row is removed', apply: onRow('registry', REGISTRY, DELETE) },
  {
    name: 'a registry row is put in',
    apply: async (client) => {
      const { rows } = await client.query<{ id: number }>(
        `insert into metering_point (utility_id, kind, external_id, territory_code, registry_upload_id)
         select utility_id, kind, 'another', territory_code, 1 from metering_point limit 1 returning id`,
      );
      return { row: { of: 'registry', meteringPointId: rows[0].id } };
    },
  },
  {
    name: 'a row’s digests are removed',
    apply: async (client) => {
      await client.query(`delete from row_seal where source = 'events'`);
      return { row: { of: 'events', meteringPointId: null } };
    },
  },
];

const CURRENT = 'load_profile';
const HISTORY = 'load_profile_history';
const LOWER = 'energy = set_byte(energy, 20, (get_byte(energy, 20) + 1) % 256), total_wh = total_wh + 1';

/** An entry that the witness has seen. */
function witnessed({ seen }: SampleLog, random: Random): number {
  return random(seen.at(-1)!.size);
}

const EDITS = [
  `body = replace(body, '}', ',"z":1}')`,
  `actor_id = actor_id || '1'`,
  `organisation = coalesce(organisation || 'x', 'x')`,
  `actor_kind = case actor_kind when 'person' then 'system' else 'person' end`,
  `kind = kind || '.x'`,
  `subject = subject || '0'`,
  `at = at + interval '1 microsecond'`,
];

async function edit(client: Client, log: SampleLog, random: Random, rewrite: boolean): Promise<Expected> {
  const entry = witnessed(log, random);
  await client.query(`update audit_entry set ${EDITS[random(EDITS.length)]} where seq = $1`, [entry]);
  if (!rewrite) return { entry, kinds: ['altered'] };
  await rewriteChain(client, log);
  return { entry, kinds: ['rewritten', 'back-dated'] };
}

async function editWithHash(client: Client, log: SampleLog, random: Random): Promise<Expected> {
  const entry = witnessed(log, random);
  await client.query(`update audit_entry set ${EDITS[random(EDITS.length)]} where seq = $1`, [entry]);
  await rehash(client, entry);
  return { entry, kinds: ['rewritten', 'back-dated'] };
}

async function remove(
  client: Client,
  log: SampleLog,
  random: Random,
  { renumber, rewrite }: { readonly renumber: boolean; readonly rewrite: boolean },
): Promise<Expected> {
  const entry = witnessed(log, random);
  await client.query('delete from audit_entry where seq = $1', [entry]);
  if (renumber) await shift(client, entry, -1);
  if (rewrite) await rewriteChain(client, log);
  return { entry, kinds: rewrite ? ['rewritten'] : ['missing'] };
}

async function insert(client: Client, log: SampleLog, random: Random, rewrite: boolean): Promise<Expected> {
  const entry = witnessed(log, random);
  await shift(client, entry, 1);
  const source = entry === 0 ? 1 : entry - 1;
  await client.query(
    `insert into audit_entry (seq, at, actor_kind, actor_id, organisation, kind, subject, body, leaf_hash)
     select $1, at, 'person', '4', null, 'case.decided', 'case:1', '{"decision":"dismissed"}', leaf_hash
     from audit_entry where seq = $2`,
    [entry, source],
  );
  await rehash(client, entry);
  if (rewrite) await rewriteChain(client, log);
  return { entry, kinds: rewrite ? ['rewritten'] : ['inserted', 'rewritten'] };
}

async function reorder(client: Client, log: SampleLog, random: Random, rewrite: boolean): Promise<Expected> {
  const { size } = log.seen.at(-1)!;
  const entry = random(size - 1);
  const other = entry + 1 + random(size - entry - 1);
  const away = 1_000_000;
  await client.query('update audit_entry set seq = $2 where seq = $1', [entry, away]);
  await client.query('update audit_entry set seq = $2 where seq = $1', [other, entry]);
  await client.query('update audit_entry set seq = $2 where seq = $1', [away, other]);
  if (rewrite) await rewriteChain(client, log);
  return { entry, kinds: rewrite ? ['rewritten', 'back-dated'] : ['reordered'] };
}

async function truncate(
  client: Client,
  log: SampleLog,
  random: Random,
  everything: boolean,
): Promise<Expected> {
  const entry = witnessed(log, random);
  await client.query('delete from audit_entry where seq >= $1', [entry]);
  if (everything) await rewriteChain(client, log);
  return { entry, kinds: ['missing'] };
}

async function backDate(client: Client, log: SampleLog, random: Random, rewrite: boolean): Promise<Expected> {
  const { rows } = await client.query<{ seq: number }>(
    `select seq from audit_entry where kind = 'case.decided' and seq < $1 order by seq`,
    [log.seen.at(-1)!.size],
  );
  const entry = rows[random(rows.length)].seq;
  await client.query(`update audit_entry set at = at - interval '3 days' where seq = $1`, [entry]);
  if (!rewrite) return { entry, kinds: ['altered'] };
  await rewriteChain(client, log);
  return { entry, kinds: ['back-dated'] };
}

async function changeRule(
  client: Client,
  log: SampleLog,
  random: Random,
  rewrite: boolean,
): Promise<Expected> {
  const { rows } = await client.query<{ seq: number; body: string }>(
    `select seq, body from audit_entry where kind = 'rulebook.in_force'`,
  );
  const [{ seq: entry, body }] = rows;
  const dates = [...body.matchAll(/"from":"(\d{4})/g)];
  const { index, 1: year } = dates[random(dates.length)];
  const at = index + '"from":"'.length;
  const changed = body.slice(0, at) + String(Number(year) - 1) + body.slice(at + 4);
  await client.query('update audit_entry set body = $2 where seq = $1', [entry, changed]);
  if (!rewrite) return { entry, kinds: ['altered'] };
  await rewriteChain(client, log);
  return { entry, kinds: ['rewritten'] };
}

async function changeRulebookFile(_: Client, __: SampleLog, random: Random): Promise<Expected> {
  const document = JSON.parse(readFileSync(RULEBOOK_FILE, 'utf8')) as {
    rules: { id: string; period: { from: string; to: string | null } | null }[];
  };
  const dated = document.rules.filter(({ period }) => period !== null);
  const rule = dated[random(dated.length)];
  rule.period!.from = rule.period!.from.replace(/^\d{4}/, (year) => String(Number(year) - 1));
  return { rule: rule.id, file: JSON.stringify(document) };
}

interface FoundRow {
  readonly metering_point_id: number;
  readonly day: string;
  readonly upload_id: number;
  readonly revision: number;
}

async function someRow(client: Client, random: Random, table: string): Promise<FoundRow> {
  const { rows } = await client.query<FoundRow>(
    `select metering_point_id, day, upload_id, revision from ${table}
     where upload_id > 1 order by metering_point_id, day, revision`,
  );
  return rows[random(rows.length)];
}

const THIS_ROW = 'where metering_point_id = $1 and day = $2 and revision = $3';

async function changeReading(
  client: Client,
  _: SampleLog,
  random: Random,
  change: string,
  table = CURRENT,
): Promise<Expected> {
  const row = await someRow(client, random, table);
  await client.query(`update ${table} set ${change} ${THIS_ROW}`, [
    row.metering_point_id,
    row.day,
    row.revision,
  ]);
  return { reading: { uploadId: row.upload_id, day: row.day } };
}

async function removeReading(client: Client, _: SampleLog, random: Random, table: string): Promise<Expected> {
  const row = await someRow(client, random, table);
  await client.query(`delete from ${table} ${THIS_ROW}`, [row.metering_point_id, row.day, row.revision]);
  return { reading: { uploadId: row.upload_id, day: row.day } };
}

async function insertReading(client: Client, _: SampleLog, random: Random): Promise<Expected> {
  const row = await someRow(client, random, CURRENT);
  await client.query(
    `insert into load_profile (total_wh, metering_point_id, day, upload_id, revision, channel, interval_minutes,
       intervals, scale, energy, quality)
     select total_wh, 1000 + metering_point_id, day, upload_id, revision, channel, interval_minutes, intervals, scale,
       energy, quality from load_profile ${THIS_ROW}`,
    [row.metering_point_id, row.day, row.revision],
  );
  return { reading: { uploadId: row.upload_id, day: row.day } };
}

/** The readings, and the digests beside them; and, if asked for, what the log says of these. */
async function changeSealed(
  client: Client,
  log: SampleLog,
  random: Random,
  rewrite: boolean,
): Promise<Expected> {
  const row = await someRow(client, random, CURRENT);
  const key = [row.metering_point_id, row.day, row.revision];
  await client.query(`update load_profile set ${LOWER} ${THIS_ROW}`, key);
  const { rows } = await client.query<{ id: number; batch: number; marks: Buffer }>(
    'select id, batch, marks from load_profile_seal where upload_id = $1 and day = $2',
    [row.upload_id, row.day],
  );
  const { rows: changed } = await client.query<{ mark: Buffer }>(
    `select load_profile_mark(metering_point_id, day, channel, revision, upload_id, interval_minutes, intervals, scale,
       total_wh, energy, quality) as mark from load_profile ${THIS_ROW}`,
    key,
  );
  const [{ id, marks }] = rows;
  const before = sealRoot(marks);
  for (let at = 0; at < marks.length; at += MARK_BYTES) {
    if (marks.readInt32BE(at) === row.metering_point_id) changed[0].mark.copy(marks, at);
  }
  await client.query('update load_profile_seal set marks = $2 where id = $1', [id, marks]);
  if (!rewrite) return { reading: { uploadId: row.upload_id, day: row.day } };
  const { rows: entries } = await client.query<{ seq: number }>(
    `update audit_entry set body = replace(body, $1, $2) where body like '%' || $1 || '%' returning seq`,
    [before, sealRoot(marks)],
  );
  await rewriteChain(client, log);
  return { entry: entries[0].seq, kinds: ['rewritten'] };
}

async function removeSeal(client: Client, _: SampleLog, random: Random): Promise<Expected> {
  const { rows } = await client.query<{ id: number; upload_id: number; day: string }>(
    'select id, upload_id, day from load_profile_seal order by id',
  );
  const seal = rows[random(rows.length)];
  await client.query('delete from load_profile_seal where id = $1', [seal.id]);
  return { reading: { uploadId: seal.upload_id, day: seal.day } };
}

function onRow(of: SealedKind, table: string, statement: RowStatement): Tampering['apply'] {
  return async (client, _, random) => {
    const point = of === 'registry' ? 'id' : 'metering_point_id';
    const { rows } = await client.query<{ place: string; point: number }>(
      `select ctid::text as place, ${point} as point from ${table} order by 1`,
    );
    const row = rows[random(rows.length)];
    await client.query(statement(`ctid = '${row.place}'`, table));
    return { row: { of, meteringPointId: row.point } };
  };
}

/** Both readings are there as they were stored, but the older one counts again. */
async function exchangeRegisters(client: Client, _: SampleLog, random: Random): Promise<Expected> {
  const { rows } = await client.query<{ id: number }>(
    `select distinct metering_point_id as id from ${REGISTERS_BEFORE} order by 1`,
  );
  const { id } = rows[random(rows.length)];
  const columns = 'metering_point_id, meter_serial, tariff_zone, taken_at, kwh, ct_ratio, quality, upload_id';
  await client.query(`create temporary table former on commit drop as select ${columns} from ${REGISTERS_BEFORE}
    where metering_point_id = ${id}`);
  await client.query(`delete from ${REGISTERS_BEFORE} where metering_point_id = ${id}`);
  await client.query(`insert into ${REGISTERS_BEFORE} select ${columns}, now(), 99 from ${REGISTERS} r
    where metering_point_id = ${id}`);
  await client.query(`delete from ${REGISTERS} where metering_point_id = ${id}`);
  await client.query(`insert into ${REGISTERS} (${columns}) select ${columns} from former`);
  return { row: { of: 'registers', meteringPointId: id } };
}

/** Moves all entries from `from` on by one number, away and back so that no two meet. */
async function shift(client: Client, from: number, by: number): Promise<void> {
  const away = 1_000_000;
  await client.query('update audit_entry set seq = seq + $2 where seq >= $1', [from, away]);
  await client.query('update audit_entry set seq = seq + $2 where seq >= $1', [away, by - away]);
}

interface StoredEntry {
  readonly seq: number;
  readonly at: Date;
  readonly actor_kind: Actor['kind'];
  readonly actor_id: string;
  readonly organisation: string | null;
  readonly kind: string;
  readonly subject: string;
  readonly body: string;
}

function hashOf(row: StoredEntry): Buffer {
  const actor = { kind: row.actor_kind, id: row.actor_id, organisation: row.organisation };
  return recordHash(recordText({ ...row, at: row.at.toISOString(), actor }));
}

async function rehash(client: Client, entry: number): Promise<void> {
  // Beyond milliseconds nothing is rewritten: the hash of what a Date holds would not be the stored one's.
  await client.query(
    `update audit_entry set at = date_trunc('milliseconds', at) + case
    when at > date_trunc('milliseconds', at) then interval '1 millisecond' else interval '0' end where seq = $1`,
    [entry],
  );
  const { rows } = await client.query<StoredEntry>('select * from audit_entry where seq = $1', [entry]);
  await client.query('update audit_entry set leaf_hash = $2 where seq = $1', [entry, hashOf(rows[0])]);
}

/** All hashes, subtrees and checkpoints anew, signed with the log's own key: what a superuser with the key can do. */
async function rewriteChain(client: Client, { logKey }: SampleLog): Promise<void> {
  await client.query(`update audit_entry set at = date_trunc('milliseconds', at) + interval '1 millisecond'
    where at > date_trunc('milliseconds', at)`);
  const { rows } = await client.query<StoredEntry>('select * from audit_entry order by seq');
  const tree = new GrowingTree();
  const kept: (Subtree & { readonly hash: Buffer })[] = [];
  const leaves = rows.map((row) => {
    const leaf = hashOf(row);
    tree.add(leaf, (subtree, hash) => kept.push({ ...subtree, hash }));
    return leaf;
  });
  await client.query(
    `update audit_entry e set leaf_hash = n.leaf from unnest($1::bigint[], $2::bytea[]) as n (seq, leaf)
     where n.seq = e.seq`,
    [rows.map(({ seq }) => seq), leaves],
  );
  await client.query('delete from audit_subtree');
  await client.query(
    'insert into audit_subtree select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])',
    [kept.map(({ level }) => level), kept.map(({ index }) => index), kept.map(({ hash }) => hash)],
  );
  const checkpoint = signCheckpoint({ size: tree.size, root: tree.root() }, logKey);
  await client.query('delete from audit_checkpoint');
  await client.query('insert into audit_checkpoint values ($1, now(), $2)', [
    checkpoint.size,
    checkpointText(checkpoint),
  ]);
}
