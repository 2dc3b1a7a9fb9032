/**
 * How well a ranking finds miners. Ties are treated as one step, so that no metric depends on the order of equal scores.
 */
export interface Labelled {
  readonly score: number;
  readonly isMiner: boolean;
}

/** One distinct score, highest first, and how many points of each kind stand at or above it. */
interface Step {
  readonly miners: number;
  readonly innocents: number;
}

/**
 * Probability that a miner drawn at random ranks above an innocent drawn at random, ties counting half (the
 * Mann–Whitney statistic). NaN unless both kinds are there.
 */
export function rocAuc(points: readonly Labelled[]): number {
  const steps = cumulativeSteps(points);
  const { miners, innocents } = steps[steps.length - 1];
  let area = 0;
  let before: Step = NOTHING;
  for (const step of steps) {
    area += (step.innocents - before.innocents) * ((step.miners + before.miners) / 2);
    before = step;
  }
  return area / (miners * innocents);
}

/**
 * Σ (recall gained at a step × precision at that step), as scikit-learn's `average_precision_score` has it: no
 * interpolation. NaN without miners.
 */
export function averagePrecision(points: readonly Labelled[]): number {
  const steps = cumulativeSteps(points);
  const { miners } = steps[steps.length - 1];
  let sum = 0;
  let before: Step = NOTHING;
  for (const step of steps) {
    const precision = step.miners / (step.miners + step.innocents);
    sum += step.miners === before.miners ? 0 : (step.miners - before.miners) * precision;
    before = step;
  }
  return sum / miners;
}

/** The largest share of miners found by a threshold that flags at most `falsePositiveRate` of the innocents. */
export function recallAtFalsePositiveRate(points: readonly Labelled[], falsePositiveRate: number): number {
  const steps = cumulativeSteps(points);
  const { miners, innocents } = steps[steps.length - 1];
  let found = 0;
  for (const step of steps) {
    if (step.innocents > falsePositiveRate * innocents) break;
    found = step.miners;
  }
  return found / miners;
}

/**
 * The lowest score that {@link recallAtFalsePositiveRate} counts as found; Infinity when the very first step breaks the
 * rate.
 */
export function thresholdAtFalsePositiveRate(points: readonly Labelled[], falsePositiveRate: number): number {
  const innocents = points.filter(({ isMiner }) => !isMiner).map(({ score }) => score);
  innocents.sort((a, b) => b - a);
  const allowed = Math.floor(falsePositiveRate * innocents.length);
  const firstRefused = innocents[allowed] ?? -Infinity;
  return points.reduce(
    (lowest, { score }) => (score > firstRefused ? Math.min(lowest, score) : lowest),
    Infinity,
  );
}

export interface Population {
  /** Places at the top of the list that are looked at. */
  readonly places: number;
  /** Share of miners among all points. */
  readonly prevalence: number;
  /** Points of the imagined district. */
  readonly points: number;
}

/**
 * Precision among the first `places` of a district of `points` points with the given prevalence, from an evaluation set
 * with any other: each miner of the set stands for `prevalence × points ÷ miners` of the district, each innocent for
 * `(1 − prevalence) × points ÷ innocents`. The ranking is walked until the places are full; equal scores share what is left.
 * Worked example: 2 miners ranked above 2 innocents, 10 points at 20 %, 4 places: the miners stand for 1 each, the
 * innocents for 4 each; 2 places go to miners, 2 to innocents: 0.5.
 */
export function precisionAtTop(points: readonly Labelled[], population: Population): number {
  const steps = cumulativeSteps(points);
  const all = steps[steps.length - 1];
  const perMiner = (population.prevalence * population.points) / all.miners;
  const perInnocent = ((1 - population.prevalence) * population.points) / all.innocents;
  let free = population.places;
  let miners = 0;
  let before: Step = NOTHING;
  for (const step of steps) {
    const minersHere = (step.miners - before.miners) * perMiner;
    const here = minersHere + (step.innocents - before.innocents) * perInnocent;
    const taken = Math.min(here, free);
    miners += minersHere * (taken / here);
    free -= taken;
    if (free <= 0) break;
    before = step;
  }
  return miners / (population.places - free);
}

const NOTHING: Step = { miners: 0, innocents: 0 };

function cumulativeSteps(points: readonly Labelled[]): Step[] {
  const ranked = [...points].sort((a, b) => b.score - a.score);
  const steps: Step[] = [];
  let miners = 0;
  let innocents = 0;
  ranked.forEach((point, index) => {
    if (point.isMiner) miners++;
    else innocents++;
    if (ranked[index + 1]?.score !== point.score) steps.push({ miners, innocents });
  });
  return steps.length === 0 ? [NOTHING] : steps;
}
