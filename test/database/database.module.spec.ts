import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { DATABASE, DatabaseModule } from '../../src/database/database.module.js';
import { DatabaseMetrics } from '../../src/database/database.metrics.js';
import { LeaderLock } from '../../src/database/leader-lock.js';
import { migrateCommand } from '../../src/database/migrate.command.js';
import type { Database } from '../../src/database/open-database.js';
import { dropDatabase, emptyDatabaseUrl, testDatabase } from '../support/database.js';
import { eventually } from '../support/process.js';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.close());

test('the module hands out the database, leads while the application runs, and counts its connections', async () => {
  const module = await Test.createTestingModule({ imports: [DatabaseModule.over(database)] }).compile();
  await module.init();
  expect(module.get(DATABASE)).toBe(database);
  expect(module.get(DataSource)).toBe(database.dataSource);
  await eventually(() => module.get(LeaderLock).isLeader);
  const metrics = module.get(DatabaseMetrics);
  expect((await metrics.leader.get()).values).toEqual([{ labels: {}, value: 1 }]);
  const runner = database.dataSource.createQueryRunner();
  await runner.connect();
  expect(await poolStates(metrics)).toEqual({ busy: 1, idle: 0, waiting: 0 });
  await runner.release();
  expect(await poolStates(metrics)).toEqual({ busy: 0, idle: 1, waiting: 0 });
  await module.close();
  expect((await metrics.leader.get()).values).toEqual([{ labels: {}, value: 0 }]);
});

test('gridwarden migrate prints what it applied, and then that nothing is left', async () => {
  const url = await emptyDatabaseUrl();
  const names = migrations.map((migration) => migration.name);
  try {
    expect(await outputOfMigrate(url, '--json')).toBe(`${JSON.stringify({ applied: names })}\n`);
    expect(await outputOfMigrate(url)).toBe('the schema is up to date\n');
  } finally {
    await dropDatabase(url);
  }
});

async function poolStates(metrics: DatabaseMetrics): Promise<Record<string, number>> {
  const { values } = await metrics.poolConnections.get();
  return Object.fromEntries(values.map(({ labels, value }) => [labels.state, value]));
}

async function outputOfMigrate(url: string, ...args: string[]): Promise<string> {
  const stdout = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  process.env.DATABASE_URL = url;
  try {
    await migrateCommand().parseAsync(args, { from: 'user' });
    return stdout.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    delete process.env.DATABASE_URL;
    stdout.mockRestore();
  }
}
