import { RefusedError } from '../config/errors.js';
import type { LeaderLock } from '../database/leader-lock.js';
import type { Database } from '../database/open-database.js';
import { STARTING_VERSION } from '../detection/learning/domain/weight-set.js';
import { activeWeights } from '../detection/learning/weight-sets.js';
import { scoringVersion, type ScoringOptions, type ScoringSummary } from '../detection/score-points.js';
import type { Rulebook } from '../rulebook/domain/rule.js';
import { inSpan, recordSpan } from '../telemetry/tracing.js';
import type { FollowAlerts } from './alerts-followers.js';
import { updateAlerts, type AlertsUpdate } from './update-alerts.js';

export type RoundResult =
  /** Another instance leads or took the lead over, or somebody scores already (`gridwarden score`). */
  | { readonly did: 'nothing'; readonly because: 'not_leader' | 'busy' }
  /** No readings changed; scores that somebody else made may still have moved alerts. */
  | { readonly did: 'nothing'; readonly because: 'up_to_date'; readonly alerts: AlertsUpdate }
  | { readonly did: 'scored'; readonly summary: ScoringSummary; readonly alerts: AlertsUpdate };

export interface RoundParts {
  readonly db: Pick<Database, 'connect' | 'url'>;
  readonly rulebook: Rulebook;
  readonly leader: Pick<LeaderLock, 'term'>;
  /** `scorePoints`, or the thread that runs it. */
  readonly score: (
    db: Pick<Database, 'connect' | 'url'>,
    options: ScoringOptions,
  ) => Promise<ScoringSummary | null>;
  /** What goes along with the alerts, in their transaction. */
  readonly follow?: FollowAlerts;
}

/**
 * One round: scores what changed and brings the alerts in line. Only the leader works, and stops when it is it no longer;
 * an interrupted round leaves its marks to the next one.
 */
export async function scoringRound(parts: RoundParts, now: Date): Promise<RoundResult> {
  const signal = parts.leader.term;
  if (signal === null) return { did: 'nothing', because: 'not_leader' };
  return inSpan(
    'scoring.round',
    () => roundOf(parts, now, signal),
    (result) => ({ 'gridwarden.did': result.did === 'nothing' ? result.because : result.did }),
  );
}

async function roundOf(
  { db, rulebook, score, follow }: RoundParts,
  now: Date,
  signal: AbortSignal,
): Promise<RoundResult> {
  try {
    const { last, version } = await lastRun(db, rulebook);
    const onlyMarked = last !== null && last.newest && last.version === version;
    const summary = await score(db, { rulebook, now, onlyMarked, signal });
    if (summary !== null) recordStages(summary);
    const alerts = await inSpan('scoring.alerts', () =>
      updateAlerts(db, summary?.runId ?? last?.id ?? null, now, follow),
    );
    return summary === null
      ? { did: 'nothing', because: 'up_to_date', alerts }
      : { did: 'scored', summary, alerts };
  } catch (error) {
    if (signal.aborted) return { did: 'nothing', because: 'not_leader' };
    if (error instanceof RefusedError) return { did: 'nothing', because: 'busy' };
    throw error;
  }
}

/** The run's own thread has timed them. */
function recordStages({ stages, points }: ScoringSummary): void {
  const [first, last] = [stages[0], stages.at(-1)];
  if (first === undefined || last === undefined) return;
  const whole = { name: 'scoring.score', startMs: first.startMs, endMs: last.endMs };
  recordSpan(whole, { 'gridwarden.points': points }, stages);
}

interface LastRun {
  readonly id: number;
  readonly version: string;
  /** False: it looked back to an earlier day than one before it, so its scores don't stand for now. */
  readonly newest: boolean;
}

/** Scores of points without a mark stand when the last run had today's code, settings, weights and rules: `version`. */
async function lastRun(
  db: Pick<Database, 'connect'>,
  rulebook: Rulebook,
): Promise<{ last: LastRun | null; version: string }> {
  const client = await db.connect();
  try {
    const { rows } = await client.query<LastRun>(
      `select id, settings_version as version, as_of = max(as_of) over () as newest
       from scoring_run where finished_at is not null order by id desc limit 1`,
    );
    const weights = await activeWeights(client);
    return { last: rows[0] ?? null, version: scoringVersion(rulebook, weights?.version ?? STARTING_VERSION) };
  } finally {
    await client.end();
  }
}
