import type { ClientBase } from 'pg';
import { recordAtEnd } from '../audit/audited-transaction.js';
import type { SignerKey } from '../audit/domain/signed-note.js';
import { RefusedError } from '../config/errors.js';
import { fetchBeacon } from './beacon.js';
import {
  bringsSeeded,
  commitmentOf,
  drawReinspections,
  drawVisits,
  seedOf,
  stepLabel,
  visitsDue,
  type SealedStep,
} from './domain/draws.js';
import { DRAWS, DRAWS_LOCK, PERIOD_COLUMNS, type StoredPeriod } from './draw-periods.js';
import { secretOf } from './draw-secret.js';
import { openReinspection, openSeeded, openVisit } from './drawn-cases.js';

/** A decision is sealed a few seconds after it was made, also by a process that was slow. */
const GRACE_MS = 5 * 60_000;
/** At once; the next tick goes on. */
const MOST_SEEDED = 50;

/**
 * Puts the known cases into the queue that come with what was dealt since the period began, in the caller's audited
 * transaction; answers how many.
 */
export async function seedKnownCases(client: ClientBase, key: SignerKey, now: Date): Promise<number> {
  await client.query(`select ${DRAWS_LOCK}`);
  let seeded = 0;
  const { rows } = await client.query<StoredPeriod>(
    `select ${PERIOD_COLUMNS} from draw_period where opened_at is null and from_at <= $1 order by name`,
    [now],
  );
  for (const period of rows) seeded += await seedPeriod(client, key, period, now);
  return seeded;
}

async function seedPeriod(
  client: ClientBase,
  key: SignerKey,
  period: StoredPeriod,
  now: Date,
): Promise<number> {
  const seed = seedOf(secretOf(key, period.name), null);
  const due = (await dealtSteps(client, period)).filter((step) =>
    bringsSeeded(seed, step, period.shares.seeded),
  );
  const { rows } = await client.query<{ label: string }>(
    `select came_with as label from inspection_draw where purpose = 'seeded' and period = $1::date`,
    [period.name],
  );
  const made = new Set(rows.map(({ label }) => label));
  let [seeded, unseeded] = [0, 0];
  for (const step of due) {
    const label = stepLabel(step);
    if (made.has(label)) continue;
    if (seeded === MOST_SEEDED) break;
    if ((await openSeeded(client, { period: period.name, label, seed }, now)) === null) unseeded++;
    else seeded++;
  }
  await client.query(`update draw_period set unseeded = $2 where name = $1::date and unseeded <> $2`, [
    period.name,
    unseeded,
  ]);
  return seeded;
}

/** Real cases dealt in the period: known ones bring no others. */
async function dealtSteps(
  client: ClientBase,
  { fromAt, toAt }: StoredPeriod,
): Promise<Pick<SealedStep, 'caseId' | 'version'>[]> {
  const { rows } = await client.query<Pick<SealedStep, 'caseId' | 'version'>>(
    `select case_id as "caseId", version from case_step s
     where step = 'dealt' and at >= $1 and at < $2
       and not exists (select from inspection_draw d where d.case_id = s.case_id and d.purpose = 'seeded')
     order by case_id, version`,
    [fromAt, toAt],
  );
  return rows;
}

export interface OpenedDraws {
  readonly period: string;
  readonly reinspections: number;
  readonly visits: number;
}

/**
 * Tells the secret of the oldest period that is over and whose decisions are all sealed, and draws; null when there is none.
 * In the caller's audited transaction, so that the draw and what it led to are there together.
 * @throws RefusedError the log's key is another than the one that fixed the secret, or the beacon is silent
 */
