import type { ClientBase } from 'pg';
import { dayFromIso, isoFromDay } from '../grid/domain/calendar.js';
import { resolveTerritory } from '../grid/domain/territories.js';
import { legalSituation } from '../rulebook/domain/legal-situation.js';
import type { LoadedRulebook } from '../rulebook/rulebook-file.js';

/** What held at a place on a day, with the act that says so. */
export async function ruleInForce(
  client: ClientBase,
  rulebook: LoadedRulebook,
  { territory, asOf }: { readonly territory: string; readonly asOf: string },
) {
  const region = await regionOf(client, territory);
  const place = { region, oktmo: resolveTerritory(territory)?.oktmo ?? null };
  const { ban, quota } = legalSituation(rulebook, place, dayFromIso(asOf)!);
  return {
    ban: {
      status: ban.status,
      since: ban.since === null ? null : isoFromDay(ban.since),
      why: ban.why,
      rule: ruleOf(rulebook, ban.ruleId),
    },
    quota: quota && {
      limit_kwh: quota.limitKwh,
      counted_per: quota.countedPer,
      rule: ruleOf(rulebook, quota.ruleId),
    },
  };
}

/** The region that a territory lies in, or itself. */
export async function regionOf(client: ClientBase, territory: string): Promise<string> {
  const { rows } = await client.query<{ parent: string | null }>(
    `select parent_code as parent from territory where code = $1`,
    [territory],
  );
  return resolveTerritory(territory)?.region ?? rows[0]?.parent ?? territory;
}

function ruleOf({ document }: LoadedRulebook, id: string | null) {
  const rule = document.rules.find((each) => each.id === id);
  if (rule === undefined) return null;
  return {
    id: rule.id,
    status: rule.status,
    acts: rule.acts.map(({ title, number, date }) => ({ title, number, date })),
  };
}
