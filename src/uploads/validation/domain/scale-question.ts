import type { CheckSettings } from '../../../config/domain/checks.js';
import { MISSING_WH } from '../../../readings/domain/energy-codec.js';
import type { ProfileBatch } from '../../../readings/domain/profile-batch.js';
import type { Question } from '../../domain/upload-options.js';
import type { PointLimits } from './day-checks.js';

/** Fewer points than this with a contracted power say nothing of the file's unit. */
const LEAST_POINTS = 5;
/** A direct-connected meter carries no more than this; beyond it there are current transformers. */
const LEAST_CT_KW = 100;
/** Of the contracted power: less than this for a whole file is MWh, or a ratio that nobody applied. */
const FAR_TOO_LITTLE = 0.001;
const TOO_LITTLE_WITHOUT_RATIO = 0.01;

/**
 * Whether the beginning of a file fits what its points are contracted for; the question to its sender when it does not. It is
 * asked of many points together: one that uses too much is what is looked for here.
 */
export function scaleQuestion(
  batch: ProfileBatch,
  { contractedKw }: PointLimits,
  checks: CheckSettings,
): Question | null {
  const shares = sharesOfContracted(batch, contractedKw);
  return ratioQuestion(shares, checks) ?? unitQuestion(shares, checks);
}

interface Share {
  readonly contractedKw: number;
  /** Highest power ÷ contracted power. */
  readonly share: number;
}

function sharesOfContracted(batch: ProfileBatch, contractedKw: Float32Array): Share[] {
  const highest = new Map<number, number>();
  for (let row = 0; row < batch.rows; row++) {
    const point = batch.points[row];
    if (!(contractedKw[point] > 0)) continue;
    let max = highest.get(point) ?? MISSING_WH;
    for (let at = row * batch.slots; at < (row + 1) * batch.slots; at++)
      if (batch.energyWh[at] > max) max = batch.energyWh[at];
    highest.set(point, max);
  }
  const kwPerWh = 60 / batch.intervalMinutes / 1000;
  // A point that uses nothing is empty, whatever the unit.
  return [...highest]
    .filter(([, max]) => max > 0)
    .map(([point, max]) => ({
      contractedKw: contractedKw[point],
      share: (max * kwPerWh) / contractedKw[point],
    }));
}

function ratioQuestion(shares: readonly Share[], { ct_ratio: check }: CheckSettings): Question | null {
  if (check.severity !== 'hold') return null;
  const large = shares.filter(({ contractedKw }) => contractedKw > LEAST_CT_KW);
  const twice = large.filter(({ share }) => share > check.limit).length;
  const never = large.filter(({ share }) => share < TOO_LITTLE_WITHOUT_RATIO).length;
  if (twice === 0 && never === 0) return null;
  const of = `${Math.max(twice, never)} of ${large.length} metering points with current transformers`;
  if (twice * 2 >= large.length && twice >= never) {
    return {
      about: 'ct',
      text: `${of} use more than ${check.limit} times their contracted power: is the transformer ratio applied (ct=applied), or has it been applied twice (ct=twice, with ct_ratio)?`,
    };
  }
  if (never * 2 < large.length) return null;
  return {
    about: 'ct',
    text: `${of} use less than a hundredth of their contracted power: is the transformer ratio applied (ct=applied), or still to be applied (ct=not-applied, with ct_ratio)?`,
  };
}

function unitQuestion(shares: readonly Share[], { unit: check }: CheckSettings): Question | null {
  if (check.severity !== 'hold' || shares.length < LEAST_POINTS) return null;
  const sorted = shares.map(({ share }) => share).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median > check.limit) {
    const times = Math.round(median);
    return {
      about: 'unit',
      text: `Half of the metering points use ${times} times their contracted power or more: which unit do the values have (unit=kWh, Wh, kW or W)?`,
    };
  }
  if (median >= FAR_TOO_LITTLE) return null;
  return {
    about: 'unit',
    text: `Half of the metering points use less than a thousandth of their contracted power: which unit do the values have (unit=kWh or MWh)?`,
  };
}