export async function openNextPeriod(
  client: ClientBase,
  key: SignerKey,
  now: Date,
  beaconOf: (address: string) => Promise<string> = fetchBeacon,
): Promise<OpenedDraws | null> {
  await client.query(`select ${DRAWS_LOCK}`);
  const { rows } = await client.query<StoredPeriod>(
    `select ${PERIOD_COLUMNS} from draw_period p
     where opened_at is null and to_at <= $1 and not exists (
       select from case_decision d where d.sealed_at is null and d.undone_at is null and d.made_at < p.to_at)
     order by p.name limit 1`,
    [new Date(now.getTime() - GRACE_MS)],
  );
  if (rows.length === 0) return null;
  const [period] = rows;
  const secret = secretOf(key, period.name);
  if (commitmentOf(secret) !== period.commitment)
    throw new RefusedError(
      `The draws of ${period.name} can't be made: the audit log's key is not the one that fixed their secret.`,
    );
  await seedPeriod(client, key, period, now);
  const beacon = period.beaconUrl === null ? null : await beaconOf(period.beaconUrl);
  const seed = seedOf(secret, beacon);
  const reinspections = await drawAgain(client, seed, period, now);
  const visits = await drawHouseholds(client, seed, period, now);
  await client.query(`update draw_period set opened_at = $2 where name = $1::date`, [period.name, now]);
  recordAtEnd(client, {
    actor: DRAWS,
    kind: 'draws.opened',
    subject: `draws:${period.name}`,
    body: {
      secret: secret.toString('hex'),
      beacon,
      seed,
      reinspections,
      seeded: await seededIn(client, period.name),
      visits,
    },
  });
  return { period: period.name, reinspections: reinspections.length, visits: visits.drawn.length };
}

async function drawAgain(
  client: ClientBase,
  seed: string,
  { name, fromAt, toAt, shares }: StoredPeriod,
  now: Date,
): Promise<{ of: string; case: number | null }[]> {
  const { rows } = await client.query<SealedStep>(
    `select case_id as "caseId", version, step as outcome from case_step s
     where step in ('confirmed', 'dismissed') and at >= $1 and at < $2
       and not exists (select from inspection_draw d
         where d.case_id = s.case_id and d.purpose in ('reinspection', 'seeded'))
     order by case_id, version`,
    [fromAt, toAt],
  );
  const drawn = [];
  for (const step of drawReinspections(seed, rows, shares)) {
    const opened = await openReinspection(client, { ...step, period: name }, now);
    drawn.push({ of: stepLabel(step), case: opened });
  }
  return drawn;
}

async function seededIn(client: ClientBase, period: string): Promise<{ with: string; case: number }[]> {
  const { rows } = await client.query<{ with: string; case: number }>(
    `select came_with as "with", case_id as "case" from inspection_draw
     where purpose = 'seeded' and period = $1::date order by case_id`,
    [period],
  );
  return rows;
}

/** Of all households, whatever their score. */
async function drawHouseholds(
  client: ClientBase,
  seed: string,
  { name, fromAt, toAt, shares }: StoredPeriod,
  now: Date,
) {
  const { rows } = await client.query<{ made: number; highest: number; households: number }>(
    `select (select count(*)::int from case_visit where done_at >= $1 and done_at < $2) as made,
       coalesce(max(id), 0) as highest, count(*)::int as households
     from metering_point where kind = 'household'`,
    [fromAt, toAt],
  );
  const [{ made, highest, households }] = rows;
  const count = Math.min(visitsDue(made, shares.visits), households);
  // Twice as many numbers as any drawing of so few needs, unless the ids are full of gaps.
  const isHousehold = await householdTest(client, seed, count, highest);
  const { points, skipped } = drawVisits(seed, count, highest, isHousehold);
  const drawn = [];
  for (const pointId of points) {
    const opened = await openVisit(
      client,
      { pointId, period: name, probability: points.length / households },
      now,
    );
    drawn.push({ point: pointId, case: opened });
  }
  return { made, highest, households, drawn, skipped };
}

/** Reads which ids are households' once, in the order in which they are drawn. */
async function householdTest(
  client: ClientBase,
  seed: string,
  count: number,
  highest: number,
): Promise<(id: number) => boolean> {
  if (count === 0) return () => false;
  const asked = new Set<number>();
  // Each id asked about at its first draw is looked up: first all that might be drawn.
  drawVisits(seed, Math.min(highest, count * 200), highest, (id) => asked.add(id) !== undefined);
  const { rows } = await client.query<{ id: number }>(
    `select id from metering_point where id = any ($1) and kind = 'household'`,
    [[...asked]],
  );
  const known = new Set(rows.map(({ id }) => id));
  return (id) => known.has(id);
}
