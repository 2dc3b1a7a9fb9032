import type { PointWindow } from '../../domain/types.js';

/** Nobody heats above this daily mean, °C. */
const HEATING_LIMIT_C = 15;
/** Fewer days than this show no slope. */
const LEAST_DAYS = 14;

/**
 * A day's floor (third-lowest hour, kW) less what follows the cold, by day, NaN where unknown: floor − slope × K below
 * 15 °C, the slope by least squares over all days and never negative. The simple correction of the literature's
 * temperature-corrected base load, apart from the detectors' own, which it is a baseline for.
 * Worked example: floors 0.2 + 0.1 kW/K × K below 15 → 0.2 on every day.
 */
export function floorsLessCold(window: PointWindow, temperatureC: Float32Array): Float64Array {
  const floors = Float64Array.from({ length: window.days }, (_, day) => floorOf(window, day));
  const cold = Float64Array.from({ length: window.days }, (_, day) =>
    Math.max(0, HEATING_LIMIT_C - temperatureC[day]),
  );
  const slope = slopeOf(cold, floors);
  return floors.map((kw, day) => kw - (Number.isNaN(cold[day]) ? NaN : slope * cold[day]));
}

function floorOf({ hourlyKw }: PointWindow, day: number): number {
  const hours = hourlyKw.slice(day * 24, day * 24 + 24).filter((kw) => !Number.isNaN(kw));
  return hours.length < 20 ? NaN : hours.sort()[2];
}

/** Least squares, kW per K; zero where it would be negative or can't be told. */
function slopeOf(x: Float64Array, y: Float64Array): number {
  let n = 0;
  let sumX = 0;
  let sumY = 0;
  let sumXx = 0;
  let sumXy = 0;
  for (let at = 0; at < x.length; at++) {
    if (Number.isNaN(x[at]) || Number.isNaN(y[at])) continue;
    n++;
    sumX += x[at];
    sumY += y[at];
    sumXx += x[at] * x[at];
    sumXy += x[at] * y[at];
  }
  const spread = n * sumXx - sumX * sumX;
  return n < LEAST_DAYS || spread <= 1e-9 ? 0 : Math.max(0, (n * sumXy - sumX * sumY) / spread);
}
