import { shareEstimate, type Estimate } from './estimates.js';

export interface CorrectedDays {
  readonly changed: number;
  readonly lower: number;
}

/** Below so many changed days nothing is remarked on. */
export const LEAST_CORRECTIONS = 20;
/** Of honest corrections about half add and half take away; ten imagined ones of each sort. */
const HALF = { prior: 0.5, strength: 20 };
/** More than three in four taken away, beyond chance. */
const MOST_LOWER = 0.75;

export interface CorrectionsOf {
  readonly lower_share: Estimate;
  readonly remark: 'corrections_lower_use' | null;
}

/** Whether a utility's corrections nearly always lower what was used. */
export function judgeCorrections({ changed, lower }: CorrectedDays): CorrectionsOf {
  const share = shareEstimate({ k: lower, n: changed }, HALF);
  const stands = changed >= LEAST_CORRECTIONS && share.lower > MOST_LOWER;
  return { lower_share: share, remark: stands ? 'corrections_lower_use' : null };
}
