import { percentileInterval, type Interval } from './intervals.js';
import {
  averagePrecision,
  precisionAtTop,
  recallAtFalsePositiveRate,
  rocAuc,
  type Labelled,
  type Population,
} from './ranking-metrics.js';
import { seeded } from './seeded.js';

/** 100 inspections in a district where they could just find every miner: 0.8 % of 12,500 points are 100. */
export const DISTRICT: Population = { places: 100, prevalence: 0.008, points: 12_500 };

export const FALSE_POSITIVE_RATES = [0.001, 0.002, 0.005, 0.01];

/** A labelled point and the people it belongs to: what is drawn whole, since their metering points are not independent. */
export interface Clustered extends Labelled {
  readonly cluster: string;
}

export interface Figure {
  readonly value: number;
  readonly interval: Interval;
}

/** What a ranking is worth, each figure with its interval. */
export interface RankingFigures {
  readonly points: number;
  readonly miners: number;
  readonly rocAuc: Figure;
  readonly averagePrecision: Figure;
  readonly recallAtFpr: readonly (Figure & { readonly fpr: number })[];
  readonly precisionAtTop: Figure;
}

/** Enough for the ends of a 95 % interval to hold to a tenth of its width. */
const REPLICATES = 400;
const SEED = 20_261_121;

/**
 * Figures of a ranking with bootstrap intervals: households are drawn with replacement, and each figure's interval is where
 * the middle 95 % of its redrawn values lie. The points are ranked once; a draw is a weight per household.
 */
export function rankingFigures(
  points: readonly Clustered[],
  { replicates = REPLICATES, seed = SEED } = {},
): RankingFigures {
  const resampled = bootstrap(points, replicates, seed);
  const interval = (at: number) => percentileInterval(resampled.map((figures) => figures[at]));
  return {
    points: points.length,
    miners: points.filter(({ isMiner }) => isMiner).length,
    rocAuc: { value: rocAuc(points), interval: interval(0) },
    averagePrecision: { value: averagePrecision(points), interval: interval(1) },
    precisionAtTop: { value: precisionAtTop(points, DISTRICT), interval: interval(2) },
    recallAtFpr: FALSE_POSITIVE_RATES.map((fpr, index) => ({
      fpr,
      value: recallAtFalsePositiveRate(points, fpr),
      interval: interval(3 + index),
    })),
  };
}

function bootstrap(points: readonly Clustered[], replicates: number, seed: number): Float64Array[] {
  const ranking = new Ranking(points);
  const random = seeded(seed);
  const weights = new Uint16Array(ranking.clusters);
  return Array.from({ length: replicates }, () => {
    weights.fill(0);
    for (let draw = 0; draw < weights.length; draw++) weights[Math.floor(random() * weights.length)]++;
    return ranking.figures(weights);
  });
}

/** Points ranked once, so that a redrawn set costs one walk and no sort. */
export class Ranking {
  readonly clusters: number;
  private readonly isMiner: Uint8Array;
  private readonly cluster: Int32Array;
  /** Whether the next point ranks lower: here a step ends. */
  private readonly endsStep: Uint8Array;

  constructor(points: readonly Clustered[]) {
    const ranked = [...points].sort((a, b) => b.score - a.score);
    const numbers = new Map<string, number>();
    for (const { cluster } of points) if (!numbers.has(cluster)) numbers.set(cluster, numbers.size);
    this.clusters = numbers.size;
    this.isMiner = Uint8Array.from(ranked, (point) => (point.isMiner ? 1 : 0));
    this.cluster = Int32Array.from(ranked, (point) => numbers.get(point.cluster)!);
    this.endsStep = Uint8Array.from(ranked, ({ score }, at) => (ranked[at + 1]?.score === score ? 0 : 1));
  }

  /**
   * AUC, average precision, precision among the first 100, and recall at each false-positive rate, as the functions of
   * ranking-metrics.ts have them of a set in which each point stands as often as its cluster's weight says.
   */
  figures(weights: ArrayLike<number>): Float64Array {
    const { isMiner, cluster, endsStep } = this;
    let allMiners = 0;
    let allInnocents = 0;
    for (let at = 0; at < isMiner.length; at++) {
      if (isMiner[at]) allMiners += weights[cluster[at]];
      else allInnocents += weights[cluster[at]];
    }
    const figures = new Float64Array(3 + FALSE_POSITIVE_RATES.length);
    const perMiner = (DISTRICT.prevalence * DISTRICT.points) / allMiners;
    const perInnocent = ((1 - DISTRICT.prevalence) * DISTRICT.points) / allInnocents;
    let miners = 0;
    let innocents = 0;
    let minersBefore = 0;
    let innocentsBefore = 0;
    let free = DISTRICT.places;
    let minersAtTop = 0;
    for (let at = 0; at < isMiner.length; at++) {
      if (isMiner[at]) miners += weights[cluster[at]];
      else innocents += weights[cluster[at]];
      if (!endsStep[at]) continue;
      const minersHere = miners - minersBefore;
      const innocentsHere = innocents - innocentsBefore;
      if (minersHere + innocentsHere === 0) continue;
      figures[0] += (innocentsHere * (miners + minersBefore)) / 2;
      figures[1] += (minersHere * miners) / (miners + innocents);
      if (free > 0) {
        const here = minersHere * perMiner + innocentsHere * perInnocent;
        const taken = Math.min(here, free);
        minersAtTop += minersHere * perMiner * (taken / here);
        free -= taken;
      }
      FALSE_POSITIVE_RATES.forEach((fpr, index) => {
        if (innocents <= fpr * allInnocents) figures[3 + index] = miners / allMiners;
      });
      minersBefore = miners;
      innocentsBefore = innocents;
    }
    figures[0] /= allMiners * allInnocents;
    figures[1] /= allMiners;
    figures[2] = minersAtTop / (DISTRICT.places - free);
    return figures;
  }
}
