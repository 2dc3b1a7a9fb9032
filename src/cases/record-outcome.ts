import type { ClientBase } from 'pg';
import type { Evidence } from '../detection/domain/types.js';
import { weightsVersionIn } from '../detection/learning/domain/weight-set.js';
import { recordOutcomes, type Outcome } from '../detection/learning/inspection-outcomes.js';
import type { LockedCase } from './case-steps.js';
import { drawnVisit } from './drawn.js';

interface Known {
  readonly alertId: number;
  readonly score: number;
  readonly evidence: readonly Evidence[];
  readonly settingsVersion: string;
}

/**
 * Hands a sealed decision to the learning of weights, with the evidence that led there. A case without an alert's
 * reasons, or of a transformer, teaches nothing about households.
 */
export async function recordOutcome(
  client: ClientBase,
  file: LockedCase,
  outcome: Outcome,
  decidedAt: Date,
  now: Date,
): Promise<void> {
  const { rows } = await client.query<Known>(
    `select a.id as "alertId", a.score, a.evidence, r.settings_version as "settingsVersion"
     from case_alert ca
     join alert a on a.id = ca.alert_id and a.evidence <> '[]'
     join metering_point p on p.id = a.metering_point_id and p.kind = 'household'
     join lateral (select run_id from alert_event where alert_id = a.id and run_id is not null order by id desc limit 1)
       e on true
     join scoring_run r on r.id = e.run_id
     where ca.case_id = $1 and a.kind = $2 order by a.id desc limit 1`,
    [file.id, file.kind],
  );
  await recordAudit(client, file, outcome, decidedAt, now);
  if (rows.length === 0) return;
  const [{ alertId, score, evidence, settingsVersion }] = rows;
  await recordOutcomes(
    client,
    [
      {
        meteringPointId: file.meteringPointId,
        alertId,
        arm: 'targeted',
        inclusionProbability: null,
        outcome,
        decidedAt,
        score,
        evidence,
        weightsVersion: weightsVersionIn(settingsVersion),
        source: 'cases',
      },
    ],
    now,
  );
}

/** What was found in a household that was drawn at random, whatever it was suspected of: the arm without bias. */
async function recordAudit(
  client: ClientBase,
  file: LockedCase,
  outcome: Outcome,
  decidedAt: Date,
  now: Date,
): Promise<void> {
  const drawn = await drawnVisit(client, file.id);
  if (drawn === null) return;
  await recordOutcomes(
    client,
    [
      {
        meteringPointId: file.meteringPointId,
        alertId: null,
        arm: 'random_audit',
        inclusionProbability: drawn.probability,
        outcome,
        decidedAt,
        score: drawn.score,
        evidence: drawn.evidence,
        weightsVersion: weightsVersionIn(drawn.settingsVersion),
        source: 'draws',
      },
    ],
    now,
  );
}
