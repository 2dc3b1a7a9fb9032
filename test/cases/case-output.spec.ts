import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import type { Client } from 'pg';
import { printCases, type CaseFormat } from '../../src/cases/case-output.js';
import { ANY_CASE, type CaseFilter } from '../../src/cases/case-queue.js';
import type { Database } from '../../src/database/open-database.js';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { addPoints, seedRegistry } from '../detection/synthetic-points.js';
import { testDatabase } from '../support/database.js';
import { scored } from './suspicions.js';

const CASES = 7;

describe('gridwarden cases', () => {
  let db: Database;
  let client: Client;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    await seedRegistry(client);
    const names = Array.from({ length: CASES }, (_, index) => ({
      externalId: `P-${index}`,
      household: '=1+1',
    }));
    const points = await addPoints(client, names);
    const asOf = dayFromIso('2026-03-01')!;
    const suspicions = [...points.values()].map((meteringPointId, index) => ({
      meteringPointId,
      asOf,
      evidence: { place: -2, 'base-load': 3 + (index % 3) },
    }));
    await scored(db, client, suspicions, new Date('2026-03-02T00:00:00Z'));
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  async function printed(format: CaseFormat, filter: Partial<CaseFilter> = {}): Promise<string> {
    let text = '';
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    await printCases(db, { ...ANY_CASE, ...filter }, format, output);
    return text;
  }

  it('as JSON and NDJSON says the same, the likeliest first', async () => {
    const json = JSON.parse(await printed('json')) as { score: number }[];
    const lines = (await printed('ndjson')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(json);
    expect(json).toHaveLength(CASES);
    expect(json.map(({ score }) => score)).toEqual(json.map(({ score }) => score).sort((a, b) => b - a));
  });

  it('as CSV has a line a case, and no cell that a spreadsheet would run', async () => {
    const lines = (await printed('csv')).trimEnd().split('\n');
    expect(lines).toHaveLength(CASES + 1);
    expect(lines[0]).toMatch(/^id,state,kind,score,month_kwh,since,utility,metering_point,household,/);
    expect(lines[1]).toContain("'=1+1");
  });

  it('of nothing is an empty list', async () => {
    expect(await printed('json', { states: ['confirmed'] })).toBe('[\n]\n');
    expect(await printed('ndjson', { text: 'nobody' })).toBe('');
  });
});
