import { createHash } from 'node:crypto';
import type { DayNumber } from '../../../grid/domain/calendar.js';
import type { Baseline } from './baselines.js';
import { calibrationOf, type Calibration } from './calibration.js';
import { nearestRank, quantileInterval, wilson, type Interval } from './intervals.js';
import { DISTRICT, rankingFigures, type RankingFigures } from './ranking-figures.js';
import { thresholdAtFalsePositiveRate, type Population } from './ranking-metrics.js';

/** A metering point of a labelled region: what it truly is, and what the scorer made of it. */
export interface JudgedPoint {
  readonly className: string;
  readonly isMiner: boolean;
  /** Whose metering point it is; points of one household (or of one real home) are not independent. */
  readonly cluster: string;
  /** What the registry says; null = nothing. */
  readonly electricHeating: boolean | null;
  /** First day of mining; null when it never began within the data, or the truth does not say. */
  readonly onset: DayNumber | null;
  /** The same in hours since the first day of day numbers, standard time of the place; null where only the day is known. */
  readonly onsetHour: number | null;
  readonly score: number;
  readonly flagged: boolean;
  readonly since: DayNumber | null;
  /** The hour that a finding dates the beginning to; null when none does. */
  readonly sinceHour: number | null;
}

export interface ClassShare {
  readonly points: number;
  readonly flagged: number;
  /** Flagged ÷ points: recall of a miner class, false-alarm rate of an innocent class. */
  readonly share: number;
  readonly interval: Interval;
  /** Points ranked above the threshold that flags 0.2 % of the innocents. */
  readonly ranked: number;
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
  /** Of those whose true hour is known; where nothing dates the hour, noon of the day is taken. */
  readonly hours: HourError;
  readonly hoursByClass: Readonly<Record<string, HourError>>;
}

export interface HourError {
  readonly dated: number;
  readonly medianHours: number | null;
  readonly medianInterval: Interval;
  readonly p90Hours: number | null;
}

/** Innocent homes that heat with electricity, by what is known of it. */
export interface HeatingAlarms {
  /** Heated by its class, or by the registry. */
  readonly all: ClassShare;
  readonly registered: ClassShare;
  readonly unregistered: ClassShare;
}

export interface RankedBy {
  readonly name: string;
  readonly figures: RankingFigures;
}

export interface EvaluationReport {
  readonly points: number;
  readonly miners: number;
  readonly prevalence: number;
  /** Over all points, full bypass (which no household meter shows) among the miners. */
  readonly ranking: RankingFigures;
  /** Without the points past the meter. */
  readonly metered: RankingFigures;
  /** The simple methods on the same points as {@link metered}. */
  readonly baselines: readonly RankedBy[];
  readonly precisionAtTop: Population & { readonly precision: number };
  readonly recall: number;
  readonly meteredRecall: ClassShare;
  readonly falseAlarmRate: number;
  readonly falseAlarms: ClassShare;
  readonly recallByClass: Readonly<Record<string, ClassShare>>;
  readonly falseAlarmsByClass: Readonly<Record<string, ClassShare>>;
  readonly heatingAlarms: HeatingAlarms;
  readonly onsetError: OnsetError;
  readonly calibration: Calibration;
}

/** The false-positive rate at which a class counts as ranked above. */
const CLASS_FPR = 0.002;

