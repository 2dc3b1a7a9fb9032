import { LAGS, twoDayMeans, type Axis, type ColdAxes, type ColdBasis } from './cold-axes.js';
import type { Features } from './features.js';
import { median, pairSlope, quantile, ramp } from '../../readings/domain/numeric.js';
import { quantileOf, roomFor } from '../../readings/domain/order-statistics.js';
import type { DetectorInput } from './types.js';

/** How much of the load follows the weather (or, without weather, the common movement of other homes). */
export interface ThermalFit {
  readonly basis: ColdBasis;
  /**
   * kW per °C of cold below 18 °C (other homes: per unit of their movement), of the daily floor and of the daily
   * mean.
   */
  readonly floorHeating: AxisFit;
  readonly meanHeating: AxisFit;
  /** kW per °C of heat above 22 °C, of the daily floor. */
  readonly floorCooling: AxisFit;
  /** Recent means, kW: the part of the floor and of the mean that follows. */
  readonly explainedFloorKw: number;
  readonly explainedMeanKw: number;
  /** Recent median of daily floor minus the part explained, kW. */
  readonly remainderKw: number;
  /** One-sided lower bound (about 90 %) of the remainder, kW. */
  readonly remainderLowKw: number;
  /** Median floor of the days without heating or cooling in the window, kW; NaN with fewer than 10 such days. */
  readonly mildFloorKw: number;
  /** 10th percentile of the cold over the days that the floor has held, in °C below 18 °C (see {@link coldPerUnit}). */
  readonly mildestCold: number;
  /** 10th to 90th percentile of the last six weeks: °C, or units of movement. */
  readonly testedRange: number;
}

interface AxisFit {
  /** Never negative: load that falls in the cold is not heating. Shrunk to nothing when pairs disagree. */
  readonly slope: number;
  /**
   * Where on the axis the load begins to follow: homes heat later than 18 °C, so that mild days would be
   * overcorrected.
   */
  readonly start: number;
  /** The median of the pairs' slopes as it is; below zero, the load grows with warmth. */
  readonly signedSlope: number;
  /** NaN where nobody asks for it. */
  readonly standardError: number;
  readonly agreement: number;
  readonly pairs: number;
}

const MIN_PAIRS = 24;
/** Smoothing and thermal lag pull the slope down by up to a fifth; the lower bound takes that into account. */
const ATTENUATION = 1.2;
const NO_FIT: AxisFit = { slope: 0, start: 0, signedSlope: 0, standardError: 0, agreement: 0, pairs: 0 };

/**
 * Load model `kW = rest + b · max(0, 18 °C − start − T) + c · max(0, T − 22 °C − start)`, slopes by Theil–Sen over
 * pairs 3 to 10 days apart, on two-day means; `start` from the days of lowest rest, as the load that follows is part
 * of the load. A rig that starts in October raises the rest and leaves b alone.
 * Without weather: `kW = rest + b · (movement − 0.2 − start)`, movement = other homes' day over their usual day, of the
 * homes around that heat electrically where there are such, as they feel the same cold; else of comparable homes.
 * Worked example: 0.2 kW by day and night and 2 kW of heating on a usual day, heated neighbours between 0.6 and 1.6
 * times their usual day → b = 2 kW, and at 1.6 times 0.2 + 2 · 1.6 = 3.4 kW, of which 2 · 1.4 = 2.8 kW are taken off.
 */
