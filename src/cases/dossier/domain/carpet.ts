/** Palette of a carpet: 0 is missing, then from nothing to the most; dark enough apart to be told in print without colour. */
export const CARPET_PALETTE: readonly (readonly [number, number, number])[] = [
  [224, 224, 228],
  ...['#f7f9e8', '#dcefb5', '#b4dd9a', '#7fc79b', '#4bb0ab', '#2f8fb3', '#2f6aa5', '#2d4889', '#251f5c'].map(
    (hex) =>
      [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as readonly [
        number,
        number,
        number,
      ],
  ),
];
const STEPS = CARPET_PALETTE.length - 1;
/** A single peak must not wash out everything else. */
const TOP_PERCENTILE = 0.99;

export interface Carpet {
  /** One row a day, 24 columns; indexes of {@link CARPET_PALETTE}. */
  readonly pixels: Uint8Array;
  readonly days: number;
  /** Mean kW from which on a cell has the last colour; 0 when nothing was read. */
  readonly topKw: number;
}

/** @param hourlyKwh of whole days, NaN = missing */
export function carpetOf(hourlyKwh: Float32Array): Carpet {
  const known = hourlyKwh.filter((value) => !Number.isNaN(value)).sort();
  const topKw = known.length === 0 ? 0 : known[Math.floor(TOP_PERCENTILE * (known.length - 1))];
  const pixels = Uint8Array.from(hourlyKwh, (kwh) => {
    if (Number.isNaN(kwh)) return 0;
    return topKw === 0 ? 1 : 1 + Math.min(STEPS - 1, Math.floor((kwh / topKw) * STEPS));
  });
  return { pixels, days: hourlyKwh.length / 24, topKw };
}
