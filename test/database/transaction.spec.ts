import type { Client } from 'pg';
import type { Database } from '../../src/database/open-database.js';
import { inTransaction } from '../../src/database/transaction.js';
import { testDatabase } from '../support/database.js';

describe('inTransaction', () => {
  let db: Database;
  let client: Client;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    await client.query('create temporary table kept (n integer)');
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  const waits = async (): Promise<string> => {
    const { rows } = await client.query<{ synchronous_commit: string }>('show synchronous_commit');
    return rows[0].synchronous_commit;
  };

  it('does not wait for the disk where it need not, in that transaction alone', async () => {
    expect(await inTransaction(client, waits, { waitsForDisk: false })).toBe('off');
    expect(await waits()).toBe('on');
    expect(await inTransaction(client, waits)).toBe('on');
  });

  it.each([true, false])('undoes what failed, and throws it (waitsForDisk: %s)', async (waitsForDisk) => {
    const work = async () => {
      await client.query('insert into kept values (1)');
      throw new RangeError('no');
    };
    await expect(inTransaction(client, work, { waitsForDisk })).rejects.toThrow(RangeError);
    expect((await client.query('select from kept')).rowCount).toBe(0);
    expect(await waits()).toBe('on');
  });
});
