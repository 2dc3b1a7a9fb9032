import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testRunFolder } from '../support/database.js';

const root = path.resolve(import.meta.dirname, '../..');
let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(path.join(testRunFolder(), 'demo-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test('the demo flags households, spares the innocent, and says the same when it is run again', () => {
  const first = demo();
  expect(first.stderr).toMatch(/✔ readings\.csv +[\d,]+ accepted/);
  expect(first.stderr).toMatch(/✔ scoring +\d+ points/);
  expect(first.status).toBe(0);
  expect(first.stdout).toMatch(/^ +[1-9]\d* of 300 metering points flagged$/m);
  expect(first.stdout).toMatch(/^ +rigs steady +(\d+) of \1$/m);
  const [, spared, innocent] = /^ +(\d+) of (\d+) innocent spared$/m.exec(first.stdout)!;
  expect(Number(spared) / Number(innocent)).toBeGreaterThan(0.98);

  const second = demo();
  expect(second.status).toBe(0);
  expect(second.stderr).toMatch(/readings\.csv .*received before, nothing written/);
  expect(second.stdout).toBe(first.stdout);
}, 180_000);

function demo() {
  return spawnSync(
    process.execPath,
    ['scripts/demo.mjs', '--once', '--points', '300', '--days', '75', '--seed', '1'],
    // A database that was set for something else stays untouched: nothing listens at this address.
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, GRIDWARDEN_DATA_DIR: dataDir, DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/no' },
    },
  );
}
