import type { Client } from 'pg';
import type { AlertKind } from '../../src/alerts/domain/lifecycle.js';
import { updateAlerts } from '../../src/alerts/update-alerts.js';
import { followAlerts } from '../../src/cases/follow-alerts.js';
import type { Database } from '../../src/database/open-database.js';
import { isoFromDay, type DayNumber } from '../../src/grid/domain/calendar.js';

export interface Suspicion {
  readonly meteringPointId: number;
  readonly asOf: DayNumber;
  readonly score?: number;
  readonly kind?: AlertKind | 'none';
  readonly since?: DayNumber;
  /** Log-odds by detector. */
  readonly evidence?: Readonly<Record<string, number>>;
  readonly monthKwh?: number;
}

const KINDS: Readonly<Record<string, string>> = { place: 'context', 'step-up': 'onset', peers: 'comparison' };
const EVIDENCE = { place: -2, 'base-load': 2.5, 'step-up': 1.5 };

/** What a scoring says of points, written as a scoring writes it. */
export async function storeScores(client: Client, suspicions: readonly Suspicion[]): Promise<void> {
  for (const { meteringPointId, asOf, score, kind, since, evidence, monthKwh } of suspicions) {
    const weights = Object.entries(evidence ?? EVIDENCE).map(([detector, logOdds]) => ({
      detector,
      kind: KINDS[detector] ?? 'level',
      logOdds,
      sentence: { ru: `${detector}: за или против.`, en: `${detector}: for or against.` },
    }));
    const sum = weights.reduce((total, { logOdds }) => total + logOdds, 0);
    const day = isoFromDay(asOf);
    const begun = isoFromDay(since ?? asOf - 30);
    const findings = weights.map(({ detector }) => ({
      detector,
      version: 1,
      window: { from: begun, to: day },
      settings: {},
      observed: { kw: 3 },
      since: detector === 'step-up' ? begun : null,
    }));
    await client.query(
      `insert into score (score, digest, months_digest, metering_point_id, run_id, as_of, since, case_worthy, kind,
         findings, evidence)
       values ($1, 0, 0, $2, 1, $3, $4, $5, $6, $7, $8)
       on conflict (metering_point_id) do update set score = $1, as_of = $3, since = $4, case_worthy = $5, kind = $6,
         findings = $7, evidence = $8`,
      [
        score ?? 1 / (1 + Math.exp(-sum)),
        meteringPointId,
        day,
        begun,
        kind !== 'none',
        kind ?? 'mining_suspected',
        JSON.stringify([...findings, { ...findings[0], detector: 'base-load' }]),
        JSON.stringify(weights),
      ],
    );
    if (monthKwh === undefined) continue;
    await client.query(
      `insert into quota_judgement (metering_point_id, month, counted_per, rule_id, limit_kwh, metered_kwh, unit_kwh,
         flat_kwh, intervals_present, intervals_expected, exceeded)
       values ($1, date_trunc('month', $2::date - 1), 'household', 'RU-QUOTA-6000', 6000, $3, $3, $4, 720, 720, $5)
       on conflict (metering_point_id, month) do update set metered_kwh = $3, unit_kwh = $3`,
      [meteringPointId, day, monthKwh, monthKwh / 2, monthKwh > 6000],
    );
  }
}

/** Scores, then the alerts, then the cases: as a scoring round ends. */
export async function scored(
  db: Database,
  client: Client,
  suspicions: readonly Suspicion[],
  now: Date,
): Promise<void> {
  await client.query(
    `insert into scoring_run (as_of, started_at, finished_at, settings_version, first_stored_day, last_stored_day)
     select $1, $2, $2, '3+test', '2026-01-01', '2026-01-01' where not exists (select from scoring_run)`,
    [isoFromDay(suspicions[0].asOf), now],
  );
  await storeScores(client, suspicions);
  await updateAlerts(db, 1, now, followAlerts);
}
