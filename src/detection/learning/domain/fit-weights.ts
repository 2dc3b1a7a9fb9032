/** One coefficient of the logistic model: a weight of the table, or the shift of the prior. */
export interface Coefficient {
  readonly start: number;
  /** Standard deviation of the prior around `start`, in log-odds; the ridge is λ = 1 ÷ priorSd². */
  readonly priorSd: number;
  /** The fit stays at or above this; −Infinity for none. */
  readonly lowest: number;
}

/** One decision: what is known beside the coefficients, and its unit contribution to each (only those that are not 0). */
export interface FitRow {
  readonly offset: number;
  readonly columns: readonly number[];
  readonly values: readonly number[];
  readonly confirmed: boolean;
  /** How many decisions it counts as. */
  readonly weight: number;
}

export interface Fit {
  readonly coefficients: Float64Array;
  /** From the Hessian at the fit, which holds the prior too; null for one that lies at its bound. */
  readonly standardErrors: readonly (number | null)[];
  /** Penalised negative log-likelihood. */
  readonly objective: number;
  readonly iterations: number;
  /** False when the projected gradient did not vanish within {@link MAX_ITERATIONS}. */
  readonly converged: boolean;
}

/** Newton's method on a convex function with a ridge takes 4 to 15 steps; what needs more has gone wrong. */
const MAX_ITERATIONS = 100;
/** Largest slope left, in standard deviations of the prior. */
const GRADIENT_TOLERANCE = 1e-8;
const SUFFICIENT_DECREASE = 1e-4;
const MAX_HALVINGS = 40;

/**
 * Maximum a posteriori logistic regression: the β ≥ lowest that minimise
 *
 *   Σ wᵢ·[log(1 + e^ηᵢ) − yᵢ·ηᵢ] + ½ Σ ((βⱼ − startⱼ) ÷ priorSdⱼ)²,   ηᵢ = offsetᵢ + Σ βⱼ·xᵢⱼ
 *
 * by Newton's method over the coefficients that are free to move (projected Newton, Bertsekas 1982), with step halving.
 * Strictly convex, so that there is one answer; sums run in the order of the rows, so that the same rows give the same
 * bits. Separated or one-sided decisions stay finite by the prior.
 *
 * Worked example (one coefficient from 0 with priorSd 1, one confirmed row with x = 1, no offset): β = 1 − logistic(β),
 * β = 0.401058.
 */
export function fitWeights(coefficients: readonly Coefficient[], rows: readonly FitRow[]): Fit {
  let at = Float64Array.from(coefficients, ({ start }) => start);
  let objective = objectiveAt(coefficients, rows, at);
  let converged: boolean;
  let iterations = 0;
  for (;;) {
    const { gradient, hessian } = slopesAt(coefficients, rows, at);
    const free = freeColumns(coefficients, at, gradient);
    converged = free.every((j) => Math.abs(gradient[j]) * coefficients[j].priorSd <= GRADIENT_TOLERANCE);
    if (converged || iterations === MAX_ITERATIONS)
      return {
        coefficients: at,
        standardErrors: standardErrors(hessian, free, coefficients.length),
        objective,
        iterations,
        converged,
      };
    iterations++;
    const step = solve(
      cholesky(hessian, free),
      free.map((j) => -gradient[j]),
    );
    const next = lineSearch(coefficients, rows, { at, objective, gradient, free, step });
    // Nothing lower is left to find in double precision.
    if (next === null) iterations = MAX_ITERATIONS;
    else ({ at, objective } = next);
  }
}

/** Negative log-likelihood of one decision: log(1 + e^η) − y·η, without overflow. */
export function logLoss(eta: number, confirmed: boolean): number {
  const signed = confirmed ? -eta : eta;
  return Math.max(0, signed) + Math.log1p(Math.exp(-Math.abs(signed)));
}

export function etaOf(row: Pick<FitRow, 'offset' | 'columns' | 'values'>, at: Float64Array): number {
  let eta = row.offset;
  for (let k = 0; k < row.columns.length; k++) eta += at[row.columns[k]] * row.values[k];
  return eta;
}

