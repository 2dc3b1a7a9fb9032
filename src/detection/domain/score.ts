import { dayFromIso, type DayNumber } from '../../grid/domain/calendar.js';
import { judgingQuota, type QuotaExceededObserved } from './detectors/quota-exceeded.js';
import { evidenceOf } from './evidence.js';
import { isFindingOf } from './detectors/index.js';
import { logistic, logOdds } from '../../readings/domain/numeric.js';
import { placeSentence, withinQuotaSentence } from './sentences.js';
import type { DetectorInput, Evidence, Finding, PointFacts, PointScore, ScoreKind } from './types.js';

export type Judgement = {
  /** Share of metering points that mine, before anything is known: 0.8 % of Irkutsk households in 2021. */
  readonly baseRate: number;
  /** Log-odds added where mining is banned (bans were put where it was dense) and where heating is electric. */
  readonly bannedLogOdds: number;
  readonly electricHeatingLogOdds: number;
  /**
   * A case needs this score, and two kinds of evidence for it of at least this weight each. Just above one half lie as many
   * innocent heaters as miners (docs/detection.md), so the line is drawn a little higher.
   */
  readonly caseScore: number;
  readonly minKindLogOdds: number;
  /** A broken quota is explained, and no case, when the rest of the evidence is at most this. */
  readonly explainedLogOdds: number;
  /** Where mining is free: log-odds of a household within the quota, and of one that will pass it this month. */
  readonly withinQuotaLogOdds: number;
  readonly onTheWayLogOdds: number;
};

export const DEFAULT_JUDGEMENT: Judgement = Object.freeze({
  baseRate: 0.008,
  bannedLogOdds: 0.4,
  electricHeatingLogOdds: -0.2,
  caseScore: 0.55,
  minKindLogOdds: 0.5,
  explainedLogOdds: -1,
  withinQuotaLogOdds: -12,
  onTheWayLogOdds: -1.5,
});

/** The place's prior, as the first piece of evidence: all evidence adds up to the score's log-odds. */
export function priorOf(input: DetectorInput, judgement: Judgement): Evidence {
  const { legal } = input.surroundings;
  const prior = priorLogOdds(input, judgement);
  return evidenceOf({ detector: 'place', kind: 'context', logOdds: prior }, () =>
    placeSentence(legal, input.facts, logistic(prior)),
  );
}

export function priorLogOdds({ surroundings, facts }: DetectorInput, judgement: Judgement): number {
  return (
    logOdds(judgement.baseRate) +
    (surroundings.legal.ban.status === 'banned' ? judgement.bannedLogOdds : 0) +
    (facts.electricHeating ? judgement.electricHeatingLogOdds : 0)
  );
}

/**
 * Where mining is free and the household keeps within the quota, what it draws is lawful whatever it is: the score is the
 * probability of something to look into. What passes the meter is another matter, so a share in a transformer's hidden load
 * takes this word away.
 */
export function lawOf(
  { surroundings: { legal, months } }: DetectorInput,
  findings: readonly Finding[],
  evidence: readonly Evidence[],
  judgement: Judgement,
): Evidence[] {
  const quota = judgingQuota(legal);
  if (!quota || findings.some((found) => isFindingOf(found, 'quota-exceeded'))) return [];
  const isComing = findings.some((found) => isFindingOf(found, 'quota-forecast'));
  const hidden = evidence.find(({ detector }) => detector === 'hidden-load')?.logOdds ?? 0;
  const full = isComing ? judgement.onTheWayLogOdds : judgement.withinQuotaLogOdds;
  const highestKwh = Math.max(0, ...months.slice(-2).map(({ unitKwh }) => unitKwh));
  const weight = full * (1 - Math.min(1, Math.max(0, hidden) / 3));
  return [
    evidenceOf({ detector: 'law', kind: 'context', logOdds: weight }, () =>
      withinQuotaSentence(highestKwh, quota.limitKwh),
    ),
  ];
}

/**
 * Score = logistic(Σ evidence). What it means depends on the law of the place:
 * - banned: a case is two kinds of evidence for mining and a score of at least `caseScore`; the quota is not asked.
 * - free or undetermined: mining below the quota is lawful (two rigs are), so that no shape of load makes a case;
 *   only more metered energy than the quota does, unless it is declared or something innocent explains it (electric
 *   heating).
 */
export function judge(
  input: DetectorInput,
  findings: readonly Finding[],
  evidence: readonly Evidence[],
  judgement: Judgement,
): PointScore {
  const score = logistic(total(evidence));
  const { kind, caseWorthy } = verdict(input, findings, evidence, { score, judgement });
  return {
    score,
    explained: true,
    kind,
    caseWorthy,
    since: sinceOf(kind, findings, evidence, judgement),
    findings,
    evidence,
  };
}

