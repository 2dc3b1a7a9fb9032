import type { LegalSituation } from '../../../rulebook/domain/rule.js';
import { judge, type Judgement } from '../../domain/score.js';
import type { DetectorInput, Evidence, Finding, PointFacts, ScoreKind } from '../../domain/types.js';
import { reweigh } from './reweigh.js';
import type { WeightSet } from './weight-set.js';

/** A stored score with what a verdict needs besides. */
export interface ScoredPoint {
  readonly facts: PointFacts;
  readonly territory: string;
  readonly legal: LegalSituation;
  readonly score: number;
  readonly caseWorthy: boolean;
  readonly kind: ScoreKind;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Evidence[];
}

/** A verdict before and after. */
export interface Verdict {
  readonly score: number;
  readonly caseWorthy: boolean;
  readonly kind: ScoreKind;
}

export interface Difference {
  readonly meteringPoint: string;
  readonly territory: string;
  readonly electricHeating: boolean | null;
  readonly change: 'becomes_case_worthy' | 'ceases_case_worthy' | 'score';
  readonly before: Verdict;
  readonly after: Verdict;
}

export interface ChangeCount {
  readonly territory: string;
  readonly heating: 'electric' | 'other' | 'unknown';
  readonly becoming: number;
  readonly ceasing: number;
}

export interface ShadowSummary {
  readonly points: number;
  /** Scores that the stored evidence does not add up to, or of weights that nobody remembers: not compared. */
  readonly notReproduced: number;
  readonly becoming: number;
  readonly ceasing: number;
  readonly caseWorthyBefore: number;
  readonly caseWorthyAfter: number;
  /** Largest and mean absolute change of a score. */
  readonly largestChange: number;
  readonly meanChange: number;
  /** Only groups in which a verdict changes. */
  readonly groups: readonly ChangeCount[];
  /** Verdicts that change: all up to a bound, then the largest changes of score with the same verdict. */
  readonly differences: readonly Difference[];
  /** Changed verdicts beyond the bound. */
  readonly notListed: number;
}

/** Stored scores are doubles written out in full: what differs by more was not made by this evidence. */
const REPRODUCED_WITHIN = 1e-9;
/** A set that changes more verdicts than this has gone wrong; the counts still tell. */
const MOST_DIFFERENCES = 100_000;
const SCORE_CHANGES_LISTED = 50;

/**
 * What a point's stored evidence would have come to under other weights; null when the evidence does not reproduce the
 * stored score and verdict under the weights that are said to have made it.
 */
export function rejudge(
  point: ScoredPoint,
  sets: { readonly from: WeightSet; readonly to: WeightSet },
  judgement: Judgement,
): Verdict | null {
  const { from, to } = sets;
  const again = verdictOf(point, reweigh(point.evidence, { from, to: from }), judgement);
  const reproduced =
    Math.abs(again.score - point.score) <= REPRODUCED_WITHIN && again.caseWorthy === point.caseWorthy;
  return reproduced ? verdictOf(point, reweigh(point.evidence, { from, to }), judgement) : null;
}

/** Whether the point would be worthy of a case under another judgement, its evidence being what it is. */
export function isCaseWorthy(point: ScoredPoint, judgement: Judgement): boolean {
  return verdictOf(point, point.evidence, judgement).caseWorthy;
}

/** The law, the registry's facts, findings and evidence are all that a verdict is made of; the load is not read again. */
function verdictOf(
  { facts, legal, findings }: ScoredPoint,
  evidence: readonly Evidence[],
  judgement: Judgement,
): Verdict {
  const input: DetectorInput = {
    window: { firstDay: 0, days: 0, ...NO_LOAD },
    facts,
    surroundings: { asOf: 0, temperatureC: null, heating: null, peers: null, legal, months: [] },
  };
  const { score, caseWorthy, kind } = judge(input, findings, evidence, judgement);
  return { score, caseWorthy, kind };
}