export function fitThermal(input: DetectorInput, features: Features): ThermalFit | null {
  const { recent, axes, workspace, dailyFloorKw, dailyMeanKw, days } = features;
  if (!axes || !recent) return null;
  const { basis, heating, cooling } = axes;
  const floorHeating = fitAxis(heating, dailyFloorKw, features, { isErrorWanted: true });
  const floorCooling =
    basis === 'weather' ? fitAxis(cooling, dailyFloorKw, features, { isErrorWanted: true }) : NO_FIT;
  const meanHeating = fitAxis(heating, dailyMeanKw, features, { isErrorWanted: false });

  const heatingNow = meanBeyond(heating, floorHeating.start, recent.fromDay, days);
  const coolingNow = meanBeyond(cooling, floorCooling.start, recent.fromDay, days);
  if (Number.isNaN(heatingNow) || Number.isNaN(coolingNow)) return null;
  fillAdjusted({ dailyKw: dailyFloorKw, heating: floorHeating, cooling: floorCooling }, features);
  const explainedFloorKw = floorHeating.slope * heatingNow + floorCooling.slope * coolingNow;
  const doubtKw =
    (ATTENUATION - 1) * explainedFloorKw +
    1.28 * (floorHeating.standardError * heatingNow + floorCooling.standardError * coolingNow);
  const remainderKw = median(workspace.adjustedKw, recent.fromDay, days);
  return {
    basis,
    floorHeating,
    floorCooling,
    meanHeating,
    explainedFloorKw,
    explainedMeanKw: meanHeating.slope * meanBeyond(heating, meanHeating.start, recent.fromDay, days),
    remainderKw,
    remainderLowKw: Math.max(0, remainderKw - doubtKw),
    mildestCold: coldPerUnit(basis) * mildestCold(heating, features),
    mildFloorKw: mildFloor(axes, features),
    testedRange: testedRange(input, basis, features),
  };
}

/**
 * How much of another daily series of the point follows the cold, on the axis of its thermal fit: recent kW explained, and
 * how well pairs of days agree (−1 to 1). Null when nothing tells of the cold.
 */
export function followedPart(
  dailyKw: Float64Array,
  features: Features,
): { explainedKw: number; agreement: number } | null {
  const { thermal, axes, recent, days } = features;
  if (!thermal || !axes || !recent) return null;
  const fit = fitAxis(axes.heating, dailyKw, features, { isErrorWanted: false });
  const now = meanBeyond(axes.heating, fit.start, recent.fromDay, days);
  return { explainedKw: Number.isNaN(now) ? 0 : fit.slope * now, agreement: fit.agreement };
}

/** Daily `dailyKw` minus what follows the weather, into the workspace's `adjustedKw`; unknown weather = missing. */
export function fillAdjusted(
  part: { dailyKw: Float64Array; heating: AxisFit; cooling: AxisFit },
  { days, axes, workspace: { adjustedKw } }: Features,
): void {
  const heating = axes!.heating.values;
  const cooling = axes!.cooling.values;
  for (let day = 0; day < days; day++) {
    const heatingKw = part.heating.slope * Math.max(0, heating[day] - part.heating.start);
    const coolingKw = part.cooling.slope * Math.max(0, cooling[day] - part.cooling.start);
    adjustedKw[day] = part.dailyKw[day] - heatingKw - coolingKw;
  }
}

/**
 * What the load is held against: weather if half of the days have it, else the homes around that heat electrically, else
 * comparable homes.
 */
export function chooseAxes({ surroundings }: DetectorInput, features: Features): ColdAxes | null {
  const { temperatureC, heating, peers } = surroundings;
  const { days, dailyFloorKw, workspace } = features;
  const isKnown = (values: Float32Array) => share(values, dailyFloorKw, days) >= 0.5;
  if (temperatureC && isKnown(temperatureC)) return workspace.axesOf(temperatureC, 'weather', days);
  if (heating && isKnown(heating.movement)) {
    const basis = heating.source === 'declared' ? 'heating' : 'heating_inferred';
    return workspace.axesOf(heating.movement, basis, days);
  }
  if (peers && isKnown(peers.movement)) return workspace.axesOf(peers.movement, 'peers', days);
  return null;
}

