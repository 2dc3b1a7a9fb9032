import type { ClientBase } from 'pg';
import { NOTICE } from '../alerts/alert-list.js';
import { changeSentence, type Correction } from '../alerts/domain/lifecycle.js';
import type { Evidence, Finding } from '../detection/domain/types.js';
import type { LoadedRulebook } from '../rulebook/rulebook-file.js';
import { stepsAfter, withoutOpinions } from './case-history.js';
import { caseMonths } from './case-months.js';
import { caseViews } from './case-queue.js';
import { onConnection } from './case-transaction.js';
import { DECISION_REASONS, type DecisionReason } from './domain/decision.js';
import { VISIT_FINDINGS, type VisitFinding } from './domain/visit.js';
import { seededCase } from './drawn.js';
import { hidesOpinions, requireVisible } from './open-for-work.js';
import { ruleInForce } from './rule-in-force.js';
import { transformerContext } from './transformer-context.js';
import { sealDueOf, unsealedDecision } from './seal-decisions.js';
import type { Viewer } from './viewer.js';
import type { DataSource } from 'typeorm';

interface AlertRow {
  readonly id: number;
  readonly kind: string;
  readonly state: string;
  readonly score: number;
  readonly since: string | null;
  readonly last_seen_as_of: string;
  readonly evidence: readonly Evidence[];
  readonly findings: readonly Finding[];
}

interface PointRow {
  readonly id: number;
  readonly kind: 'household' | 'transformer';
  readonly tariff_category: string | null;
  readonly electric_heating: boolean | null;
  readonly contracted_kw: number | null;
  readonly declared_load_kw: number | null;
  readonly declared_purpose: string | null;
  /** IANA name: moments are shown by the clock of the place. */
  readonly zone: string;
}

/** Of the alerts of known cases, which have none of their own. */
const SEEDED_ALERTS = 1_000_000_000;

/**
 * Everything the page of a case needs, in one answer. Reading seals a decision that is due, so that nobody sees one as
 * open that can no longer be undone.
 * @throws NotFoundException it is none of theirs
 */
export async function casePage(
  dataSource: DataSource,
  viewer: Viewer,
  id: number,
  { rulebook, now }: { readonly rulebook: LoadedRulebook; readonly now: Date },
) {
  await sealDueOf(dataSource, id, now);
  return onConnection(dataSource, async (client) => {
    await requireVisible(client, viewer, id);
    const [view] = await caseViews(client, [id]);
    const alerts = await readAlerts(client, id, view.kind);
    const point = await readPoint(client, id);
    const seeded = await seededCase(client, id);
    const leading = alerts.at(0);
    const evidence = leading?.evidence ?? [];
    const asOf = leading?.last_seen_as_of ?? now.toISOString().slice(0, 10);
    const place = { territory: view.territory.code, asOf };
    const hidden = hidesOpinions(viewer, view.state);
    const steps = await stepsAfter(client, id, 0);
    return {
      ...view,
      notice: NOTICE,
      point,
      as_of: asOf,
      rule: await ruleInForce(client, rulebook, place),
      // They add up to the score: score = 1 / (1 + exp(−log_odds)).
      log_odds: evidence.reduce((sum, { logOdds }) => sum + logOdds, 0),
      alert_score: leading?.score ?? null,
      reasons: evidence.map(({ logOdds, ...each }) => ({ ...each, log_odds: logOdds })),
      findings: leading?.findings ?? [],
      // By its number an alert leads to its household.
      alerts: alerts.map(({ evidence: _, findings: __, ...alert }) =>
        seeded === null ? alert : { ...alert, id: SEEDED_ALERTS + id, state: 'firing' },
      ),
      months: await caseMonths(client, rulebook, {
        meteringPointId: seeded?.sourcePointId ?? point.id,
        ...place,
        now,
        category: point.tariff_category,
      }),
      transformer_context: await transformerContext(client, viewer, { caseId: id, pointId: point.id }),
      history: hidden ? withoutOpinions(steps) : steps,
      alert_history: await readAlertHistory(client, id, seeded?.shownTo ?? null),
      decision: await pendingDecision(client, id, hidden ? (viewer.personId ?? NOBODY) : null),
      decisions: hidden ? [] : await readDecisions(client, id),
      visits: await readVisits(client, id),
      comments: await readComments(client, id),
      links: await readLinks(client, id),
    };
  });
}

export type CasePage = Awaited<ReturnType<typeof casePage>>;