const NO_LOAD = {
  hourlyKw: new Float32Array(0),
  dailyKwh: new Float32Array(0),
  hoursPresent: new Uint8Array(0),
};

/** Takes points one by one and keeps only what is shown, so that a region of a million needs no memory. */
export class ShadowComparison {
  private readonly groups = new Map<string, { -readonly [K in keyof ChangeCount]: ChangeCount[K] }>();
  private readonly verdicts: Difference[] = [];
  private scores: Difference[] = [];
  private readonly counts = { points: 0, notReproduced: 0, becoming: 0, ceasing: 0, before: 0, after: 0 };
  private largestChange = 0;
  private sumOfChanges = 0;

  /** @param after null: could not be compared. */
  add(point: ScoredPoint, after: Verdict | null): void {
    const { counts } = this;
    counts.points++;
    if (after === null) {
      counts.notReproduced++;
      return;
    }
    const { score, caseWorthy, kind } = point;
    const before = { score, caseWorthy, kind };
    const change = Math.abs(after.score - score);
    this.largestChange = Math.max(this.largestChange, change);
    this.sumOfChanges += change;
    if (caseWorthy) counts.before++;
    if (after.caseWorthy) counts.after++;
    if (caseWorthy !== after.caseWorthy) this.addVerdict(point, before, after);
    else if (change > 0) this.addScore(differenceOf(point, 'score', before, after));
  }

  summary(): ShadowSummary {
    const { points, notReproduced, becoming, ceasing, before, after } = this.counts;
    const compared = points - notReproduced;
    this.keepLargest();
    return {
      points,
      notReproduced,
      becoming,
      ceasing,
      caseWorthyBefore: before,
      caseWorthyAfter: after,
      largestChange: this.largestChange,
      meanChange: compared === 0 ? 0 : this.sumOfChanges / compared,
      groups: [...this.groups.values()].sort(
        (a, b) => b.becoming + b.ceasing - a.becoming - a.ceasing || byText(a.territory, b.territory),
      ),
      differences: [...this.verdicts.sort(byChange), ...this.scores],
      notListed: becoming + ceasing - this.verdicts.length,
    };
  }

  private addVerdict(point: ScoredPoint, before: Verdict, after: Verdict): void {
    const change = after.caseWorthy ? 'becomes_case_worthy' : 'ceases_case_worthy';
    const group = this.groupOf(point);
    if (after.caseWorthy) {
      this.counts.becoming++;
      group.becoming++;
    } else {
      this.counts.ceasing++;
      group.ceasing++;
    }
    if (this.verdicts.length < MOST_DIFFERENCES)
      this.verdicts.push(differenceOf(point, change, before, after));
  }

  private addScore(difference: Difference): void {
    this.scores.push(difference);
    if (this.scores.length >= 20 * SCORE_CHANGES_LISTED) this.keepLargest();
  }

  private keepLargest(): void {
    this.scores = this.scores.sort(byChange).slice(0, SCORE_CHANGES_LISTED);
  }

  private groupOf({ territory, facts: { electricHeating } }: ScoredPoint) {
    const heating = electricHeating === null ? 'unknown' : electricHeating ? 'electric' : 'other';
    const key = `${territory} ${heating}`;
    let group = this.groups.get(key);
    if (group === undefined) this.groups.set(key, (group = { territory, heating, becoming: 0, ceasing: 0 }));
    return group;
  }
}

function differenceOf(
  { facts, territory }: ScoredPoint,
  change: Difference['change'],
  before: Verdict,
  after: Verdict,
): Difference {
  const { meteringPoint, electricHeating } = facts;
  return { meteringPoint, territory, electricHeating, change, before, after };
}

/** Those that become worthy of a case first, then by the size of the change, then by name. */
function byChange(a: Difference, b: Difference): number {
  return (
    byText(a.change, b.change) ||
    Math.abs(b.after.score - b.before.score) - Math.abs(a.after.score - a.before.score) ||
    byText(a.meteringPoint, b.meteringPoint)
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