function fitAxis(
  axis: Axis,
  y: Float64Array,
  { days, workspace }: Features,
  { isErrorWanted }: { isErrorWanted: boolean },
): AxisFit {
  if (axis.pairs.dx.length < MIN_PAIRS) return NO_FIT;
  twoDayMeans(y, days, workspace.smoothKw);
  const fit = pairSlope(axis.pairs, workspace.smoothKw, isErrorWanted);
  if (fit.pairs < MIN_PAIRS) return NO_FIT;
  const slope = Math.max(0, fit.slope) * ramp(fit.agreement, 0.1, 0.35);
  return {
    slope,
    start: slope > 0 ? startOf(axis, y, slope, days) : 0,
    signedSlope: fit.slope,
    // Spread of the pairs' slopes over the root of the days behind them (each day is in about one pair per lag).
    standardError: fit.quartileRange / 1.349 / Math.sqrt(fit.pairs / LAGS.length),
    agreement: fit.agreement,
    pairs: fit.pairs,
  };
}

/**
 * The first place on the axis from which the load that follows never exceeds the load there is (a tenth of days
 * aside).
 */
function startOf({ values: x }: Axis, y: Float64Array, slope: number, days: number): number {
  const numbers = roomFor(days);
  let count = 0;
  for (let day = 0; day < days; day++) {
    const rest = y[day] - slope * x[day];
    if (x[day] > 0 && rest === rest) numbers[count++] = rest;
  }
  const lowest = quantileOf(numbers, count, 0.1);
  return lowest < 0 ? -lowest / slope : 0;
}

function meanBeyond({ values: x }: Axis, start: number, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let day = from; day < to; day++) {
    if (Number.isNaN(x[day])) continue;
    sum += Math.max(0, x[day] - start);
    count++;
  }
  return count === 0 ? NaN : sum / count;
}

/**
 * °C of cold that a unit of the axis stands for; 0 where it tells nothing of the cold. A home heated by electricity that uses its
 * usual day at −5 °C and nothing at 18 °C moves by one unit in some 25 °C.
 */
export function coldPerUnit(basis: ThermalFit['basis'] | undefined): number {
  if (basis === 'weather') return 1;
  return basis === 'heating' || basis === 'heating_inferred' ? 25 : 0;
}

function mildestCold({ values: cold }: Axis, { days, dailyFloorKw, recent }: Features): number {
  const numbers = roomFor(days);
  let count = 0;
  for (let day = recent?.heldFromDay ?? 0; day < days; day++) {
    if (cold[day] === cold[day] && dailyFloorKw[day] === dailyFloorKw[day]) numbers[count++] = cold[day];
  }
  return quantileOf(numbers, count, 0.1) || 0;
}

function mildFloor(axes: ColdAxes, { days, dailyFloorKw }: Features): number {
  if (axes.basis !== 'weather') return NaN;
  const heating = axes.heating.values;
  const cooling = axes.cooling.values;
  const numbers = roomFor(days);
  let count = 0;
  // 18 − 4 = 14 °C: most homes do not heat above.
  for (let day = 0; day < days; day++) {
    const mild = heating[day] < 4 && cooling[day] === 0 && dailyFloorKw[day] === dailyFloorKw[day];
    if (mild) numbers[count++] = dailyFloorKw[day];
  }
  return count < 10 ? NaN : quantileOf(numbers, count, 0.5);
}

function testedRange(
  { surroundings: { temperatureC, heating, peers } }: DetectorInput,
  basis: ThermalFit['basis'],
  { days }: Features,
): number {
  const series =
    basis === 'weather' ? temperatureC : ((basis === 'peers' ? peers : heating)?.movement ?? null);
  if (!series) return 0;
  const from = Math.max(0, days - 42);
  const range = quantile(series, from, days, 0.9) - quantile(series, from, days, 0.1);
  return Number.isNaN(range) ? 0 : range;
}

/** Share of the days with load for which `values` is known: the window may begin long before the first reading. */
function share(values: Float32Array, dailyKw: Float64Array, days: number): number {
  let withLoad = 0;
  let known = 0;
  for (let day = 0; day < days; day++) {
    if (Number.isNaN(dailyKw[day])) continue;
    withLoad++;
    if (!Number.isNaN(values[day])) known++;
  }
  return withLoad === 0 ? 0 : known / withLoad;
}
