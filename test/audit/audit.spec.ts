import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { appendAudit, latestTree } from '../../src/audit/append-audit.js';
import { writeBundle } from '../../src/audit/bundle.js';
import { signLatest } from '../../src/audit/checkpoints.js';
import { checkpointText, cosignedAt } from '../../src/audit/domain/checkpoint.js';
import { GrowingTree } from '../../src/audit/domain/merkle.js';
import { proveEntry } from '../../src/audit/entry-proof.js';
import { openLogKey, publicLogKey } from '../../src/audit/key-files.js';
import { databaseSource } from '../../src/audit/log-source.js';
import { postCheckpoint } from '../../src/audit/post-checkpoint.js';
import { inSnapshot } from '../../src/audit/read-log.js';
import { verifyBundle } from '../../src/audit/verify-log.js';
import { witnessLog, type WitnessRequest } from '../../src/audit/witness.js';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { inTransaction } from '../../src/database/transaction.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { recordRulebook } from '../../src/rulebook/rulebook-record.js';
import { superuserOf, testDatabase } from '../support/database.js';
import { append, decisions, RULEBOOK_FILE, sampleLog, type SampleLog } from './sample-log.js';
import { firstFault } from './whole-log.js';

const NOW = new Date('2026-03-01T00:00:00Z');

describe('appending', () => {
  let database: Database;
  let client: Client;
  beforeEach(async () => {
    database = await testDatabase();
    client = await database.connect();
  });
  afterEach(async () => {
    await client.end();
    await database.close();
  });

  it('gives the tree of all entries, in parts and over several statements', async () => {
    for (const count of [1, 14, 2, 300, 5_001, 16]) await append(client, decisions(0, count));
    const { rows } = await client.query<{ seq: number; leaf_hash: Buffer }>(
      'select seq, leaf_hash from audit_entry order by seq',
    );
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 5_334 }, (_, at) => at));
    const tree = new GrowingTree();
    for (const row of rows) tree.add(row.leaf_hash);
    expect(await latestTree(client)).toEqual({ size: 5_334, root: tree.root() });
    expect(await firstFault(database)).toBeNull();
  });

  it('stands and falls with what it records', async () => {
    await append(client, decisions(0, 3));
    await expect(
      inTransaction(client, async () => {
        await appendAudit(client, decisions(3, 20));
        throw new Error('the decision was not stored');
      }),
    ).rejects.toThrow('not stored');
    expect((await latestTree(client)).size).toBe(3);
    expect(await firstFault(database)).toBeNull();
  });

  it('outside a transaction is refused', async () => {
    await expect(appendAudit(client, decisions(0, 1))).rejects.toThrow('inside a transaction');
  });

  it('refuses a body that could not be read again', async () => {
    const [entry] = decisions(0, 1);
    const wrong = { ...entry, body: { score: NaN } };
    await expect(append(client, [entry, wrong])).rejects.toThrow('no canonical JSON');
    expect((await latestTree(client)).size).toBe(0);
  });

  it('by many at once leaves no gap and locks nobody out, whatever rows each has locked before', async () => {
    await client.query('create table counter (id integer primary key, value integer not null)');
    await client.query('insert into counter select n, 0 from generate_series(1, 5) n');
    const clients = await Promise.all(Array.from({ length: 8 }, () => database.connect()));
    await Promise.all(
      clients.map(async (each, worker) => {
        for (let turn = 0; turn < 25; turn++) {
          await inTransaction(each, async () => {
            const id = 1 + ((worker + turn) % 5);
            await each.query('update counter set value = value + 1 where id = $1', [id]);
            await appendAudit(each, decisions(turn, 1 + (turn % 3)));
          });
        }
      }),
    );
    await Promise.all(clients.map((each) => each.end()));
    const { rows } = await client.query<{ sum: number }>('select sum(value)::int as sum from counter');
    expect(rows[0].sum).toBe(200);
    expect((await latestTree(client)).size).toBe(8 * (9 * 1 + 8 * 2 + 8 * 3));
    expect(await firstFault(database)).toBeNull();
  });

  it.each([
    `update audit_entry set body = '{}'`,
    'delete from audit_entry',
    'truncate audit_entry',
    'delete from audit_subtree',
    `update audit_checkpoint set note = ''`,
    'delete from load_profile_seal',
    'delete from row_seal',
  ])('cannot be undone: %s', async (statement) => {
    await append(client, decisions(0, 17));
    const { key } = await openLogKey(await mkdtemp(path.join(tmpdir(), 'gridwarden-key-')), null);
    await signLatest(client, key, NOW);
    await client.query(
      `insert into load_profile_seal (upload_id, batch, day, channel, rows, marks) values (1, 1, now(), 0, 0, '')`,
    );
    await client.query(`insert into row_seal (source, rows, marks) values ('events', 0, '')`);
    await expect(client.query(statement)).rejects.toThrow('never changed or removed');
  });

  it('with a gap, or a number twice, is refused by the database', async () => {
    await append(client, decisions(0, 2));
    const again = (seq: number) =>
      client.query(
        `insert into audit_entry select $1, at, actor_kind, actor_id, organisation, kind, subject, body, leaf_hash
         from audit_entry where seq = 0`,
        [seq],
      );
    await expect(again(3)).rejects.toThrow('leave a gap');
    await expect(again(1)).rejects.toThrow('audit_entry_pkey');
    await again(2);
  });

  it('records a rulebook once, and again when it changes', async () => {
    const rulebook = loadRulebook(RULEBOOK_FILE);
    await recordRulebook(database, rulebook);
    await recordRulebook(database, rulebook);
    expect((await latestTree(client)).size).toBe(1);
    await recordRulebook(database, { ...rulebook, version: 'another' });
    expect((await latestTree(client)).size).toBe(2);
  });
});

