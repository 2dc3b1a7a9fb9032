import { RECENT_DAYS, type Features } from '../features.js';
import { quantile, ramp, rampLog, roundTo, SIGMA_PER_MAD } from '../../../readings/domain/numeric.js';
import { quantileOf } from '../../../readings/domain/order-statistics.js';
import { days as daysOf, kw, type Sentence } from '../phrases.js';
import { formatNumber } from '../text.js';
import type { FindingOf, PointWindow } from '../types.js';
import { finding, type Detector } from './detector.js';

export type VehicleChargingSettings = {
  lookBackDays: number;
  /** A charger draws at least this much above the usual load, kW: 3.7 kW of one phase, less a slow hour. */
  minBlockKw: number;
  maxBlockKw: number;
  maxHours: number;
  minSessions: number;
};

export type VehicleChargingObserved = {
  /** Blocks found, and the days looked at. */
  sessions: number;
  days: number;
  /** Usual height of a block above the usual load, kW, and how much the heights differ (1.4826 MAD ÷ median). */
  blockKw: number;
  levelSpreadRatio: number;
  /** 10th and 90th percentile of the blocks' lengths, hours. */
  shortestHours: number;
  longestHours: number;
  /** Share of all energy that the blocks hold. */
  energyRatio: number;
  floorKw: number;
};

/**
 * Blocks of one charger's height on some days, as long as the trip was far: a car. A machine that mines by night does so every
 * night, and to the same hour.
 *
 * Formula over the last 28 days: runs of hours at least 2.5 kW above the median hour that begin within an hour or two; those of 1
 * to 7 hours and 3 to 11 kW count; heights' spread, 10th and 90th percentile of the lengths, share of the energy.
 * Source: household chargers of 3.7, 7.4 and 11 kW, 10 to 40 kWh a session; a sauna stove leaves the same blocks.
 * Worked example: 0.3 kW, and 7 kW for 2, 4 or 6 hours on every second night → 14 blocks in 28 days, 2 to 6 hours.
 */
export const vehicleCharging: Detector<'vehicle-charging', VehicleChargingSettings, VehicleChargingObserved> =
  {
    name: 'vehicle-charging',
    version: 1,
    defaults: { lookBackDays: 28, minBlockKw: 2.5, maxBlockKw: 12, maxHours: 7, minSessions: 3 },

    detect(input, features, settings): FindingOf<VehicleChargingObserved> | null {
      const { recent, days } = features;
      // Without swings of half a kilowatt there are no such blocks, whatever the hours say.
      if (!recent || recent.sdKw < 0.5) return null;
      const from = Math.max(0, days - settings.lookBackDays);
      const blocks = findBlocks(input.window, features, from, settings);
      if (!blocks) return null;
      return finding(this, {
        input,
        settings,
        from,
        to: days,
        sinceDay: null,
        observed: { ...blocks, days: days - from, floorKw: roundTo(recent.floorKw, 2) },
      });
    },

    /** A car beside a rig explains its own blocks, and not the rig's floor. */
    strength: (o, { pausing }) =>
      -ramp(o.sessions, 2, 6) *
      (1 - ramp(o.levelSpreadRatio, 0.15, 0.35)) *
      ramp(o.longestHours - o.shortestHours, 0.5, 2) *
      (1 - ramp(o.sessions / o.days, 0.85, 1)) *
      ramp(o.energyRatio, 0.15, 0.4) *
      (1 - rampLog(o.floorKw, 0.6, 1.5)) *
      (1 - 0.5 * pausing),

    say(o): Sentence {
      const length = {
        ru: `от ${formatNumber(o.shortestHours, 'ru', 1)} до ${formatNumber(o.longestHours, 'ru', 1)} ч`,
        en: `${formatNumber(o.shortestHours, 'en', 1)} to ${formatNumber(o.longestHours, 'en', 1)} h`,
      };
      return {
        ru: `За ${daysOf(o.days).ru} блоков около ${kw(o.blockKw).ru}: ${o.sessions}, длиной ${length.ru}: так заряжают электромобиль или топят электрическую печь бани.`,
        en: `In ${daysOf(o.days).en} there were blocks of about ${kw(o.blockKw).en}: ${o.sessions}, of ${length.en}: as a car is charged or a sauna stove heats.`,
      };
    },
  };

function findBlocks(
  { hourlyKw }: PointWindow,
  { days, workspace: { scratch } }: Features,
  from: number,
  { minBlockKw, maxBlockKw, maxHours, minSessions, lookBackDays }: VehicleChargingSettings,
): Omit<VehicleChargingObserved, 'days' | 'floorKw'> | null {
  const start = from * 24;
  const end = days * 24;
  const usualKw = quantile(hourlyKw, Math.max(start, end - RECENT_DAYS * 24), end, 0.5);
  // A day holds three such blocks at most; lengths go beside the heights.
  const most = Math.min(lookBackDays * 3, Math.floor(scratch.length / 2));
  const lengths = scratch.subarray(most, 2 * most);
  let sessions = 0;
  let blockKwh = 0;
  let totalKwh = 0;
  for (let hour = start; hour < end; hour++) {
    const value = hourlyKw[hour];
    if (value === value) totalKwh += value;
    if (!(value >= usualKw + minBlockKw)) continue;
    let topKw = value;
    let sumKwh = value - usualKw;
    let next = hour + 1;
    for (; next < end && hourlyKw[next] >= usualKw + minBlockKw; next++) {
      topKw = Math.max(topKw, hourlyKw[next]);
      sumKwh += hourlyKw[next] - usualKw;
      totalKwh += hourlyKw[next];
    }
    const heightKw = topKw - usualKw;
    const rise = Math.max(value, hourlyKw[hour + 1] || 0) - (hourlyKw[hour - 1] ?? NaN);
    if (next - hour <= maxHours && heightKw <= maxBlockKw && rise >= minBlockKw && sessions < most) {
      scratch[sessions] = heightKw;
      // The first and the last hour are charged in part: energy over height is the length.
      lengths[sessions] = sumKwh / heightKw;
      sessions++;
      blockKwh += sumKwh;
    }
    hour = next - 1;
  }
  if (sessions < minSessions || !(blockKwh >= 0.1 * totalKwh)) return null;
  const shortestHours = quantileOf(lengths, sessions, 0.1);
  const longestHours = quantileOf(lengths, sessions, 0.9);
  const blockKw = quantileOf(scratch, sessions, 0.5);
  for (let i = 0; i < sessions; i++) scratch[i] = Math.abs(scratch[i] - blockKw);
  const spreadKw = SIGMA_PER_MAD * quantileOf(scratch, sessions, 0.5);
  return {
    sessions,
    blockKw: roundTo(blockKw, 2),
    levelSpreadRatio: roundTo(spreadKw / blockKw, 2),
    shortestHours: roundTo(shortestHours, 1),
    longestHours: roundTo(longestHours, 1),
    energyRatio: roundTo(blockKwh / totalKwh, 2),
  };
}
