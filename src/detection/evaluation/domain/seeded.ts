/**
 * A seeded stream of uniform numbers in [0, 1) (Tommy Ettinger's mulberry32, public domain: 32 bits of state, enough for
 * some million draws): an evaluation run twice prints the same figures.
 */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
