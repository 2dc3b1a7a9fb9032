import type { ClientBase } from 'pg';
import type { DayNumber } from '../grid/domain/calendar.js';
import type { Rulebook } from '../rulebook/domain/rule.js';
import { historyWindow } from './history-window.js';
import { householdUse } from './household-use.js';
import { firstMonth, monthSpans } from './month-spans.js';
import { judgeMonths, monthUse, type QuotaJudgement } from './month-use.js';
import { ProfileBlock, readProfiles } from './profile-windows.js';
import { registryPoints } from './registry-points.js';
import { addRegistersOfHouseholds, readRegisterUse } from './register-use.js';
import { asOfToday, storedDays } from './stored-days.js';
import { TerritorySurroundings } from './territory-surroundings.js';

/**
 * The months of a household's metering point, oldest first: those that are stored as they were judged, the others that are looked back
 * on judged now. Stored is what somebody may ask about: all where something is suspected.
 */
export async function judgedMonths(
  client: ClientBase,
  rulebook: Rulebook,
  asked: { readonly meteringPointId: number; readonly now: Date },
): Promise<QuotaJudgement[]> {
  const stored = await storedJudgements(client, asked.meteringPointId);
  if (await isSuspected(client, asked.meteringPointId)) return stored;
  const known = new Set(stored.map(({ month }) => month));
  const judged = await judgeNow(client, rulebook, asked);
  return [...stored, ...judged.filter(({ month }) => !known.has(month))].sort((a, b) => a.month - b.month);
}

async function storedJudgements(client: ClientBase, meteringPointId: number): Promise<QuotaJudgement[]> {
  const { rows } = await client.query<QuotaJudgement>(
    `select month - date '1970-01-01' as month, counted_per as "countedPer", rule_id as "ruleId",
       limit_kwh as "limitKwh", metered_kwh as "meteredKwh", unit_kwh as "unitKwh", flat_kwh as "flatKwh",
       intervals_present as "intervalsPresent", intervals_expected as "intervalsExpected", exceeded
     from quota_judgement where metering_point_id = $1 order by month`,
    [meteringPointId],
  );
  return rows;
}

async function isSuspected(client: ClientBase, meteringPointId: number): Promise<boolean> {
  const { rows } = await client.query(`select from score where metering_point_id = $1 and kind <> 'none'`, [
    meteringPointId,
  ]);
  return rows.length > 0;
}

async function judgeNow(
  client: ClientBase,
  rulebook: Rulebook,
  { meteringPointId, now }: { readonly meteringPointId: number; readonly now: Date },
): Promise<QuotaJudgement[]> {
  const stored = await storedDays(client);
  const ids = [meteringPointId];
  const [point] = await registryPoints(client, ids);
  if (stored === null || point === undefined) return [];
  const asOf = await asOfToday(client, stored, now);
  const { firstDay, isWholeHistory } = historyWindow(stored, asOf);
  const spans = monthSpans(firstDay, asOf, isWholeHistory);
  const block = new ProfileBlock(1, firstDay, asOf);
  await readProfiles(client, block, ids);
  const frame = { firstDay, asOf, spans };
  const registers = await readRegisterUse(client, ids, block.windows, frame);
  const sharing = point.sharedHousehold === null ? [] : ids;
  const unitKwh = await householdUse(client, sharing, { from: firstMonth(frame), to: asOf });
  await addRegistersOfHouseholds(client, unitKwh, sharing, frame);
  const [window] = block.windows;
  const months = monthUse(window, spans, {
    unitKwh: unitKwh.get(meteringPointId) ?? null,
    registers: registers.get(meteringPointId) ?? null,
  });
  const law = await TerritorySurroundings.ofLaw(client, rulebook);
  const quotaIn = (month: DayNumber) => law.legal(point.territoryCode, month).quota;
  return judgeMonths(window, spans, months, { quotaIn, isAsked: true });
}