/** Another database that is given the rows of this one as a dump gives them: table by table, with no trigger running. */
async function restore(client: Client): Promise<{ database: Database; superuser: Client }> {
  const database = await testDatabase();
  const superuser = await superuserOf(database);
  await superuser.query(`set session_replication_role = 'replica'`);
  const { rows } = await client.query<{ month: string }>(
    `select distinct date_trunc('month', day)::date as month from load_profile`,
  );
  for (const { month } of rows) await superuser.query('select load_profile_make_partition($1)', [month]);
  const record = ['audit_entry', 'audit_subtree', 'audit_checkpoint', 'load_profile_seal', 'row_seal'];
  const registry = ['territory', 'utility', 'metering_point', 'upload'];
  const readings = ['register_reading', 'register_reading_history', 'meter_event'];
  for (const table of [...record, ...registry, ...readings, 'load_profile', 'load_profile_history'])
    await pipeline(
      client.query(copyTo(`copy (select * from ${table}) to stdout`)),
      superuser.query(copyFrom(`copy ${table} from stdin`)),
    );
  return { database, superuser };
}

describe('a log over uploads', () => {
  let log: SampleLog;
  beforeAll(async () => {
    log = await sampleLog(3, 20);
  }, 120_000);
  afterAll(() => log.close());

  it('records each upload, what was stored of it, and its receipt', async () => {
    const { rows } = await log.intake.client.query<{ kind: string; sha: string; organisation: string }>(
      `select kind, coalesce(body::jsonb ->> 'sha256', '') as sha, organisation from audit_entry
       where subject = 'upload:2' order by seq`,
    );
    const [upload] = (await log.intake.client.query('select sha256 from upload where id = 2')).rows;
    expect(rows).toEqual([
      { kind: 'upload.received', sha: upload.sha256, organisation: 'test' },
      { kind: 'readings.stored', sha: '', organisation: 'test' },
      { kind: 'upload.loaded', sha: upload.sha256, organisation: 'test' },
    ]);
  });

  it('is whole, and so is what was restored from a dump of it, unless a row was lost on the way', async () => {
    expect(await firstFault(log.intake.database)).toBeNull();
    const restored = await restore(log.intake.client);
    try {
      expect(await firstFault(restored.database)).toBeNull();
      await restored.superuser.query(
        `delete from load_profile where day = '2026-02-10' and metering_point_id = 2`,
      );
      expect(await firstFault(restored.database)).toMatchObject({
        kind: 'missing',
        reading: { day: '2026-02-10', meteringPointId: 2 },
      });
    } finally {
      await restored.superuser.end();
      await restored.database.close();
    }
  });

  it('is verified from a file, against what the witness saw', async () => {
    const { client } = log.intake;
    const file = path.join(log.folder, 'log.txt');
    const { entries } = await inSnapshot(client, () => writeBundle(client, file));
    const options = { seen: log.seen, logKey: log.logKey.verifier };
    expect(await verifyBundle(file, options)).toMatchObject({ fault: null, size: entries });

    const lines = (await readFile(file, 'utf8')).split('\n');
    const line = lines.findIndex((text) => text.includes('"case:7"'));
    const seq = Number(/"seq":(\d+)/.exec(lines[line])![1]);
    const tampered = async (changed: readonly string[]) => {
      await writeFile(file, changed.join('\n'));
      return (await verifyBundle(file, options)).fault;
    };
    const edited = lines.with(line, lines[line].replace('0.25', '0.75'));
    expect(await tampered(edited)).toMatchObject({ kind: 'altered', first: seq });
    expect(await tampered(lines.toSpliced(line, 1))).toMatchObject({ kind: 'missing', first: seq });
    expect(await tampered(lines.toSpliced(line))).toMatchObject({ kind: 'missing', first: seq });
    await expect(tampered(['hello'])).rejects.toThrow('no exported audit log');
  });

  describe('an entry’s proof', () => {
    const script = path.join(projectRoot, 'scripts/verify-inclusion.mjs');
    const check = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

    it('convinces whoever has the script and the key; a changed one does not', async () => {
      const { client } = log.intake;
      const file = path.join(log.folder, 'proof.json');
      const key = log.logKey.verifier.text;
      const { size } = log.seen.at(-1)!;
      for (const seq of [0, 1, 17, size - 1]) {
        const proof = await inSnapshot(client, () => proveEntry(client, seq));
        await writeFile(file, JSON.stringify(proof));
        const { status, stdout } = check(file, key);
        expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining(proof.entry) });
        const wrong = { ...proof, entry: proof.entry.replace('"kind"', '"kinb"') };
        await writeFile(file, JSON.stringify(wrong));
        expect(check(file, key).status).toBe(1);
      }
      const proof = await inSnapshot(client, () => proveEntry(client, 3));
      await writeFile(file, JSON.stringify({ ...proof, seq: 4 }));
      expect(check(file).stdout).toContain('another number');
      await writeFile(file, JSON.stringify(proof));
      expect(check(file, log.witnessKey.text).status).toBe(1);
      expect(check().status).toBe(2);
    });

    it('is refused where nothing is signed yet, and of what was never written', async () => {
      const { client } = log.intake;
      const { size } = await latestTree(client);
      await expect(proveEntry(client, size - 1)).rejects.toThrow('No checkpoint covers');
      await expect(proveEntry(client, size)).rejects.toThrow('has no entry');
    });
  });
});

