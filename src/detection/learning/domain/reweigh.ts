import { SAME_KIND_RATIO } from '../../domain/evidence.js';
import type { Evidence } from '../../domain/types.js';
import type { WeightSet } from './weight-set.js';

/** What is kept of a piece of evidence: its sentence is not needed to weigh it. */
export type WeighedEvidence = Pick<Evidence, 'detector' | 'kind' | 'logOdds'>;

/** A stored piece of evidence, taken apart. */
export interface UnpackedEvidence extends WeighedEvidence {
  /** −1 to 1; null: no weight of the set made it (the prior of a place, a detector the set does not know). */
  readonly strength: number | null;
  /** 1, or {@link SAME_KIND_RATIO} behind a stronger finding of the same kind and direction. */
  readonly share: number;
}

/**
 * Undoes the weighing: strength = log-odds ÷ (share × weight). Evidence is stored in the order it was weighed in, so that
 * the first of a kind and direction is the one that counts whole.
 *
 * Worked example: base-load +2.1 under a weight of 3 is a strength of 0.7; a quota forecast of +0.12 behind it, of the
 * same kind and with a weight of 0.4, is 0.12 ÷ (0.3 × 0.4) = 1.
 */
export function unpack(evidence: readonly WeighedEvidence[], set: WeightSet): UnpackedEvidence[] {
  const seen = new Set<string>();
  return evidence.map(({ detector, kind, logOdds }) => {
    if (kind === 'context') return { detector, kind, logOdds, strength: null, share: 1 };
    const group = directionOf(kind, logOdds);
    const share = seen.has(group) ? SAME_KIND_RATIO : 1;
    seen.add(group);
    const weight = set.weights[detector]?.[logOdds > 0 ? 'for' : 'against'];
    if (weight === undefined || (weight === 0 && logOdds !== 0))
      return { detector, kind, logOdds, strength: null, share };
    return { detector, kind, logOdds, strength: logOdds === 0 ? 0 : logOdds / (share * weight), share };
  });
}

/**
 * The evidence as the set `to` would have weighed it, strongest first behind its context. What no weight made stays as it
 * was, except that the prior of the place moves with the set's shift.
 */
export function reweigh<E extends WeighedEvidence>(
  evidence: readonly E[],
  { from, to }: { readonly from: WeightSet; readonly to: WeightSet },
): E[] {
  const unpacked = unpack(evidence, from);
  const context: E[] = [];
  const weighed: E[] = [];
  evidence.forEach((item, i) => {
    const { strength, share } = unpacked[i];
    if (item.kind === 'context') {
      const shift = item.detector === 'place' ? to.priorShift - from.priorShift : 0;
      context.push({ ...item, logOdds: item.logOdds + shift });
      return;
    }
    const weight = to.weights[item.detector];
    const kept = strength === null || weight === undefined;
    const logOdds = kept ? item.logOdds / share : strength * (strength >= 0 ? weight.for : weight.against);
    weighed.push({ ...item, logOdds });
  });
  weighed.sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
  const seen = new Set<string>();
  const discounted = weighed.map((item) => {
    const group = directionOf(item.kind, item.logOdds);
    if (seen.has(group)) return { ...item, logOdds: item.logOdds * SAME_KIND_RATIO };
    seen.add(group);
    return item;
  });
  return [...context, ...discounted];
}

function directionOf(kind: string, logOdds: number): string {
  return `${kind} ${logOdds > 0 ? 'for' : 'against'}`;
}
