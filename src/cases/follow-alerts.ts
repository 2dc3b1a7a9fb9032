import type { ClientBase } from 'pg';
import { actorNamed } from '../audit/append-audit.js';
import { recordAtEnd } from '../audit/audited-transaction.js';
import type { FollowedPoints } from '../alerts/alerts-followers.js';
import type { AlertKind } from '../alerts/domain/lifecycle.js';
import { whitelisted } from '../grid/point-changes.js';
import { LOCKED_COLUMNS, takeStep, type Actor, type LockedCase } from './case-steps.js';
import { effectOfAlerts, kindsOf, leadingAlert, type AlertsEffect } from './domain/case-alerts.js';
import { readGrounds, type PointGrounds } from './grounds.js';

const SCORING: Actor = { actor: 'scoring', personId: null };
const DAY_MS = 86_400_000;
const NOTHING: AlertsEffect = { do: 'nothing' };

interface Followed {
  readonly point: PointGrounds;
  readonly file: LockedCase | null;
  readonly effect: AlertsEffect;
}

/**
 * Brings the cases of these metering points in line with their alerts, in the transaction that changed the alerts: opens,
 * reopens, and keeps the numbers of the queue. Running it again changes nothing.
 */
export async function followAlerts(client: ClientBase, points: FollowedPoints, now: Date): Promise<void> {
  const meteringPointIds = await pointsToFollow(client, points);
  if (meteringPointIds.length === 0) return;
  const files = await lockNewest(client, meteringPointIds);
  const spared = await whitelisted(client, meteringPointIds, now);
  const followed = (await readGrounds(client, meteringPointIds)).map((point): Followed => {
    const file = files.get(point.meteringPointId) ?? null;
    const days = file === null ? 0 : (now.getTime() - file.stateAt.getTime()) / DAY_MS;
    const effect = effectOfAlerts(file && { ...file, days }, point.firing, point.current);
    return { point, file, effect: begins(effect) && spared.has(point.meteringPointId) ? NOTHING : effect };
  });
  const opened = await openCases(client, followed, now);
  await followNumbers(client, followed);
  for (const each of followed) await stepAlong(client, each, now);
  await linkAlerts(client, followed, opened);
}

function begins(effect: AlertsEffect): boolean {
  return effect.do === 'open' || effect.do === 'reopen';
}

/**
 * Where alerts changed, and where one fires that no case has taken (of a time before there were cases): reading the
 * reasons of every open alert in every round would be most of the round.
 */
async function pointsToFollow(client: ClientBase, { all, changed }: FollowedPoints): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `select unnest($2::int[]) as id
     union
     select metering_point_id from alert a
     where metering_point_id = any ($1) and state = 'firing'
       and not exists (select from case_alert where alert_id = a.id)
     order by 1`,
    [all, changed],
  );
  return rows.map(({ id }) => id);
}

/** The newest case of each point, by point. In the order of ids, as everybody locks cases. */
async function lockNewest(
  client: ClientBase,
  meteringPointIds: readonly number[],
): Promise<Map<number, LockedCase>> {
  const { rows } = await client.query<LockedCase>(
    `select ${LOCKED_COLUMNS} from case_file where metering_point_id = any ($1) order by id for update`,
    [meteringPointIds],
  );
  return new Map(rows.map((file) => [file.meteringPointId, file]));
}

