const SLAB_VALUES = 1 << 14;

/**
 * Hands out arrays of a day's values as views of larger ones: a typed array of its own costs 1–2 µs to make and to
 * collect, about as much as reading 48 values into it.
 */
export class Slab {
  private slab = new Float64Array(0);
  private used = 0;

  /** Zeros, until the caller has filled it. */
  take(length: number): Float64Array {
    if (this.used + length > this.slab.length) {
      this.slab = new Float64Array(Math.max(SLAB_VALUES, length));
      this.used = 0;
    }
    this.used += length;
    return this.slab.subarray(this.used - length, this.used);
  }
}