/** Baselines are aligned with the points. */
export function evaluationReport(
  points: readonly JudgedPoint[],
  baselines: readonly Baseline[] = [],
): EvaluationReport {
  const miners = points.filter(({ isMiner }) => isMiner);
  const innocents = points.filter(({ isMiner }) => !isMiner);
  const shareOf = shareAbove(thresholdAtFalsePositiveRate(points, CLASS_FPR));
  const sharesByClass = (some: readonly JudgedPoint[]) =>
    Object.fromEntries(byClass(some).map(([name, members]) => [name, shareOf(members)]));
  const ranking = rankingFigures(points);
  const heated = innocents.filter(isHeated);
  return {
    points: points.length,
    miners: miners.length,
    prevalence: miners.length / points.length,
    ranking,
    metered: rankingFigures(points.filter(isMetered)),
    baselines: baselines.map(({ name, scores }) => ({
      name,
      figures: rankingFigures(points.map((point, at) => ({ ...point, score: scores[at] })).filter(isMetered)),
    })),
    precisionAtTop: { ...DISTRICT, precision: ranking.precisionAtTop.value },
    recall: shareOf(miners).share,
    meteredRecall: shareOf(miners.filter(isMetered)),
    falseAlarmRate: shareOf(innocents).share,
    falseAlarms: shareOf(innocents),
    recallByClass: sharesByClass(miners),
    falseAlarmsByClass: sharesByClass(innocents),
    heatingAlarms: {
      all: shareOf(heated),
      registered: shareOf(heated.filter(({ electricHeating }) => electricHeating === true)),
      unregistered: shareOf(heated.filter(({ electricHeating }) => electricHeating !== true)),
    },
    onsetError: onsetError(miners),
    calibration: calibrationOf(points.filter(isMetered), DISTRICT.prevalence),
  };
}

export type Half = 'tune' | 'test';

/**
 * Which half a household is in: a fixed hash of whose it is, so that no household is ever on both sides. The word in front
 * keeps it apart from other hashes of the same ids, which may have chosen the region's homes.
 */
export function halfOf(cluster: string): Half {
  return createHash('sha256').update(`half ${cluster}`).digest()[0] % 2 === 0 ? 'tune' : 'test';
}

/** Past the meter nothing is metered: only the transformer can show it. */
export function isMetered({ className }: Pick<JudgedPoint, 'className'>): boolean {
  return className !== 'full_bypass';
}

/** By the name of its class, as region folders name them, or by the registry. */
export function isHeated({
  className,
  electricHeating,
}: Pick<JudgedPoint, 'className' | 'electricHeating'>): boolean {
  return electricHeating === true || /heat|boiler|storage|electric_house/.test(className);
}

export function byClass<T extends Pick<JudgedPoint, 'className'>>(points: readonly T[]): [string, T[]][] {
  const names = [...new Set(points.map(({ className }) => className))].sort();
  return names.map((name) => [name, points.filter(({ className }) => className === name)]);
}

function shareAbove(threshold: number): (points: readonly JudgedPoint[]) => ClassShare {
  return (points) => {
    const flagged = points.filter((point) => point.flagged).length;
    const ranked = points.filter(({ score }) => score >= threshold).length;
    const interval = wilson(flagged, points.length);
    return { points: points.length, flagged, share: flagged / points.length, interval, ranked };
  };
}

function onsetError(miners: readonly JudgedPoint[]): OnsetError {
  const known = miners.filter((miner) => miner.flagged && miner.onset !== null);
  const dated = known.filter(({ since }) => since !== null);
  const errors = dated.map(({ since, onset }) => Math.abs(since! - onset!)).sort((a, b) => a - b);
  return {
    known: known.length,
    dated: errors.length,
    medianDays: nearestRank(errors, 0.5),
    p90Days: nearestRank(errors, 0.9),
    withinOneDay: errors.filter((days) => days <= 1).length,
    hours: hourError(dated),
    hoursByClass: Object.fromEntries(
      byClass(dated).map(([name, members]) => [name, hourError(members)] as const),
    ),
  };
}

function hourError(dated: readonly JudgedPoint[]): HourError {
  const errors = dated
    .filter(({ onsetHour }) => onsetHour !== null)
    .map(({ onsetHour, since, sinceHour }) => Math.abs((sinceHour ?? since! * 24 + 12) - onsetHour!))
    .sort((a, b) => a - b);
  return {
    dated: errors.length,
    medianHours: nearestRank(errors, 0.5),
    medianInterval: quantileInterval(errors, 0.5),
    p90Hours: nearestRank(errors, 0.9),
  };
}
