import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connect } from '../../src/database/connection.js';
import { LeaderLock } from '../../src/database/leader-lock.js';
import type { Database } from '../../src/database/open-database.js';
import { testDatabase } from '../support/database.js';
import { eventually, TestProcess } from '../support/process.js';

const QUICK = { pollMs: 20, answerMs: 500 };

let database: Database;
let locks: LeaderLock[];

beforeEach(async () => {
  database = await testDatabase();
  locks = Array.from({ length: 3 }, () => new LeaderLock(database.connect, QUICK));
});

afterEach(async () => {
  await Promise.all(locks.map((lock) => lock.stop()));
  await database.close();
});

test('one of three leads, and when it stops another takes over', async () => {
  locks.forEach((lock) => lock.start());
  await eventually(() => leaders().length === 1);
  const [first] = leaders();
  const term = first.term!;
  await first.stop();
  expect(first.isLeader).toBe(false);
  expect(term.aborted).toBe(true);
  await eventually(() => leaders().length === 1);
  expect(leaders()[0]).not.toBe(first);
});

test('a leader whose connection breaks stops leading at once, and one leads again', async () => {
  locks.forEach((lock) => lock.start());
  await eventually(() => leaders().length === 1);
  const term = leaders()[0].term!;
  await database.dataSource.query(
    `select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database
     where l.locktype = 'advisory' and l.granted and d.datname = current_database()`,
  );
  await eventually(() => term.aborted);
  await eventually(() => leaders().length === 1);
});

test('a leader that hears nothing gives up', async () => {
  let silent = false;
  const [lock] = (locks = [
    new LeaderLock(async () => {
      const client = await connect(database.url);
      const query = client.query.bind(client) as (sql: string) => Promise<unknown>;
      client.query = ((sql: string) => (silent ? new Promise(() => {}) : query(sql))) as typeof client.query;
      return client;
    }, QUICK),
  ]);
  lock.start();
  await eventually(() => lock.isLeader);
  silent = true;
  await eventually(() => !lock.isLeader, 2_000);
  silent = false;
  await eventually(() => lock.isLeader);
});

test('when the process of the leader is killed, exactly one of the other two takes over', async () => {
  const candidates = [1, 2, 3].map(() => TestProcess.start('database/leader-candidate.ts', [database.url]));
  try {
    const answers = await Promise.all(candidates.map((each) => each.answer<{ leads: boolean }>()));
    const news = candidates.map((each, i) =>
      answers[i].leads ? Promise.resolve(i) : each.answer().then(() => i),
    );
    const leader = await Promise.race(news);
    await candidates[leader].end('SIGKILL');
    const next = await Promise.race(news.filter((_, i) => i !== leader));
    expect(next).not.toBe(leader);
    const held = await database.dataSource.query(
      `select count(*) as n from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`,
    );
    expect(held).toEqual([{ n: 1 }]);
  } finally {
    await Promise.all(candidates.map((each) => each.end('SIGKILL')));
  }
});

function leaders(): LeaderLock[] {
  return locks.filter((lock) => lock.isLeader);
}
