/** How a steady load wavers: what a machine, a thermostat, a shop and a household leave in the daily floors. */
import { ramp } from '../../../readings/domain/numeric.js';

/**
 * 0 to 1: wanders from day to day and within a day more than a machine does, so that it may be heating; asked only where
 * the cold is unknown. Simulated floors from 0.8 kW, 5th to 95th percentile, August to February: drift over the time held
 * 10 to 37 % with heating, 1 to 5 % with rigs (staged ones more); unrest 5 to 22 % with heating, 0 to 5 % with rigs.
 */
export function mayHeat(observed: {
  floorKw: number;
  floorSpreadRatio: number;
  quietSpreadKw: number;
}): number {
  return Math.min(ramp(drift(observed), 0.04, 0.11), unrest(observed));
}

export function unrest({ floorKw, quietSpreadKw }: { floorKw: number; quietSpreadKw: number }): number {
  return ramp(beyond(quietSpreadKw, 0.1) / floorKw, 0.035, 0.08);
}

/**
 * 0 to 1: as restless as a thermostat both from day to day and within a day. One alone is a household's, or a rig's
 * tuning.
 */
export function thermostat(observed: {
  floorKw: number;
  floorSpreadRatio: number;
  quietSpreadKw: number;
}): number {
  return Math.min(ramp(drift(observed), 0.1, 0.25), restlessness(observed));
}

/** Day-to-day drift of the floor beyond what a household adds to any floor (0.15 kW), as a share of the floor. */
export function drift({ floorKw, floorSpreadRatio }: { floorKw: number; floorSpreadRatio: number }): number {
  return beyond(floorSpreadRatio * floorKw, 0.15) / floorKw;
}

/**
 * Differences between the quiet hours of one day, beyond a household's own 0.1 kW. Share of the floor: rigs 1 to 6 %,
 * shops' refrigeration 5 to 8 %, electric heating 8 to 22 % (simulated region; real homes with a steady 1 kW added: 3
 * %).
 */
export function restlessness({ floorKw, quietSpreadKw }: { floorKw: number; quietSpreadKw: number }): number {
  return ramp(beyond(quietSpreadKw, 0.1) / floorKw, 0.05, 0.14);
}

/** What is left of a spread when an independent one is taken off. */
export function beyond(spreadKw: number, usualKw: number): number {
  return Math.sqrt(Math.max(0, spreadKw ** 2 - usualKw ** 2));
}

/** The plateau of a shop or a timer: 8 to 15 hours a day well above the rest, every day. */
export function openingHours({
  dayKw,
  nightKw,
  blockHours,
}: {
  dayKw: number | null;
  nightKw: number | null;
  blockHours: number;
}): number {
  if (dayKw === null || nightKw === null) return 0;
  const contrast =
    ramp((dayKw - nightKw) / Math.max(dayKw, 0.1), 0.15, 0.4) * ramp(dayKw - nightKw, 0.3, 0.9);
  return contrast * ramp(blockHours, 7, 9) * (1 - ramp(blockHours, 14, 17));
}
