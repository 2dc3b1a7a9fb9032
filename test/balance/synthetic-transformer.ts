import type { MeteredPoint, TransformerLoad } from '../../src/balance/domain/types.js';

/** A small generator of uniform numbers in [0, 1) (mulberry32), so that a seed makes the same transformer everywhere. */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Made {
  readonly seed: number;
  readonly homes?: number;
  readonly days?: number;
  readonly noLoadKw?: number;
  readonly quadraticPerKw?: number;
  /** Load past the meters by hour; added to what flows in. */
  readonly hidden?: (hour: number, random: () => number) => number;
  /** Homes (by place) that draw and are never read, and homes the registry does not know. */
  readonly neverRead?: readonly number[];
  readonly forgotten?: readonly number[];
  /** Hours by which the balance meter's clock is ahead. */
  readonly clockAhead?: number;
  /** Relative standard deviation of the balance meter's hourly error. */
  readonly meterNoise?: number;
  /** Changes what a home's meter shows, after it was drawn. */
  readonly metered?: (home: number, hour: number, kw: number) => number;
}

/**
 * Homes with a morning and an evening peak, loads that switch at random, and a refrigerator; the transformer's inflow is
 * what they draw, what is hidden, and `noLoadKw + quadraticPerKw · (what is drawn)²`: made apart from the code under test.
 */
export function syntheticTransformer(made: Made): TransformerLoad {
  const { seed, homes = 40, days = 60, noLoadKw = 0.5, quadraticPerKw = 0.0002, meterNoise = 0 } = made;
  const random = uniform(seed);
  const hours = days * 24;
  const drawnKw = new Float64Array(hours);
  const points: MeteredPoint[] = [];
  for (let home = 0; home < homes; home++) {
    const size = 0.5 + random();
    const hourlyKw = new Float32Array(hours);
    for (let hour = 0; hour < hours; hour++) {
      const clock = hour % 24;
      const awake = clock < 6 ? 0.1 : clock < 9 ? 0.7 : clock < 17 ? 0.4 : clock < 23 ? 1 : 0.4;
      const kw = 0.06 + size * awake * (random() < 0.3 ? 1.5 * random() : 0.2 * random());
      drawnKw[hour] += kw;
      hourlyKw[hour] = made.metered?.(home, hour, kw) ?? kw;
    }
    if (made.forgotten?.includes(home)) continue;
    if (made.neverRead?.includes(home)) hourlyKw.fill(NaN);
    points.push({ hourlyKw });
  }
  const trueInflow = drawnKw.map((kw, hour) => {
    const total = kw + (made.hidden?.(hour, random) ?? 0);
    return (
      (total + noLoadKw + quadraticPerKw * total ** 2) * (1 + meterNoise * (random() + random() - 1) * 2.45)
    );
  });
  const ahead = made.clockAhead ?? 0;
  const inflowKw = Float32Array.from(trueInflow, (_, hour) => trueInflow[hour - ahead] ?? NaN);
  return { firstDay: 20_454, days, inflowKw, points };
}
