import { createHash } from 'node:crypto';

/**
 * Whole numbers below `bound`, drawn evenly, the same ones for the same seed: SHA-256 of seed and counter, 32 bits a draw.
 * A hash and not a fast generator, so that anybody can redo a dealing with common tools, and nobody who knows some draws
 * can tell the others.
 */
export class SeededRandom {
  private counter = 0;

  constructor(private readonly seed: string) {}

  below(bound: number): number {
    // Values from the last, incomplete multiple of `bound` are drawn again: modulo alone would favour small numbers.
    const fair = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = createHash('sha256').update(`${this.seed}:${this.counter++}`).digest().readUInt32BE(0);
      if (value < fair) return value % bound;
    }
  }
}
