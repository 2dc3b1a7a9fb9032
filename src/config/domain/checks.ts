/**
 * What a check does with what it finds. `reject`: the value is not taken. `hold`: nothing of the file is taken before its
 * sender has answered a question. `mark`: the value is taken, reported, and where it is doubtful itself marked questionable.
 */
export type Severity = 'reject' | 'hold' | 'mark';

interface CheckDefinition {
  readonly severity: Severity;
  /** Severities it may be given besides `off`: what is known of a whole file only can't reject a value of it. */
  readonly allowed: readonly Severity[];
  readonly limit: number;
  readonly unit: string;
  /** What it finds, as docs/ingest.md says it. */
  readonly finds: string;
}

const MARK = ['mark'] as const;
const REJECT_OR_MARK = ['reject', 'mark'] as const;
const HOLD_OR_MARK = ['hold', 'mark'] as const;

/** Checks of readings that have a setting; what no meter can say (negative, no number, a register of ones) is always rejected. */
export const CHECKS = {
  ancient: {
    severity: 'reject',
    allowed: REJECT_OR_MARK,
    limit: 25,
    unit: 'years',
    finds: 'a day longer before the file’s receipt than this: a meter whose clock was reset',
  },
  meter_maximum: {
    severity: 'reject',
    allowed: REJECT_OR_MARK,
    limit: 100,
    unit: 'kW',
    finds:
      'more power than a direct-connected meter carries (3 × 120 A), at a point contracted for no more than that',
  },
  contracted_power: {
    severity: 'mark',
    allowed: REJECT_OR_MARK,
    limit: 3,
    unit: 'times',
    finds: 'more than this many times the contracted power in an interval',
  },
  ct_ratio: {
    severity: 'hold',
    allowed: HOLD_OR_MARK,
    limit: 5,
    unit: 'times',
    finds:
      'points too large for a meter without current transformers whose highest power is above this many times the contracted (ratio applied twice) or below a hundredth of it (never applied)',
  },
  unit: {
    severity: 'hold',
    allowed: HOLD_OR_MARK,
    limit: 20,
    unit: 'times',
    finds:
      'half of the points use this many times their contracted power (Wh sent as kWh?) or less than a thousandth (MWh?)',
  },
  spike: {
    severity: 'mark',
    allowed: REJECT_OR_MARK,
    limit: 5,
    unit: 'times',
    finds:
      'one or two intervals above this many times the highest of the point’s own history and above its contracted power (15 kW where that is not known)',
  },
  zero_run: {
    severity: 'mark',
    allowed: MARK,
    limit: 30,
    unit: 'days',
    finds: 'nothing but zeros for this long',
  },
  stuck: {
    severity: 'mark',
    allowed: MARK,
    limit: 3,
    unit: 'days',
    finds: 'the same value, of 0.2 kW or more, for this long',
  },
  missing: {
    severity: 'mark',
    allowed: MARK,
    limit: 1,
    unit: 'intervals',
    finds: 'intervals missing in a day that the file has, this many or more; they stay missing',
  },
  duplicate: {
    severity: 'mark',
    allowed: MARK,
    limit: 1,
    unit: 'times',
    finds: 'one interval with different values in the file: the later row stands, both are reported',
  },
  interval_length: {
    severity: 'mark',
    allowed: MARK,
    limit: 1,
    unit: 'days',
    finds: 'a day stored in intervals of another length, and laid over it',
  },
  register_sum: {
    severity: 'mark',
    allowed: MARK,
    limit: 2,
    unit: 'percent',
    finds: 'intervals that do not add up to what the register advanced by, beyond this and 1 kWh',
  },
  register_power: {
    severity: 'mark',
    allowed: MARK,
    limit: 1.5,
    unit: 'times',
    finds:
      'a register that advanced faster than this many times the contracted power: ratio applied twice, or a misread digit',
  },
  prolonged_estimation: {
    severity: 'mark',
    allowed: MARK,
    limit: 30,
    unit: 'days',
    finds: 'estimated or substituted for this long without a measured interval',
  },
} as const satisfies Readonly<Record<string, CheckDefinition>>;

export type CheckName = keyof typeof CHECKS;
export const CHECK_NAMES = Object.keys(CHECKS) as CheckName[];

export interface CheckSetting {
  readonly severity: Severity | 'off';
  readonly limit: number;
}
export type CheckSettings = Readonly<Record<CheckName, CheckSetting>>;

export const USUAL_CHECKS = Object.fromEntries(
  CHECK_NAMES.map((name) => [name, { severity: CHECKS[name].severity, limit: CHECKS[name].limit }]),
) as CheckSettings;