/** Of the case's kind and the newest first: whose reasons are shown. */
async function readAlerts(client: ClientBase, caseId: number, kind: string): Promise<AlertRow[]> {
  const { rows } = await client.query<AlertRow>(
    `select a.id, a.kind, a.state, a.score, a.since, a.last_seen_as_of, a.evidence, a.findings
     from case_alert ca join alert a on a.id = ca.alert_id
     where ca.case_id = $1 order by (a.kind = $2) desc, a.id desc`,
    [caseId, kind],
  );
  return rows;
}

async function readPoint(client: ClientBase, caseId: number): Promise<PointRow> {
  const { rows } = await client.query<PointRow>(
    `select p.id, p.kind, p.tariff_category, p.electric_heating, p.contracted_kw, p.declared_load_kw,
       p.declared_purpose, t.iana_zone as zone
     from case_file c join metering_point p on p.id = c.metering_point_id
     join territory t on t.code = p.territory_code where c.id = $1`,
    [caseId],
  );
  return rows[0];
}

async function readAlertHistory(client: ClientBase, caseId: number, lastDay: string | null) {
  const { rows } = await client.query<{
    at: Date;
    kind: string;
    from_state: string | null;
    to_state: string;
    reason: string;
    corrections: Correction[];
  }>(
    `select e.at, a.kind, e.from_state, e.to_state, e.reason, e.corrections
     from case_alert ca join alert a on a.id = ca.alert_id join alert_event e on e.alert_id = a.id
     where ca.case_id = $1 and ($2::date is null or e.at < $2::date + 1) order by e.id`,
    [caseId, lastDay],
  );
  return rows.map((row) => ({
    ...row,
    at: row.at.toISOString(),
    sentence: changeSentence(row.reason, row.corrections),
  }));
}

/** No person's number: a key that reads for its owner has made no decision. */
const NOBODY = 0;

/** What is about to be sealed; where opinions are hidden, only one's own (`onlyOf`), which its maker may undo. */
async function pendingDecision(client: ClientBase, caseId: number, onlyOf: number | null) {
  const decision = await unsealedDecision(client, caseId);
  if (decision === null || (onlyOf !== null && decision.madeBy !== onlyOf)) return null;
  const { id, verdict, reason, words, madeBy, madeAt, sealsAt } = decision;
  const times = { made_at: madeAt.toISOString(), seals_at: sealsAt.toISOString() };
  return { id, verdict, reason, words, made_by: madeBy, ...times };
}

async function readDecisions(client: ClientBase, caseId: number) {
  const { rows } = await client.query<{
    id: number;
    verdict: string;
    reason: DecisionReason;
    words: string;
    made_by: number;
    made_at: Date;
    sealed_at: Date;
    score: number;
  }>(
    `select id, verdict, reason, words, made_by, made_at, sealed_at, score
     from case_decision where case_id = $1 and sealed_at is not null order by id`,
    [caseId],
  );
  return rows.map((row) => ({
    ...row,
    made_at: row.made_at.toISOString(),
    sealed_at: row.sealed_at.toISOString(),
    sentence: DECISION_REASONS[row.reason].sentence,
  }));
}

async function readVisits(client: ClientBase, caseId: number) {
  const { rows } = await client.query<{
    id: number;
    booked_for: Date;
    done_at: Date | null;
    findings: VisitFinding[];
    explanation: string | null;
    photographs: { sha256: string; media_type: string; bytes: number }[];
  }>(
    `select v.id, v.booked_for, v.done_at, v.findings, v.explanation, coalesce((
       select jsonb_agg(jsonb_build_object('sha256', sha256, 'media_type', media_type, 'bytes', bytes)
         order by added_at, sha256) from case_photograph where visit_id = v.id), '[]') as photographs
     from case_visit v where v.case_id = $1 order by v.id`,
    [caseId],
  );
  return rows.map((row) => ({
    ...row,
    booked_for: row.booked_for.toISOString(),
    done_at: row.done_at?.toISOString() ?? null,
    findings: row.findings.map((finding) => ({ finding, sentence: VISIT_FINDINGS[finding] })),
  }));
}

async function readComments(client: ClientBase, caseId: number) {
  const { rows } = await client.query<{
    id: number;
    at: Date;
    actor: string;
    name: string | null;
    words: string;
  }>(
    `select m.id, m.at, m.actor, i.name, m.words
     from case_comment m left join person_identity i on i.person_id = m.person_id
     where m.case_id = $1 order by m.id`,
    [caseId],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** The linked case's number and state alone: it may be none of this reader's. */
async function readLinks(client: ClientBase, caseId: number) {
  const { rows } = await client.query<{ id: number; state: string; at: Date; actor: string; words: string }>(
    `select o.id, o.state, l.at, l.actor, l.words
     from case_link l join case_file o on o.id = case when l.case_id = $1 then l.other_id else l.case_id end
     where $1 in (l.case_id, l.other_id) order by o.id`,
    [caseId],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
