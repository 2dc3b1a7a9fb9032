import { quantileOf } from '../../readings/domain/order-statistics.js';
import type { BalanceWorkspace } from './workspace.js';

/** What a transformer that carries this peak may physically lose. */
export interface LossBounds {
  readonly noLoadLowestKw: number;
  readonly noLoadHighestKw: number;
  readonly quadraticLowestPerKw: number;
  readonly quadraticHighestPerKw: number;
}

/*
 * The rated power is not in the registry. A transformer is hardly ever loaded above 1.3 of it, and where nearly nobody
 * lives one sixth of it is still usual. The smallest in use has 25 kVA; 250 stand in villages whatever is left of the load.
 */
const MOST_OVERLOAD = 1.3;
const MOST_SPARE = 6;
const SMALLEST_KVA = 25;
const USUAL_SPARE_KVA = 250;

/**
 * Iron losses of 10/0.4 kV transformers of 25 to 1000 kVA follow 0.0092 · kVA^0.75 within 15 % (series TMG: 0.29 kW at
 * 100 kVA, 0.83 at 400); steel of the best make loses 30 % less, that of the 1970s up to 90 % more.
 */
const IRON_KW = 0.0092;
const IRON_POWER = 0.75;
const IRON_BEST = 0.7;
const IRON_WORST = 1.9;

/** Windings lose 1.2 to 2.5 % of the rated power at rated load, the lines behind them 0.5 to 7 %. */
const COPPER_LEAST = 0.017;
const COPPER_MOST = 0.095;

/**
 * Example: a peak of 60 kW fits 46 to 360 kVA, so 0.11 to 1.44 kW without load and 0.000047 to 0.0021 kW per kW²
 * (0.17 to 7.4 kW at the peak).
 */
export function lossBounds(peakKw: number): LossBounds {
  const smallestKva = Math.max(SMALLEST_KVA, peakKw / MOST_OVERLOAD);
  const largestKva = Math.max(USUAL_SPARE_KVA, peakKw * MOST_SPARE);
  return {
    noLoadLowestKw: IRON_BEST * IRON_KW * smallestKva ** IRON_POWER,
    noLoadHighestKw: IRON_WORST * IRON_KW * largestKva ** IRON_POWER,
    quadraticLowestPerKw: COPPER_LEAST / largestKva,
    quadraticHighestPerKw: COPPER_MOST / smallestKva,
  };
}

export interface QuadraticLoss {
  readonly perKw: number;
  readonly bound: 'lowest' | 'highest' | null;
}

/** Hours apart that are compared: near enough that no slow change of what is hidden comes between them. */
const LAGS = [1, 4];

/** Fewer pairs than this say less than the middle of the bounds. */
const LEAST_PAIRS = 48;

/**
 * kW lost per kW² of inflow: the median slope (Theil–Sen) of inflow − metered against inflow², over hours one and
 * four apart. A hidden farm, and the hour it begins, hardly touch a median of near pairs; what is hidden and moves with
 * the homes does, and is kept within the physical bounds. Inflow² stands for (metered + hidden)², which it exceeds by
 * twice the loss ratio, 2 to 8 %: the slope takes that up.
 *
 * `missingKw` is inflow − metered, NaN where the hour is not used.
 */
export function fitQuadraticLoss(
  inflowKw: Float64Array,
  missingKw: Float64Array,
  hours: number,
  bounds: LossBounds,
  { scratch, squares }: BalanceWorkspace,
): QuadraticLoss {
  const { quadraticLowestPerKw: lowest, quadraticHighestPerKw: highest } = bounds;
  for (let hour = 0; hour < hours; hour++) squares[hour] = inflowKw[hour] * inflowKw[hour];
  const pairs = pairSlopes(squares, missingKw, hours, scratch);
  const slope = pairs < LEAST_PAIRS ? NaN : quantileOf(scratch, pairs, 0.5);
  if (slope < lowest) return { perKw: lowest, bound: 'lowest' };
  if (slope > highest) return { perKw: highest, bound: 'highest' };
  return { perKw: slope === slope ? slope : Math.sqrt(lowest * highest), bound: null };
}

/** Slopes of the pairs whose inflow² differ by more than usual, into `slopes`; answers how many. */
function pairSlopes(
  squares: Float64Array,
  missingKw: Float64Array,
  hours: number,
  slopes: Float64Array,
): number {
  const least = meanChange(squares, hours);
  let pairs = 0;
  for (const lag of LAGS) {
    for (let hour = lag; hour < hours; hour++) {
      const dy = missingKw[hour] - missingKw[hour - lag];
      if (dy !== dy) continue;
      const dx = squares[hour] - squares[hour - lag];
      if (dx > least || dx < -least) slopes[pairs++] = dy / dx;
    }
  }
  return pairs;
}

/** Mean |change| of inflow² from hour to hour: smaller changes hold more noise than loss. */
function meanChange(squares: Float64Array, hours: number): number {
  let sum = 0;
  let count = 0;
  for (let hour = 1; hour < hours; hour++) {
    const change = squares[hour] - squares[hour - 1];
    if (change === change) {
      sum += Math.abs(change);
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}