function verdict(
  { surroundings: { legal }, facts }: DetectorInput,
  findings: readonly Finding[],
  evidence: readonly Evidence[],
  { score, judgement }: { score: number; judgement: Judgement },
): { kind: ScoreKind; caseWorthy: boolean } {
  if (legal.ban.status === 'banned') {
    const suspected = score >= judgement.caseScore && kindsFor(evidence, judgement.minKindLogOdds) >= 2;
    return { kind: suspected ? 'mining_suspected' : 'none', caseWorthy: suspected };
  }
  const hidden = evidence.some(
    ({ kind, logOdds }) => kind === 'balance' && logOdds >= judgement.minKindLogOdds,
  );
  if (hidden && score >= judgement.caseScore && kindsFor(evidence, judgement.minKindLogOdds) >= 2) {
    return { kind: 'hidden_load', caseWorthy: true };
  }
  if (!judgingQuota(legal)) return { kind: 'none', caseWorthy: false };
  const breach = findings.find((found) => isFindingOf(found, 'quota-exceeded'));
  if (breach) {
    const explained =
      (isDeclared(facts, breach.observed) && !exceedsDeclaration(evidence, judgement)) ||
      isHeating(breach.observed, findings, evidence, judgement) ||
      restOf(evidence) <= judgement.explainedLogOdds;
    return { kind: 'quota_exceeded', caseWorthy: !explained };
  }
  const coming = findings.some((found) => isFindingOf(found, 'quota-forecast'));
  return { kind: coming ? 'quota_forecast' : 'none', caseWorthy: false };
}

/** More is drawn than was declared: then the declaration no longer says what the month's energy was for. */
function exceedsDeclaration(evidence: readonly Evidence[], { minKindLogOdds }: Judgement): boolean {
  return evidence.some(({ detector, logOdds }) => detector === 'declared-load' && logOdds >= minKindLogOdds);
}

/** Declared load leaves the quota of individuals: what is left of the month must stay within it. */
function isDeclared({ declaredLoadKw }: PointFacts, breach: QuotaExceededObserved): boolean {
  if (declaredLoadKw === null) return false;
  return breach.unitKwh - declaredLoadKw * breach.hoursExpected <= breach.limitKwh;
}

/** The energy that follows the weather covers all that is over the limit. */
function isHeating(
  breach: QuotaExceededObserved,
  findings: readonly Finding[],
  evidence: readonly Evidence[],
  { explainedLogOdds }: Judgement,
): boolean {
  const heating = findings.find((found) => isFindingOf(found, 'temperature-remainder'));
  const speaksAgainst = evidence.some(
    (item) => item.kind === 'temperature' && item.logOdds <= explainedLogOdds,
  );
  return (
    speaksAgainst && !!heating && heating.observed.explainedMeanKw * breach.hoursPresent >= breach.overKwh
  );
}

function restOf(evidence: readonly Evidence[]): number {
  return total(evidence.filter((item) => item.kind !== 'measured_breach' && item.kind !== 'context'));
}

function kindsFor(evidence: readonly Evidence[], minLogOdds: number): number {
  const kinds = evidence.filter((item) => item.kind !== 'context' && item.logOdds >= minLogOdds);
  return new Set(kinds.map((item) => item.kind)).size;
}

/** Those that date a beginning by themselves, and those that know a first day of what they found. */
const BEGINNINGS = new Set([
  'step-up',
  'timed-block',
  'on-off',
  'load-drop',
  'hidden-load',
  'transformer-balance',
]);
const FIRST_DAYS = ['base-load', 'quota-exceeded', 'quota-forecast'];

/** Since when: what the weightiest of the beginnings says; without one the first day of the floor, or of the month judged. */
function sinceOf(
  kind: ScoreKind,
  findings: readonly Finding[],
  evidence: readonly Evidence[],
  { minKindLogOdds }: Judgement,
): DayNumber | null {
  if (kind === 'none') return null;
  const weightiest = evidence.find(
    ({ detector, logOdds }) =>
      BEGINNINGS.has(detector) && logOdds >= minKindLogOdds && dateOf(detector) !== null,
  );
  const dating = weightiest ? weightiest.detector : FIRST_DAYS.find((detector) => dateOf(detector) !== null);
  const since = dating === undefined ? null : dateOf(dating);
  return since === null ? null : dayFromIso(since);

  function dateOf(detector: string): string | null {
    return findings.find((found) => found.detector === detector)?.since ?? null;
  }
}

function total(evidence: readonly Evidence[]): number {
  return evidence.reduce((sum, item) => sum + item.logOdds, 0);
}
