import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithRealData } from '../support/shared-data.js';
import { halfOf, REAL_REGION_DEFAULTS, writeRealRegion, type RealRegionOptions } from './real-region.js';

describeWithRealData('a region of real homes', (dataFolder) => {
  let folder: string;
  const write = (outDir: string, more: Partial<RealRegionOptions> = {}) =>
    writeRealRegion({
      ...REAL_REGION_DEFAULTS,
      dataFolder,
      outDir: join(folder, outDir),
      half: 'tune',
      points: 120,
      minerShare: 0.3,
      ...more,
    });
  const rows = (outDir: string, file: string) =>
    readFileSync(join(folder, outDir, file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gridwarden-real-region-'));
    await write('tune');
    await write('again');
    await write('test', { half: 'test', seed: 2, weather: false, transformers: false });
  }, 240_000);
  afterAll(() => rm(folder, { recursive: true }));

  it('is the same for the same seed', () => {
    for (const file of [
      'registry.csv',
      'readings_wide.csv',
      'truth.csv',
      'weather.csv',
      'transformer_readings.csv',
    ])
      expect(rows('again', file)).toEqual(rows('tune', file));
  });

  it('never shares a home between the halves', () => {
    const homes = (outDir: string) =>
      rows(outDir, 'truth.csv')
        .slice(1)
        .map((row) => row[5]);
    expect(new Set(homes('tune').map(halfOf))).toEqual(new Set(['tune']));
    expect(new Set(homes('test').map(halfOf))).toEqual(new Set(['test']));
  });

  it('leaves out what it is told to', () => {
    expect(() => rows('test', 'weather.csv')).toThrow(/ENOENT/);
    expect(() => rows('test', 'transformer_readings.csv')).toThrow(/ENOENT/);
    expect(rows('test', 'truth.csv').map((row) => row[1])).not.toContain('full_bypass');
  });

  it('has every miner class, with readings that never fall below zero and weather everywhere', () => {
    const truth = rows('tune', 'truth.csv').slice(1);
    expect(truth).toHaveLength(120);
    expect(truth.filter((row) => row[2] === 'true')).toHaveLength(36);
    expect(new Set(truth.filter((row) => row[2] === 'true').map((row) => row[1])).size).toBe(10);
    const cells = rows('tune', 'readings_wide.csv')
      .slice(1)
      .flatMap((row) => row.slice(2));
    expect(cells.filter((cell) => cell !== '' && !(Number(cell) >= 0))).toEqual([]);
    expect(rows('tune', 'weather.csv').filter((row) => row[2] === 'NaN')).toEqual([]);
  });

  it('capped miners stay below the quota in every whole month', () => {
    const capped = new Set(
      rows('tune', 'truth.csv')
        .filter((row) => row[1] === 'capped')
        .map(([id]) => id),
    );
    const months = new Map<string, number>();
    for (const [id, date, ...kwh] of rows('tune', 'readings_wide.csv').slice(1)) {
      const key = `${id} ${date.slice(0, 7)}`;
      if (capped.has(id))
        months.set(
          key,
          kwh.reduce((sum, each) => sum + Number(each), months.get(key) ?? 0),
        );
    }
    expect(months.size).toBeGreaterThan(3);
    for (const kwh of months.values()) expect(kwh).toBeLessThan(6000);
  });
});
