/** A 10/0.4 kV transformer with its low-voltage lines. */
export interface Transformer {
  readonly ratedKva: number;
  /** Losses of the iron, always, and of the windings at rated load, kW (catalogue figures of the TMG series, rounded). */
  readonly noLoadKw: number;
  readonly windingsKw: number;
}

const SERIES: readonly Transformer[] = [
  { ratedKva: 100, noLoadKw: 0.29, windingsKw: 1.97 },
  { ratedKva: 160, noLoadKw: 0.41, windingsKw: 2.65 },
  { ratedKva: 250, noLoadKw: 0.58, windingsKw: 3.7 },
  { ratedKva: 400, noLoadKw: 0.83, windingsKw: 5.5 },
];

/** What a planner allows for a household that shares its transformer with many, kW. */
const DIVERSIFIED_KW = 3;

/** Lines lose this share of the rated load at rated load. */
const LINE_LOSS_AT_RATED = 0.04;

export function transformerFor(points: number): Transformer {
  return SERIES.find(({ ratedKva }) => ratedKva >= points * DIVERSIFIED_KW) ?? SERIES.at(-1)!;
}

/**
 * kW lost between the balance meter and the households at `loadKw` of theirs: constant plus quadratic.
 * Example: 160 kVA at 80 kW: 0.41 + (2.65 + 6.4) × 0.25 = 2.67 kW.
 */
export function lossKw(transformer: Transformer, loadKw: number): number {
  const { ratedKva, noLoadKw, windingsKw } = transformer;
  return noLoadKw + (windingsKw + LINE_LOSS_AT_RATED * ratedKva) * (loadKw / ratedKva) ** 2;
}
