import { describe, expect, it } from '@jest/globals';
import { dayFromCivil } from '../../grid/domain/calendar.js';
import { PLACES } from './places.js';
import { feltByBuildings, outdoorTemperature, winterness } from './weather.js';

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

function placed(code: string) {
  return PLACES.find((place) => place.code === code)!;
}

describe('the weather of a place', () => {
  // Long-term monthly means; five years of a simulated month stay within 2.5 K of them.
  it.each([
    ['Irkutsk in January', '25701000', 1, -18],
    ['Irkutsk in July', '25701000', 7, 18.5],
    ['Balagansk in January', '25501000', 1, -21],
    ['Kachug in January', '25518000', 1, -24],
    ['Novosibirsk in January', 'RU-NVS', 1, -16.5],
    ['Dagestan in January', 'RU-DA', 1, 1.5],
    ['Dagestan in July', 'RU-DA', 7, 25.5],
  ])('is as cold or warm as it should be: %s', (_name, code, month, expected) => {
    const years = [2021, 2022, 2023, 2024, 2025];
    const means = years.map((year) =>
      mean(outdoorTemperature(1, placed(code), dayFromCivil(year, month, 1), 31)),
    );
    expect(Math.abs(mean(means) - expected)).toBeLessThan(2.5);
  });

  it('is warmest in the afternoon and coldest before dawn', () => {
    const hours = outdoorTemperature(1, placed('25701000'), dayFromCivil(2026, 4, 1), 60);
    const byHour = Array.from({ length: 24 }, (_, hour) => mean(hours.filter((_, i) => i % 24 === hour)));
    expect(byHour.indexOf(Math.max(...byHour))).toBe(15);
    expect(byHour.indexOf(Math.min(...byHour))).toBe(3);
    expect(byHour[15] - byHour[3]).toBeGreaterThan(7);
  });

  it('persists: a day resembles the next more than the one three weeks later', () => {
    const firstDay = dayFromCivil(2024, 1, 1);
    const { climate } = placed('25701000');
    const hours = outdoorTemperature(1, placed('25701000'), firstDay, 730);
    const middle = (climate.julyC + climate.januaryC) / 2;
    const half = (climate.julyC - climate.januaryC) / 2;
    const departures = Array.from(
      { length: 730 },
      (_, day) =>
        mean(hours.subarray(day * 24, day * 24 + 24)) - (middle - half * winterness(firstDay + day)),
    );
    const variance = mean(departures.map((value) => value ** 2));
    const correlation = (lag: number) =>
      mean(departures.slice(lag).map((value, i) => value * departures[i])) / variance;
    expect(correlation(1)).toBeCloseTo(0.8, 1);
    expect(Math.abs(correlation(21))).toBeLessThan(0.25);
  });

  it('is the same on the same day through any window', () => {
    const place = placed('25518000');
    const first = dayFromCivil(2026, 9, 1);
    const whole = outdoorTemperature(1, place, first, 60);
    const part = outdoorTemperature(1, place, first + 30, 30);
    part.forEach((value, hour) => expect(value).toBeCloseTo(whole[30 * 24 + hour], 3));
  });

  it('reaches the inside of a house late and smoothed', () => {
    const outdoor = new Float32Array(24 * 10).fill(10, 0, 120).fill(-10, 120);
    const felt = feltByBuildings(outdoor);
    expect(felt[119]).toBeCloseTo(10, 5);
    // One time constant of 18 hours after the cold came, 1/e of the step is left: −10 + 20/e = −2.6.
    expect(felt[120 + 17]).toBeCloseTo(-10 + 20 / Math.E, 0);
    expect(felt.at(-1)).toBeCloseTo(-10, 1);
  });
});
