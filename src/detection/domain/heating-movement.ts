import { FULL_DAY_HOURS } from './full-day.js';
import { gather, median } from '../../readings/domain/numeric.js';
import { quantileOf } from '../../readings/domain/order-statistics.js';
import type { HeatingMovement, PointWindow } from './types.js';

/** Fewer homes than this make no common movement. */
export const LEAST_HEATED_HOMES = 8;
/** A home with fewer full days has no usual day. */
const LEAST_DAYS = 14;
/** Of any homes, so many are taken to heat electrically at most: where more do, any tenth of them will serve. */
const HEATED_RATIO = 0.1;
/** With fewer homes to choose from, a tenth of them is no choice. */
const LEAST_HOMES = 20;
const LEAST_SWINGS = 20;
/** kWh a day: a rig's start or a car may not outweigh the cold, which moves a heated home by 5 to 20. */
const MOST_SWING_KWH = 10;
/** The choice settles in two to four rounds. */
const ROUNDS = 6;
/**
 * Correlation wanted between two halves of the chosen homes. Of 28 simulated places and seasons, 100 homes each, 25
 * gave 0.82 to 0.98 with their heated homes; without them (0.2 to 0.8) what is left in common is chance.
 */
const LEAST_AGREEMENT = 0.8;

/**
 * The common movement of homes that the registry calls electrically heated: the median over homes of (day's kWh ÷ that
 * home's median day). Rigs and cars among them do not move a median. Null when too few homes have readings.
 *
 * Worked example: eight homes of 40, 50, …, 110 kWh a day that all use half as much again on a cold day → 1.5 that day.
 */
export function declaredHeating(key: string, windows: readonly PointWindow[]): HeatingMovement | null {
  const homes = windows.map(dailyLoad).filter((daily) => daily !== null);
  return homes.length < LEAST_HEATED_HOMES ? null : movementOf(key, 'declared', homes);
}

/**
 * The same without asking the registry: of any homes, those whose days swing most alike. Cold spells are what homes have
 * in common besides the week's rhythm, and a heated home swings by 5 to 20 kWh a day with them, others by 1 or 2.
 *
 * Formula: swing = mean kWh of three days − the mean of the same weekdays a week before, at most 10 kWh either way (no
 * season, no week, and a step is seen for ten days only). The common swing begins as the mean of all and becomes that of
 * the tenth of the homes that correlate best with it, six times over. Null when halves of the chosen do not agree: nobody
 * heats, or not in this season.
 */
export function sharedHeating(key: string, windows: readonly PointWindow[]): HeatingMovement | null {
  const seen = new Set<string>();
  const homes = windows.flatMap((window) => {
    const daily = dailyLoad(window);
    const swing = daily && swingOf(daily);
    if (!swing || seen.has(fingerprint(daily))) return [];
    seen.add(fingerprint(daily));
    return [{ daily, swing }];
  });
  if (homes.length < LEAST_HOMES) return null;
  const heated = mostAlike(
    homes.map(({ swing }) => swing),
    Math.max(LEAST_HEATED_HOMES, Math.round(homes.length * HEATED_RATIO)),
  );
  const halfOf = (parity: number) =>
    meanOf(heated.filter((_, i) => i % 2 === parity).map((home) => homes[home].swing));
  if (!(correlation(halfOf(0), halfOf(1)) >= LEAST_AGREEMENT)) return null;
  return movementOf(
    key,
    'inferred',
    heated.map((home) => homes[home].daily),
  );
}

/** kWh of each full day, scaled to 24 hours, NaN for the others; null without enough of them or without use. */
function dailyLoad({ days, dailyKwh, hoursPresent }: PointWindow): Float64Array | null {
  const daily = new Float64Array(days).fill(NaN);
  for (let day = 0; day < days; day++) {
    if (hoursPresent[day] >= FULL_DAY_HOURS) daily[day] = (dailyKwh[day] * 24) / hoursPresent[day];
  }
  const scratch = new Float64Array(days);
  const fullDays = gather(daily, 0, days, scratch);
  return fullDays >= LEAST_DAYS && median(daily, 0, days) > 0 ? daily : null;
}

/** The first full days to the watt-hour: a meter that the registry holds twice would be found to move like itself. */
function fingerprint(daily: Float64Array): string {
  return daily
    .filter((kwh) => !Number.isNaN(kwh))
    .slice(0, LEAST_DAYS)
    .join();
}

function movementOf(
  key: string,
  source: HeatingMovement['source'],
  homes: readonly Float64Array[],
): HeatingMovement {
  const days = homes[0].length;
  const scratch = new Float64Array(Math.max(days, homes.length));
  const usual = homes.map((daily) => median(daily, 0, days));
  const movement = new Float32Array(days).fill(NaN);
  for (let day = 0; day < days; day++) {
    let present = 0;
    for (let home = 0; home < homes.length; home++) {
      const kwh = homes[home][day];
      if (kwh === kwh) scratch[present++] = kwh / usual[home];
    }
    if (present >= LEAST_HEATED_HOMES / 2) movement[day] = quantileOf(scratch, present, 0.5);
  }
  return { key, source, homes: homes.length, movement };
}

/** In units of its own root mean square, so that a large house counts no more than a small one; null when too few. */
function swingOf(daily: Float64Array): Float64Array | null {
  const swing = new Float64Array(daily.length).fill(NaN);
  let count = 0;
  for (let day = 9; day < daily.length; day++) {
    const kwh = threeDayMean(daily, day) - threeDayMean(daily, day - 7);
    swing[day] = Math.max(-MOST_SWING_KWH, Math.min(MOST_SWING_KWH, kwh));
    if (kwh === kwh) count++;
  }
  return count < LEAST_SWINGS ? null : swing;
}

function threeDayMean(daily: Float64Array, last: number): number {
  return (daily[last - 2] + daily[last - 1] + daily[last]) / 3;
}

/** Indices of the `size` swings that correlate best with what they have in common. */
function mostAlike(swings: readonly Float64Array[], size: number): number[] {
  const scaled = swings.map((swing) => {
    const rootMeanSquare = Math.sqrt(meanProduct(swing, swing));
    return rootMeanSquare > 0 ? swing.map((kwh) => kwh / rootMeanSquare) : swing;
  });
  let common = meanOf(swings);
  let chosen: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const likeness = scaled.map((swing) => meanProduct(swing, common));
    chosen = likeness.map((_, home) => home).sort((a, b) => likeness[b] - likeness[a]);
    chosen.length = size;
    common = meanOf(chosen.map((home) => scaled[home]));
  }
  return chosen;
}

function meanOf(series: readonly Float64Array[]): Float64Array {
  return series[0].map((_, day) => {
    let sum = 0;
    let count = 0;
    for (const values of series) {
      if (Number.isNaN(values[day])) continue;
      sum += values[day];
      count++;
    }
    return count === 0 ? NaN : sum / count;
  });
}

/** Of swings, whose mean is nought. */
function correlation(a: Float64Array, b: Float64Array): number {
  return meanProduct(a, b) / Math.sqrt(meanProduct(a, a) * meanProduct(b, b));
}

/** Over the days that both have; 0 when there are none. */
function meanProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (let day = 0; day < a.length; day++) {
    const product = a[day] * b[day];
    if (Number.isNaN(product)) continue;
    sum += product;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