describe('signing and witnessing', () => {
  let database: Database;
  let client: Client;
  let superuser: Client;
  let folder: string;
  beforeEach(async () => {
    database = await testDatabase();
    client = await database.connect();
    superuser = await superuserOf(database);
    await superuser.query(`set session_replication_role = 'replica'`);
    folder = await mkdtemp(path.join(tmpdir(), 'gridwarden-sign-'));
  });
  afterEach(async () => {
    await Promise.all([client.end(), superuser.end()]);
    await database.close();
    await rm(folder, { recursive: true });
  });

  const request = async (): Promise<WitnessRequest> => ({
    stateFile: path.join(folder, 'witness.txt'),
    name: 'tax.example/witness',
    logKey: (await publicLogKey(folder))!,
    now: NOW,
  });
  const witness = async () => witnessLog(databaseSource(client), await request());
  const sign = async () => signLatest(client, (await openLogKey(folder, 'a.example/log')).key, NOW);

  it('signs the same tree once, and each longer one', async () => {
    const empty = await sign();
    expect(empty.size).toBe(0);
    await append(client, decisions(0, 20));
    const first = await sign();
    expect(checkpointText(await sign())).toBe(checkpointText(first));
    await append(client, decisions(20, 5));
    expect((await sign()).size).toBe(25);
    const { rows } = await client.query('select size from audit_checkpoint order by size');
    expect(rows.map(({ size }) => size)).toEqual([0, 20, 25]);
  });

  it('does not sign a log that was cut or rewritten since', async () => {
    await append(client, decisions(0, 20));
    await sign();
    await superuser.query('delete from audit_entry where seq >= 18');
    await expect(sign()).rejects.toThrow('does not continue its checkpoint of 20 entries');
  });

  it('does not sign with another key', async () => {
    await append(client, decisions(0, 2));
    await sign();
    await rm(path.join(folder, 'audit'), { recursive: true });
    await expect(sign()).rejects.toThrow('signed by another key');
  });

  it('does not use a key that others may read', async () => {
    await sign();
    await chmod(path.join(folder, 'audit', 'log.key'), 0o644);
    await expect(sign()).rejects.toThrow('mode 0600');
  });

  it('the witness cosigns what has only grown', async () => {
    await append(client, decisions(0, 10));
    await expect(sign().then(witness)).resolves.toMatchObject({ isNew: true });
    await append(client, decisions(10, 90));
    await sign();
    const { checkpoint, witness: key, isNew } = await witness();
    expect({ size: checkpoint.size, isNew }).toEqual({ size: 100, isNew: true });
    expect(cosignedAt(checkpoint, key)).toEqual(NOW);
    expect((await witness()).isNew).toBe(false);
  });

  it.each([
    ['cut', 'The log was cut: it had 30 entries and its checkpoint has 12.', 12],
    ['rewritten', 'The log was rewritten: it does not continue what this witness saw at 30 entries.', 40],
  ])('the witness names a log that was %s, though it is signed', async (_, sentence, size) => {
    await append(client, decisions(0, 30));
    await sign();
    await witness();
    for (const table of ['audit_checkpoint', 'audit_subtree', 'audit_entry'])
      await superuser.query(`delete from ${table}`);
    await append(client, decisions(1, size));
    await sign();
    await expect(witness()).rejects.toThrow(sentence);
  });

  it('the witness does not take the word of another key, nor of a state file that was touched', async () => {
    await append(client, decisions(0, 3));
    await sign();
    const { key: other } = await openLogKey(path.join(folder, 'other'), 'a.example/log');
    const wrong = { ...(await request()), logKey: other.verifier };
    await expect(witnessLog(databaseSource(client), wrong)).rejects.toThrow('not signed by a.example/log');
    await witness();
    const { stateFile } = await request();
    await writeFile(stateFile, (await readFile(stateFile, 'utf8')).replace('\n3\n', '\n4\n'));
    await expect(witness()).rejects.toThrow('does not end with a checkpoint that this witness has cosigned');
  });

  it('a checkpoint is handed to a webhook as it is; a refusal is an error that hides the address', async () => {
    const bodies: string[] = [];
    let status = 204;
    const server = createServer((incoming, response) => {
      incoming.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
      incoming.on('end', () => response.writeHead(status).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`;
      const checkpoint = await sign();
      await postCheckpoint(url, checkpoint);
      expect(bodies.join('')).toBe(checkpointText(checkpoint));
      status = 500;
      await expect(postCheckpoint(url, checkpoint)).rejects.toThrow(/^((?!secret).)*status 500/);
    } finally {
      server.close();
    }
  });
});
