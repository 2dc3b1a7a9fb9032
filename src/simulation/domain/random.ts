/**
 * A seeded stream of random numbers (Chris Doty-Humphrey's sfc32, from PractRand: 128 bits of state, period above 2^64
 * for almost all seeds). The stream depends on its labels only, so that a metering point's readings stay the same
 * whatever else the region holds and in whatever order it is made.
 */
export class Random {
  private readonly state = new Int32Array(4);

  constructor(...labels: readonly (string | number)[]) {
    let hash = fnv1a(labels.join('|'));
    for (let word = 0; word < 3; word++) this.state[word] = hash = scramble(hash + 0x9e3779b9);
    this.state[3] = 1;
    // The author's advice: a seed needs 12 rounds until it has reached every bit.
    for (let round = 0; round < 12; round++) this.bits();
  }

  /** 32 random bits, as a signed integer. */
  bits(): number {
    const state = this.state;
    const result = (state[0] + state[1] + state[3]) | 0;
    state[3] = state[3] + 1;
    state[0] = state[1] ^ (state[1] >>> 9);
    state[1] = (state[2] + (state[2] << 3)) | 0;
    state[2] = (((state[2] << 21) | (state[2] >>> 11)) + result) | 0;
    return result;
  }

  /** In [0, 1). */
  uniform(): number {
    return (this.bits() >>> 0) / 0x1_0000_0000;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number, both ends included. */
  whole(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.uniform());
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Standard normal, from 4,096 quantiles: within ±3.67, which is far enough for loads and four times faster than Box–Muller. */
  gaussian(): number {
    return NORMAL_QUANTILES[this.bits() >>> 20];
  }

  lognormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.gaussian());
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)];
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** The 32-bit finisher of MurmurHash3: every input bit changes every output bit with probability one half. */
function scramble(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const NORMAL_QUANTILES = Float64Array.from({ length: 4096 }, (_, i) => normalQuantile((i + 0.5) / 4096));

/**
 * Inverse of the standard normal distribution, by halving on {@link normalCdf}; only used to fill the table.
 * Example: normalQuantile(0.975) = 1.960.
 */
function normalQuantile(probability: number): number {
  let low = -6;
  let high = 6;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Abramowitz and Stegun 26.2.17; error below 7.5e-8. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return x >= 0 ? 1 - upper : upper;
}
