import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { RefusedError, UsageError } from '../config/errors.js';
import { simulateCommand } from './simulate.command.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'gridwarden-simulate-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
afterEach(() => void jest.restoreAllMocks());

/** Runs the command and answers what it printed on stdout. */
async function run(out: string, ...options: string[]): Promise<string> {
  let printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const wanted = ['--points', '40', '--days', '2', '--out', path.join(scratch, out), ...options];
  await simulateCommand().parseAsync(wanted, { from: 'user' });
  return printed;
}

describe('gridwarden simulate', () => {
  it('writes the folder and says what is in it', async () => {
    const printed = await run('region', '--seed', '3');
    expect(printed).toMatch(
      /^40 metering points under 1 transformer\(s\), 1\d{3} readings, 1 unlawful miner/,
    );
    expect(readdirSync(path.join(scratch, 'region')).sort()).toEqual([
      'readings.csv',
      'registry.csv',
      'transformer_readings.csv',
      'truth.csv',
      'weather.csv',
    ]);
  });

  it('prints one JSON object on request, and takes start, layout and share of miners', async () => {
    const printed = await run(
      'wide',
      '--layout',
      'wide',
      '--start',
      '2026-01-01',
      '--miner-share',
      '0.25',
      '--json',
    );
    const summary = JSON.parse(printed);
    expect(summary).toMatchObject({ points: 40, transformers: 1 });
    // Ten miners, and the further points of those who have several.
    expect(summary.miners).toBeGreaterThanOrEqual(10);
    expect(summary.miners).toBeLessThan(20);
    expect(printed.trimEnd().split('\n')).toHaveLength(1);
    expect(readdirSync(path.join(scratch, 'wide'))).toContain('readings_wide.csv');
  });

  it('writes daily sums on request', async () => {
    await run('daily', '--daily-share', '0.5');
    expect(readdirSync(path.join(scratch, 'daily'))).toContain('readings_daily.csv');
  });

  it.each([
    ['no points', ['--points', '0'], '--points must be a whole number from 1 to 9999999'],
    ['a fraction of points', ['--points', '1.5'], '--points must be a whole number'],
    ['more days than ten years', ['--days', '4000'], '--days must be a whole number from 1 to 3660'],
    ['a seed that is no number', ['--seed', 'lucky'], '--seed must be a whole number'],
    ['a date that does not exist', ['--start', '2026-02-31'], '--start must be a date that exists'],
    ['an unknown layout', ['--layout', 'tall'], '--layout must be long or wide'],
    ['more miners than half', ['--miner-share', '0.6'], '--miner-share must be from 0 to 0.5'],
    ['more than all with daily sums', ['--daily-share', '2'], '--daily-share must be from 0 to 1'],
    ['a share that is no number', ['--miner-share', 'few'], '--miner-share must be a number'],
  ])('refuses %s', async (_name, options, message) => {
    const refused = run('refused', ...options);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
    expect(readdirSync(scratch)).not.toContain('refused');
  });

  it('says so when it can’t write', async () => {
    writeFileSync(path.join(scratch, 'a-file'), '');
    const refused = run('a-file/region');
    await expect(refused).rejects.toThrow(RefusedError);
    await expect(refused).rejects.toThrow("can't be written");
  });
});
