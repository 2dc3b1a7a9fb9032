/** An estimate with the bounds between which it lies. */
export interface Bounded {
  readonly kw: number;
  readonly lowerKw: number;
  readonly upperKw: number;
}

/**
 * Sum of estimates whose errors are independent: the half-widths add in quadrature, so that a region is known better than
 * its transformers one by one. What they share (the range of losses taken for granted) does not cancel; it is bounded by
 * the plain sums of the bounds, which the caller may show beside it.
 * Example: 6 (5 to 7) and 8 (7 to 9) are 14 (12.6 to 15.4).
 */
export function sumIndependent(estimates: readonly Bounded[]): Bounded {
  let kw = 0;
  let below = 0;
  let above = 0;
  for (const estimate of estimates) {
    kw += estimate.kw;
    below += (estimate.kw - estimate.lowerKw) ** 2;
    above += (estimate.upperKw - estimate.kw) ** 2;
  }
  return { kw, lowerKw: Math.max(0, kw - Math.sqrt(below)), upperKw: kw + Math.sqrt(above) };
}
