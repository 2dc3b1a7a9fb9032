import { CARPET_PALETTE, carpetOf } from './carpet.js';

const LAST = CARPET_PALETTE.length - 1;

describe('carpetOf', () => {
  it.each([
    ['missing is no colour of energy', [NaN, 0], [0, 1], 0],
    ['a band of the highest is solid', [4, 4, 4, 0], [LAST, LAST, LAST, 1], 4],
    ['nothing read at all', [NaN, NaN], [0, 0], 0],
  ])('%s', (_, hours, pixels, topKw) => {
    const kwh = Float32Array.from({ length: 24 }, (_unused, hour) => hours[hour % hours.length]);
    const carpet = carpetOf(kwh);
    expect([...carpet.pixels.slice(0, hours.length)]).toEqual(pixels);
    expect(carpet).toMatchObject({ days: 1, topKw });
  });

  it('one peak does not wash out the rest', () => {
    const kwh = new Float32Array(24 * 30).fill(2);
    kwh[100] = 500;
    expect(carpetOf(kwh)).toMatchObject({ topKw: 2 });
  });
});