/** Answers the new cases by metering point. */
async function openCases(
  client: ClientBase,
  followed: readonly Followed[],
  now: Date,
): Promise<Map<number, number>> {
  const points = followed.filter(({ effect }) => effect.do === 'open').map(({ point }) => point);
  if (points.length === 0) return new Map();
  const { rows } = await client.query<{ id: number; point: number; kinds: AlertKind[]; score: number }>(
    `with opened as (
       insert into case_file (metering_point_id, utility_id, territory_code, transformer_id, kind, firing_kinds, state,
         version, score, month_kwh, since, opened_at, state_at, updated_at, words)
       select u.point, u.utility, u.territory, u.transformer, u.kind, string_to_array(u.kinds, ','), 'new', 1, u.score,
         u.kwh, u.since, $1, $1, $1, array_to_tsvector(string_to_array(u.words, chr(10)))
       from unnest($2::int[], $3::int[], $4::text[], $5::int[], $6::text[], $7::text[], $8::float8[], $9::float8[],
         $10::date[], $11::text[]) as u (point, utility, territory, transformer, kind, kinds, score, kwh, since, words)
       returning id, metering_point_id, kind, firing_kinds, score)
     , steps as (
       insert into case_step (case_id, version, step, from_state, to_state, at, actor, old_value, new_value)
       select id, 1, 'opened', 'none', 'new', $1, $12, '{}',
         jsonb_build_object('kind', kind, 'kinds', firing_kinds, 'score', score) from opened)
     select id, metering_point_id as point, firing_kinds as kinds, score from opened`,
    [
      now,
      points.map(({ meteringPointId }) => meteringPointId),
      points.map(({ utilityId }) => utilityId),
      points.map(({ territory }) => territory),
      points.map(({ transformerId }) => transformerId),
      points.map(({ firing }) => leadingAlert(firing)!.kind),
      points.map(({ firing }) => kindsOf(firing).join(',')),
      points.map(({ current }) => current.score),
      points.map(({ current }) => current.monthKwh),
      points.map(({ firing }) => leadingAlert(firing)!.since),
      points.map(({ names }) => wordsOf(names).join('\n')),
      SCORING.actor,
    ],
  );
  recordAtEnd(
    client,
    ...rows.map(({ id, point, kinds, score }) => ({
      actor: actorNamed(SCORING.actor),
      kind: 'case.opened',
      subject: `case:${id}`,
      body: { version: 1, metering_point_id: point, kinds, score, at: now.toISOString() },
    })),
  );
  return new Map(rows.map(({ id, point }) => [point, id]));
}

/** Whole names and their parts, so that either end of `P-00017` finds it. */
function wordsOf(names: readonly string[]): string[] {
  const words = names.flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)]);
  return [...new Set(words.map((word) => word.toLowerCase()))].filter((word) => word !== '');
}

/** Score, energy and beginning follow the readings as long as anything fires; they are no steps. */
async function followNumbers(client: ClientBase, followed: readonly Followed[]): Promise<void> {
  const moved = followed.flatMap(({ point, file, effect }) => {
    const leading = leadingAlert(point.firing);
    if (file === null || leading === null || effect.do === 'open') return [];
    const next = { id: file.id, kind: leading.kind, since: leading.since, ...point.current };
    const same =
      file.kind === next.kind &&
      file.since === next.since &&
      file.score === next.score &&
      file.monthKwh === next.monthKwh;
    return same ? [] : [next];
  });
  if (moved.length === 0) return;
  await client.query(
    `update case_file c set kind = u.kind, score = u.score, month_kwh = u.kwh, since = u.since
     from unnest($1::int[], $2::text[], $3::float8[], $4::float8[], $5::date[]) as u (id, kind, score, kwh, since)
     where c.id = u.id`,
    [
      moved.map(({ id }) => id),
      moved.map(({ kind }) => kind),
      moved.map(({ score }) => score),
      moved.map(({ monthKwh }) => monthKwh),
      moved.map(({ since }) => since),
    ],
  );
}

async function stepAlong(client: ClientBase, { point, file, effect }: Followed, now: Date): Promise<void> {
  if (file === null) return;
  const kinds: readonly AlertKind[] = kindsOf(point.firing);
  if (effect.do === 'reopen') {
    await takeStep(client, file, 'reopened', {
      by: SCORING,
      now,
      before: { ...file.dismissedOn, inspector: file.inspectorId },
      after: { reason: effect.reason, ...point.current },
      set: {
        firing_kinds: kinds,
        inspector_id: null,
        organisation: null,
        review_not_by: null,
        dismissed_on: null,
      },
    });
  } else if (effect.do === 'follow' && effect.kindsChanged) {
    await takeStep(client, file, 'alerts_changed', {
      by: SCORING,
      now,
      before: { kinds: file.firingKinds },
      after: { kinds },
      set: { firing_kinds: kinds },
    });
  }
}

/** A case keeps the alerts it was opened or followed by; one that still fires when another case opens belongs to both. */
async function linkAlerts(
  client: ClientBase,
  followed: readonly Followed[],
  opened: ReadonlyMap<number, number>,
): Promise<void> {
  const links = followed.flatMap(({ point, file }) => {
    const caseId = opened.get(point.meteringPointId) ?? file?.id;
    return caseId === undefined ? [] : point.firing.map(({ id }) => ({ id, caseId }));
  });
  if (links.length === 0) return;
  await client.query(
    `insert into case_alert (alert_id, case_id) select * from unnest($1::int[], $2::int[]) on conflict do nothing`,
    [links.map(({ id }) => id), links.map(({ caseId }) => caseId)],
  );
}
