import { describe, expect, it } from '@jest/globals';
import { MISSING_WH } from './energy-codec.js';
import { ProfileBatch } from './profile-batch.js';

describe('ProfileBatch', () => {
  it('finds the row of each point and day again, through collisions', () => {
    const batch = new ProfileBatch(60, 5000);
    const rows = new Map<string, number>();
    for (let round = 0; round < 2; round++) {
      for (let point = 0; point < 500; point++) {
        for (let day = 20_000; day < 20_010; day++) {
          const row = batch.row(point, day);
          const key = `${point} ${day}`;
          expect(rows.get(key) ?? row).toBe(row);
          rows.set(key, row);
        }
      }
    }
    expect(batch.rows).toBe(5000);
    expect(new Set(rows.values()).size).toBe(5000);
    expect(batch.hasRoomFor(1)).toBe(false);
    batch.clear();
    expect(batch.row(499, 20_009)).toBe(0);
    expect(batch.energyWh[0]).toBe(MISSING_WH);
  });

  it('lets the later of two values stand and counts them', () => {
    const batch = new ProfileBatch(60, 2);
    const row = batch.row(1, 1);
    batch.put(row, 3, 500, 0);
    batch.put(row, 3, 500, 0);
    batch.put(row, 3, 700, 3);
    expect(batch.energyWh[3]).toBe(700);
    expect(batch.quality?.[3]).toBe(3);
    expect(batch.duplicates).toEqual({ equal: 1, different: 1 });
    expect(batch.conflicts).toEqual([{ row, slot: 3, before: 500, later: 700, kept: 700 }]);
  });

  it('lets no estimate stand against a measured value, and every measured value against an estimate', () => {
    const batch = new ProfileBatch(60, 2);
    const row = batch.row(0, 1);
    batch.put(row, 0, 500, 0);
    batch.put(row, 0, 700, 1);
    batch.put(row, 1, 100, 2);
    batch.put(row, 1, 200, 1);
    batch.put(row, 1, 300, 0);
    expect([...batch.energyWh.subarray(0, 2)]).toEqual([500, 300]);
    expect([...batch.quality!.subarray(0, 2)]).toEqual([0, 0]);
    expect(batch.duplicates).toEqual({ equal: 0, different: 3 });
    expect(batch.conflicts[0]).toEqual({ row, slot: 0, before: 500, later: 700, kept: 500 });
  });

  it('drops rows that nothing is left of, and is empty again after clear', () => {
    const batch = new ProfileBatch(60, 3);
    for (const point of [0, 1, 2]) batch.put(batch.row(point, 7), 5, point + 1, 3);
    batch.reject(1, 5);
    batch.dropEmptyRows();
    expect([batch.rows, ...batch.points.subarray(0, 2)]).toEqual([2, 0, 2]);
    expect([batch.energyWh[5], batch.energyWh[29], batch.quality?.[29]]).toEqual([1, 3, 3]);
    batch.clear();
    expect(batch.energyWh.every((wh) => wh === -1)).toBe(true);
  });

  it.each([
    ['an hourly meter in a half-hourly file', 30, [0, 2, 4, 46], 60],
    ['a half-hourly meter with gaps', 30, [0, 2, 3, 46], 30],
    ['too few values to tell', 30, [0, 2], 30],
    ['a half-hourly meter in a 5-minute file', 5, [0, 6, 18, 30], 30],
    ['an hourly meter in a quarter-hourly file', 15, [4, 8, 12], 60],
    ['hourly is the longest', 60, [0, 2, 4, 6], 60],
  ])('%s', (_, interval, slots, expected) => {
    const batch = new ProfileBatch(interval, 1);
    const row = batch.row(0, 0);
    for (const slot of slots) batch.put(row, slot, 100, 0);
    expect(batch.rowIntervalMinutes(row)).toBe(expected);
  });
});
