/**
 * How decisions came about, and what each stands for.
 * - `targeted`: the point was chosen because of its score.
 * - `random_audit`: it was drawn from all households with a known probability, whatever its score.
 */
export type SamplingArm = 'targeted' | 'random_audit';

export interface SampledDecision {
  /** Probability at the time of choosing. */
  readonly score: number;
  readonly confirmed: boolean;
  readonly arm: SamplingArm;
  /** Whether the point was ever chosen by score, and with what probability an audit drew it (null: none did). */
  readonly everTargeted: boolean;
  readonly auditProbability: number | null;
}

export interface SamplingReport {
  /** Harmonic mean of the audited points' probabilities; 0 without an audit. */
  readonly auditProbability: number;
  readonly strata: readonly StratumReport[];
  /** Weights above this were cut to it, and how many. */
  readonly cap: number;
  readonly truncated: number;
  /** Factor that brings the weights to the information the decisions hold. */
  readonly scale: number;
  /** Mantel–Haenszel z: above 2 the targeted arm confirms more than the audit at equal score. Null: nothing to compare. */
  readonly armContrastZ: number | null;
}

export interface StratumReport {
  /** Scores in `[from, to)`. */
  readonly from: number;
  readonly to: number;
  readonly households: number;
  readonly targeted: number;
  readonly audited: number;
  readonly confirmed: number;
}

/** Inner bounds of the score strata: about even steps of log-odds, where dealers' thresholds may lie. */
export const STRATUM_BOUNDS: readonly number[] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97];

/** As PostgreSQL's `width_bucket(score, bounds)`: how many bounds are not above the score. */
export function stratumOf(score: number): number {
  let stratum = 0;
  while (stratum < STRATUM_BOUNDS.length && STRATUM_BOUNDS[stratum] <= score) stratum++;
  return stratum;
}

/**
 * No decision counts for more than ten average ones. An audited household stands for the hundreds that were not drawn:
 * while few have been audited, a single one confirmed by luck would else decide the fit alone. Cutting costs a little
 * bias and takes most of the variance.
 */
export const CAP_TIMES_MEAN = 10;

/**
 * Horvitz–Thompson weights over both arms: 1 ÷ the probability that a household is decided at all,
 * `π = 1 − (1 − p_audit)(1 − p_targeted(stratum))`, where p_targeted is the stratum's share of households that were
 * chosen by score. Cut at {@link CAP_TIMES_MEAN} times the mean.
 *
 * Worked example: 1,000 households below 0.001, none targeted, audited with 0.01: weight 100. Ten above 0.97, nine of
 * them targeted: π = 1 − 0.99 × 0.1 = 0.901, weight 1.110.
 *
 * @param households by stratum, of all scored households; at least those decided are assumed.
 * Source: Horvitz and Thompson 1952; truncation as in Cole and Hernán 2008.
 */
export function samplingWeights(
  decisions: readonly SampledDecision[],
  households: readonly number[],
): { readonly weights: Float64Array; readonly report: Omit<SamplingReport, 'scale'> } {
  const strata = countStrata(decisions, households);
  const auditProbability = harmonicMean(decisions.flatMap(({ auditProbability: p }) => p ?? []));
  const raw = decisions.map((decision) => {
    const { households: all, targeted } = strata[stratumOf(decision.score)];
    const unseen = (1 - (decision.auditProbability ?? auditProbability)) * (1 - targeted / all);
    // Chosen neither by score nor by audit cannot be; a stratum without targeted points has only audited ones.
    return 1 / (1 - unseen);
  });
  const cap = (CAP_TIMES_MEAN * raw.reduce((sum, weight) => sum + weight, 0)) / Math.max(1, raw.length);
  const weights = Float64Array.from(raw, (weight) => Math.min(weight, cap));
  const truncated = raw.filter((weight) => weight > cap).length;
  const armContrastZ = contrastArms(decisions);
  return { weights, report: { auditProbability, strata, cap, truncated, armContrastZ } };
}

function countStrata(
  decisions: readonly SampledDecision[],
  households: readonly number[],
): readonly StratumReport[] {
  const bounds = [0, ...STRATUM_BOUNDS, 1];
  return Array.from({ length: STRATUM_BOUNDS.length + 1 }, (_, stratum) => {
    const here = decisions.filter(({ score }) => stratumOf(score) === stratum);
    return {
      from: bounds[stratum],
      to: bounds[stratum + 1],
      households: Math.max(households[stratum] ?? 0, here.length),
      targeted: here.filter(({ everTargeted }) => everTargeted).length,
      audited: here.filter(({ auditProbability }) => auditProbability !== null).length,
      confirmed: here.filter(({ confirmed }) => confirmed).length,
    };
  });
}

function harmonicMean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.length / values.reduce((sum, value) => sum + 1 / value, 0);
}

/**
 * Mantel–Haenszel test over the score strata: does the targeted arm confirm more often than the audit at the same score?
 * Then it was chosen by something better than the score (a tip), and no weighting by score can undo that.
 *
 * z = Σ(a − n₁m₁/n) ÷ √Σ(n₁n₀m₁m₀ / n²(n−1)), with a = confirmed of n₁ targeted, n₀ audited, m₁ confirmed, m₀ dismissed.
 */
function contrastArms(decisions: readonly SampledDecision[]): number | null {
  let difference = 0;
  let variance = 0;
  for (let stratum = 0; stratum <= STRATUM_BOUNDS.length; stratum++) {
    const here = decisions.filter(({ score }) => stratumOf(score) === stratum);
    const targeted = here.filter(({ arm }) => arm === 'targeted');
    const [n, n1, m1] = [here.length, targeted.length, count(here)];
    if (n < 2 || n1 === 0 || n1 === n) continue;
    difference += count(targeted) - (n1 * m1) / n;
    variance += (n1 * (n - n1) * m1 * (n - m1)) / (n * n * (n - 1));
  }
  return variance > 0 ? difference / Math.sqrt(variance) : null;
}

function count(decisions: readonly SampledDecision[]): number {
  return decisions.filter(({ confirmed }) => confirmed).length;
}

/**
 * Factor for weights in a likelihood that stands beside a prior: raw weights add up to all households, as if each had
 * been visited. `Σ w·g ÷ Σ w²·g` is Kish's effective size over the sum of weights, each decision counted by the
 * information it bears at the starting weights, g = (y − p)²·|x|². Equal weights come out as 1 each. Without any
 * information at all g is 1.
 */
export function informationScale(weights: Float64Array, information: Float64Array): number {
  let once = 0;
  let squared = 0;
  for (const any of [information, new Float64Array(weights.length).fill(1)]) {
    for (let i = 0; i < weights.length; i++) {
      once += weights[i] * any[i];
      squared += weights[i] ** 2 * any[i];
    }
    if (squared > 0) return once / squared;
  }
  return 1;
}
