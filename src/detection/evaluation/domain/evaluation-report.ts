import type { DayNumber } from '../../../grid/domain/calendar.js';
import {
  averagePrecision,
  precisionAtTop,
  recallAtFalsePositiveRate,
  rocAuc,
  type Population,
} from './ranking-metrics.js';

/** A metering point of a labelled region: what it truly is, and what the scorer made of it. */
export interface JudgedPoint {
  readonly className: string;
  readonly isMiner: boolean;
  /** First day of mining; null when it never began within the data, or the truth does not say. */
  readonly onset: DayNumber | null;
  readonly score: number;
  readonly flagged: boolean;
  readonly since: DayNumber | null;
}

export interface ClassShare {
  readonly points: number;
  readonly flagged: number;
  /** Flagged ÷ points: recall of a miner class, false-alarm rate of an innocent class. */
  readonly share: number;
}

export interface OnsetError {
  /** Flagged miners whose true onset is known. */
  readonly known: number;
  /** … of which the scorer dated. */
  readonly dated: number;
  /** Of the absolute error, days; null when none is dated. */
  readonly medianDays: number | null;
  readonly p90Days: number | null;
  readonly withinOneDay: number;
}

export interface EvaluationReport {
  readonly points: number;
  readonly miners: number;
  readonly prevalence: number;
  readonly rocAuc: number;
  readonly averagePrecision: number;
  readonly recallAtFpr: { readonly fpr: number; readonly recall: number }[];
  readonly precisionAtTop: Population & { readonly precision: number };
  readonly recall: number;
  readonly falseAlarmRate: number;
  readonly recallByClass: Readonly<Record<string, ClassShare>>;
  readonly falseAlarmsByClass: Readonly<Record<string, ClassShare>>;
  readonly onsetError: OnsetError;
}

/** 100 inspections in a district where they could just find every miner: 0.8 % of 12,500 points are 100. */
export const DISTRICT: Population = { places: 100, prevalence: 0.008, points: 12_500 };

const FALSE_POSITIVE_RATES = [0.001, 0.01];

export function evaluationReport(points: readonly JudgedPoint[]): EvaluationReport {
  const miners = points.filter(({ isMiner }) => isMiner);
  const innocents = points.filter(({ isMiner }) => !isMiner);
  return {
    points: points.length,
    miners: miners.length,
    prevalence: miners.length / points.length,
    rocAuc: rocAuc(points),
    averagePrecision: averagePrecision(points),
    recallAtFpr: FALSE_POSITIVE_RATES.map((fpr) => ({ fpr, recall: recallAtFalsePositiveRate(points, fpr) })),
    precisionAtTop: { ...DISTRICT, precision: precisionAtTop(points, DISTRICT) },
    recall: shareOf(miners).share,
    falseAlarmRate: shareOf(innocents).share,
    recallByClass: sharesByClass(miners),
    falseAlarmsByClass: sharesByClass(innocents),
    onsetError: onsetError(miners),
  };
}

function sharesByClass(points: readonly JudgedPoint[]): Record<string, ClassShare> {
  const names = [...new Set(points.map(({ className }) => className))].sort();
  return Object.fromEntries(
    names.map((name) => [name, shareOf(points.filter(({ className }) => className === name))]),
  );
}

function shareOf(points: readonly JudgedPoint[]): ClassShare {
  const flagged = points.filter((point) => point.flagged).length;
  return { points: points.length, flagged, share: flagged / points.length };
}

function onsetError(miners: readonly JudgedPoint[]): OnsetError {
  const known = miners.filter((miner) => miner.flagged && miner.onset !== null);
  const errors = known
    .filter(({ since }) => since !== null)
    .map(({ since, onset }) => Math.abs(since! - onset!))
    .sort((a, b) => a - b);
  return {
    known: known.length,
    dated: errors.length,
    medianDays: nearestRank(errors, 0.5),
    p90Days: nearestRank(errors, 0.9),
    withinOneDay: errors.filter((days) => days <= 1).length,
  };
}

/** Of sorted values; null of none. */
function nearestRank(sorted: readonly number[], share: number): number | null {
  return sorted.length === 0 ? null : sorted[Math.ceil(share * sorted.length) - 1];
}
