import type { Client } from 'pg';
import { copyIn, copyOut } from '../../src/database/copy-binary.js';
import type { Database } from '../../src/database/open-database.js';
import { testDatabase } from '../support/database.js';

const copy = (query: string) => `copy (${query}) to stdout (format binary)`;

describe('COPY in binary', () => {
  let db: Database;
  let client: Client;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  it('walks every row of many network packets, values and nulls', async () => {
    let rows = 0;
    let sum = 0;
    let nulls = 0;
    const query = `select g, case when g % 3 = 0 then null else repeat('ж', g % 50) end,
      (g::bigint << 40), g / 4.0::float8, date '1969-12-31' + g, g % 2 = 0 from generate_series(1, 50000) g`;
    await copyOut(client, copy(query), 6, (row) => {
      const value = row.int4(0);
      rows++;
      sum += value;
      if (row.isNull(1)) nulls++;
      else expect(row.text(1)).toHaveLength(value % 50);
      if (row.int8(2) !== value * 2 ** 40 || row.float8(3) !== value / 4 || row.date(4) !== value - 1) {
        throw new Error(`row ${value}`);
      }
    });
    expect([rows, sum, nulls]).toEqual([50_000, 1_250_025_000, 16_666]);
    await copyOut(client, copy('select 1 where false'), 1, () => rows++);
    expect(rows).toBe(50_000);
  });

  it('brings back what was written', async () => {
    await client.query(
      'create temp table written (id integer, day date, size bigint, bytes bytea, said jsonb)',
    );
    let next = 0;
    await copyIn(client, 'copy written from stdin (format binary)', (encoder) => {
      encoder.row(5);
      encoder.int4(next);
      encoder.date(20_000 + next);
      encoder.int8(next * 2 ** 33);
      encoder.bytes(Uint8Array.of(next & 255, 255));
      encoder.jsonb({ next });
      return ++next < 30_000;
    });
    let at = 0;
    const query = 'select id, day, size, bytes, said::text from written order by id';
    await copyOut(client, copy(query), 5, (row) => {
      if (row.int4(0) !== at || row.date(1) !== 20_000 + at || row.int8(2) !== at * 2 ** 33)
        throw new Error(`row ${at}`);
      if (row.bytes(3)[0] !== (at & 255) || row.text(4) !== `{"next": ${at}}`) throw new Error(`row ${at}`);
      at++;
    });
    expect(at).toBe(30_000);
  });

  it.each([
    ['before the first row', 'select 1 / 0', 'division by zero'],
    ['among the rows', 'select 100 / (50000 - g) from generate_series(1, 60000) g', 'division by zero'],
    ['in the query', 'select nothing', 'column "nothing" does not exist'],
  ])("rejects with the server's error %s, and the connection goes on", async (_, query, message) => {
    await expect(copyOut(client, copy(query), 1, () => {})).rejects.toThrow(message);
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it("rejects with the callback's error, and the connection goes on", async () => {
    const query = copy('select generate_series(1, 100000)');
    const walked = copyOut(client, query, 1, (row) => {
      if (row.int4(0) === 7) throw new Error('mine');
    });
    await expect(walked).rejects.toThrow('mine');
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('rejects when the server ends the session', async () => {
    const doomed = await db.connect();
    const { rows } = await doomed.query<{ pid: number }>('select pg_backend_pid() as pid');
    const walked = copyOut(doomed, copy('select g from generate_series(1, 100000000) g'), 1, () => {});
    const ended = expect(walked).rejects.toThrow();
    await client.query('select pg_terminate_backend($1)', [rows[0].pid]);
    await ended;
    await doomed.end();
  });
});
