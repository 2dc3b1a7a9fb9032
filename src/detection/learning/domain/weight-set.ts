import { createHash } from 'node:crypto';
import { DEFAULT_WEIGHTS, type Weights } from '../../domain/evidence.js';
import { logistic, logOdds } from '../../../readings/domain/numeric.js';
import type { DetectionSettings } from '../../domain/settings.js';
import type { EvidenceKind } from '../../domain/types.js';

export interface DetectorWeight {
  readonly kind: EvidenceKind;
  /** Log-odds of a finding of strength 1, and of strength −1 without its sign. */
  readonly for: number;
  readonly against: number;
}

/** By name of detector: the table of this release, of an earlier one, or a fitted one. */
export type WeightTable = Readonly<Record<string, DetectorWeight>>;

/** What decisions can change about a score. */
export interface WeightSet {
  readonly weights: WeightTable;
  /** Log-odds added to the prior of every place. */
  readonly priorShift: number;
}

export interface VersionedWeights extends WeightSet {
  readonly version: string;
}

/** The weights this release starts from, and falls back to while no fitted set has been adopted. */
export const STARTING_SET: WeightSet = Object.freeze({ weights: DEFAULT_WEIGHTS, priorShift: 0 });
export const STARTING_VERSION = versionOf(STARTING_SET);

/** First 16 hex digits of the SHA-256 of what the set says; the order of detectors does not matter. */
export function versionOf({ weights, priorShift }: WeightSet): string {
  const entries = Object.keys(weights)
    .sort()
    .map((name) => [name, weights[name].kind, weights[name].for, weights[name].against]);
  return createHash('sha256')
    .update(JSON.stringify([entries, priorShift]))
    .digest('hex')
    .slice(0, 16);
}

/**
 * A set for the detectors of this release: one that the set does not know keeps its starting weight, one that is gone is
 * left out, and the kind of evidence is the code's.
 */
export function forThisRelease(set: WeightSet, starting: WeightTable = DEFAULT_WEIGHTS): WeightSet {
  const weights = Object.fromEntries(
    Object.entries(starting).map(([name, start]) => {
      const { for: towards, against } = set.weights[name] ?? start;
      return [name, { kind: start.kind, for: towards, against }];
    }),
  );
  return { weights, priorShift: set.priorShift };
}

/** The settings with which a set scores. */
export function settingsWith(settings: DetectionSettings, set: WeightSet): DetectionSettings {
  const { judgement } = settings;
  const baseRate =
    set.priorShift === 0 ? judgement.baseRate : logistic(logOdds(judgement.baseRate) + set.priorShift);
  return {
    ...settings,
    weights: forThisRelease(set).weights as Weights,
    judgement: { ...judgement, baseRate },
  };
}

/** What a scoring run's recorded version says of the weights; {@link weightsVersionIn} reads it back. */
export function weightsMark(version: string): string {
  return `weights ${version}`;
}

/** Runs that name no weights were made with the starting ones. */
export function weightsVersionIn(settingsVersion: string): string {
  return /\bweights ([0-9a-f]{16})\b/.exec(settingsVersion)?.[1] ?? STARTING_VERSION;
}