function objectiveAt(
  coefficients: readonly Coefficient[],
  rows: readonly FitRow[],
  at: Float64Array,
): number {
  let sum = 0;
  for (const row of rows) sum += row.weight * logLoss(etaOf(row, at), row.confirmed);
  coefficients.forEach(({ start, priorSd }, j) => (sum += 0.5 * ((at[j] - start) / priorSd) ** 2));
  return sum;
}

function slopesAt(
  coefficients: readonly Coefficient[],
  rows: readonly FitRow[],
  at: Float64Array,
): { gradient: Float64Array; hessian: Float64Array[] } {
  const gradient = Float64Array.from(coefficients, ({ start, priorSd }, j) => (at[j] - start) / priorSd ** 2);
  const hessian = coefficients.map(({ priorSd }, j) => {
    const line = new Float64Array(coefficients.length);
    line[j] = 1 / priorSd ** 2;
    return line;
  });
  for (const row of rows) {
    const { columns, values } = row;
    const p = 1 / (1 + Math.exp(-etaOf(row, at)));
    const residual = row.weight * (p - (row.confirmed ? 1 : 0));
    const curvature = row.weight * p * (1 - p);
    for (let k = 0; k < columns.length; k++) {
      gradient[columns[k]] += residual * values[k];
      const line = hessian[columns[k]];
      for (let l = 0; l < columns.length; l++) line[columns[l]] += curvature * values[k] * values[l];
    }
  }
  return { gradient, hessian };
}

/** All but those that lie at their bound and would go below it. */
function freeColumns(
  coefficients: readonly Coefficient[],
  at: Float64Array,
  gradient: Float64Array,
): number[] {
  return coefficients.flatMap(({ lowest }, j) => (at[j] <= lowest && gradient[j] > 0 ? [] : [j]));
}

interface Position {
  readonly at: Float64Array<ArrayBuffer>;
  readonly objective: number;
}

/** Halves the step until it lowers the objective by a share of what the slope promises; null when nothing does. */
function lineSearch(
  coefficients: readonly Coefficient[],
  rows: readonly FitRow[],
  from: Position & { gradient: Float64Array; free: readonly number[]; step: Float64Array },
): Position | null {
  for (let halving = 0, length = 1; halving < MAX_HALVINGS; halving++, length /= 2) {
    const at = from.at.slice();
    let promised = 0;
    from.free.forEach((j, k) => {
      at[j] = Math.max(coefficients[j].lowest, from.at[j] + length * from.step[k]);
      promised += from.gradient[j] * (from.at[j] - at[j]);
    });
    const objective = objectiveAt(coefficients, rows, at);
    // Close to the minimum the decrease drowns in rounding while the step still sharpens the answer.
    const rounding = 1e-13 * Math.abs(from.objective);
    if (objective <= from.objective - SUFFICIENT_DECREASE * promised + rounding) return { at, objective };
  }
  return null;
}

function standardErrors(
  hessian: readonly Float64Array[],
  free: readonly number[],
  size: number,
): (number | null)[] {
  const factor = cholesky(hessian, free);
  const errors = new Array<number | null>(size).fill(null);
  free.forEach((j, k) => {
    const unit = free.map((_, i) => (i === k ? 1 : 0));
    errors[j] = Math.sqrt(solve(factor, unit)[k]);
  });
  return errors;
}

/** Lower triangle L with L·Lᵀ = the lines and columns `free` of a positive definite matrix. */
function cholesky(matrix: readonly Float64Array[], free: readonly number[]): Float64Array[] {
  const lower = free.map(() => new Float64Array(free.length));
  for (let i = 0; i < free.length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[free[i]][free[j]];
      for (let k = 0; k < j; k++) sum -= lower[i][k] * lower[j][k];
      lower[i][j] = i === j ? Math.sqrt(sum) : sum / lower[j][j];
    }
  }
  return lower;
}

/** Solves L·Lᵀ·x = right. */
function solve(lower: readonly Float64Array[], right: readonly number[]): Float64Array {
  const x = Float64Array.from(right);
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[i][k] * x[k];
    x[i] /= lower[i][i];
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i] -= lower[k][i] * x[k];
    x[i] /= lower[i][i];
  }
  return x;
}
