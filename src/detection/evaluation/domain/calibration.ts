import { wilson, type Interval } from './intervals.js';
import type { Labelled } from './ranking-metrics.js';

/** Points whose scores are alike, and how many of them really mine. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly points: number;
  readonly meanScore: number;
  readonly minerShare: number;
  readonly interval: Interval;
}

export interface Calibration {
  readonly equalWidth: readonly CalibrationBin[];
  readonly equalCount: readonly CalibrationBin[];
  /** Expected calibration error: Σ points in the bin ÷ points × |mean score − share of miners|. */
  readonly errorEqualWidth: number;
  readonly errorEqualCount: number;
  /** The same with each miner and innocent weighted to the district's prevalence. */
  readonly errorAtPrevalence: number;
}

const BINS = 10;

/**
 * Whether a score of 0.7 means that seven in ten mine, over ten bins of equal width and over ten of equal count (equal
 * scores are never parted).
 * Worked example: scores 0.2, 0.2, 0.9, 0.9 of which the last two mine: |0.2 − 0| ÷ 2 + |0.9 − 1| ÷ 2 = 0.15.
 */
export function calibrationOf(points: readonly Labelled[], prevalence: number): Calibration {
  const sorted = [...points].sort((a, b) => a.score - b.score);
  const equalWidth = binsBetween(sorted, widthEdges(sorted));
  const equalCount = binsBetween(sorted, countEdges(sorted));
  const miners = points.filter(({ isMiner }) => isMiner).length;
  const perMiner = prevalence / miners;
  const perInnocent = (1 - prevalence) / (points.length - miners);
  return {
    equalWidth,
    equalCount,
    errorEqualWidth: errorOf(equalWidth),
    errorEqualCount: errorOf(equalCount),
    errorAtPrevalence: weightedError(sorted, widthEdges(sorted), { perMiner, perInnocent }),
  };
}

function errorOf(bins: readonly CalibrationBin[]): number {
  const points = bins.reduce((sum, bin) => sum + bin.points, 0);
  return bins.reduce((sum, bin) => sum + (bin.points / points) * Math.abs(bin.meanScore - bin.minerShare), 0);
}

/** Index of the first point of each bin, and the end. */
function widthEdges(sorted: readonly Labelled[]): number[] {
  const edges = [0];
  for (let bin = 1; bin < BINS; bin++) {
    const at = sorted.findIndex(({ score }) => score >= bin / BINS);
    edges.push(at === -1 ? sorted.length : at);
  }
  return [...edges, sorted.length];
}

function countEdges(sorted: readonly Labelled[]): number[] {
  const edges = [0];
  for (let bin = 1; bin < BINS; bin++) {
    let at = Math.max(edges[bin - 1], Math.round((bin * sorted.length) / BINS));
    while (at > 0 && at < sorted.length && sorted[at].score === sorted[at - 1].score) at++;
    edges.push(at);
  }
  return [...edges, sorted.length];
}

function binsBetween(sorted: readonly Labelled[], edges: readonly number[]): CalibrationBin[] {
  const bins: CalibrationBin[] = [];
  for (let bin = 0; bin + 1 < edges.length; bin++) {
    const members = sorted.slice(edges[bin], edges[bin + 1]);
    if (members.length === 0) continue;
    const miners = members.filter(({ isMiner }) => isMiner).length;
    bins.push({
      from: members[0].score,
      to: members[members.length - 1].score,
      points: members.length,
      meanScore: members.reduce((sum, { score }) => sum + score, 0) / members.length,
      minerShare: miners / members.length,
      interval: wilson(miners, members.length),
    });
  }
  return bins;
}

function weightedError(
  sorted: readonly Labelled[],
  edges: readonly number[],
  { perMiner, perInnocent }: { perMiner: number; perInnocent: number },
): number {
  let error = 0;
  for (let bin = 0; bin + 1 < edges.length; bin++) {
    let excess = 0;
    for (const { score, isMiner } of sorted.slice(edges[bin], edges[bin + 1]))
      excess += (isMiner ? perMiner : perInnocent) * (score - (isMiner ? 1 : 0));
    error += Math.abs(excess);
  }
  return error;
}
