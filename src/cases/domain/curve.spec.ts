import { gridMinutes, layOnGrid, NO_READING, type StoredDay } from './curve.js';

const day = (number: number, wh: number[], quality: number[] = []): StoredDay => ({
  day: number,
  wh: Float64Array.from(wh),
  quality: Uint8Array.from(quality),
});
const hours = (wh: number) => Array<number>(24).fill(wh);
const halfHours = (wh: number) => Array<number>(48).fill(wh);

describe('a load on a grid', () => {
  it.each([
    ['hours', [day(0, hours(1))], 5, 60],
    ['half-hours among hours', [day(0, hours(1)), day(1, halfHours(1))], 5, 30],
    ['half-hours, asked for by the hour', [day(0, halfHours(1))], 60, 60],
    ['hours, asked for by the day', [day(0, hours(1))], 1440, 1440],
    ['nothing', [], 60, 1440],
  ])('of %s', (_, stored, least, minutes) => {
    expect(gridMinutes(stored, least)).toBe(minutes);
  });

  it('adds finer intervals up, and misses what misses one', () => {
    const wh = halfHours(250);
    wh[3] = NaN;
    const marks = Array<number>(48).fill(0);
    marks[1] = 2;
    const { kwh, quality } = layOnGrid([day(10, wh, marks)], { firstDay: 10, days: 1, minutes: 60 });
    expect([...kwh.subarray(0, 3)]).toEqual([0.5, NaN, 0.5]);
    expect([...quality.subarray(0, 3)]).toEqual([2, NO_READING, 0]);
  });

  it('shares coarser ones out, marked as estimated, and keeps the energy', () => {
    const { kwh, quality } = layOnGrid([day(10, hours(500), hours(0))], {
      firstDay: 10,
      days: 2,
      minutes: 30,
    });
    expect([...kwh.subarray(0, 2)]).toEqual([0.25, 0.25]);
    expect([...quality.subarray(0, 2)]).toEqual([1, 1]);
    expect(kwh.subarray(0, 48).reduce((sum, each) => sum + each, 0)).toBe(12);
    expect([kwh[48], quality[48]]).toEqual([NaN, NO_READING]);
  });

  it('leaves out days beside it', () => {
    const { kwh } = layOnGrid([day(9, hours(1)), day(11, hours(1))], { firstDay: 10, days: 1, minutes: 60 });
    expect(kwh.every(Number.isNaN)).toBe(true);
  });
});
