import { Inject, Injectable } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { ChangeKinds, type ChangeKind } from '../approvals/change-kinds.js';
import { RefusedError } from '../config/errors.js';
import type { Rulebook } from '../rulebook/domain/rule.js';
import { RULEBOOK } from '../rulebook/rulebook.token.js';
import { DEFAULT_SETTINGS, type DetectionSettings } from './domain/settings.js';
import { isCaseWorthy } from './learning/domain/shadow.js';
import { scoredPoints } from './scored-points.js';

/** The score from which on a household is named, as it was last agreed; the release's while nobody changed it. */
export async function caseScoreInForce(client: Pick<ClientBase, 'query'>): Promise<number> {
  const { rows } = await client.query<{ caseScore: number }>(
    `select case_score as "caseScore" from case_threshold order by since desc, proposal_id desc limit 1`,
  );
  return rows[0]?.caseScore ?? DEFAULT_SETTINGS.judgement.caseScore;
}

export function withCaseScore(settings: DetectionSettings, caseScore: number): DetectionSettings {
  return { ...settings, judgement: { ...settings.judgement, caseScore } };
}

/** As a run's version names it; nothing for the release's. */
export function caseScoreMark(caseScore: number): string {
  return caseScore === DEFAULT_SETTINGS.judgement.caseScore ? '' : ` case ${caseScore}`;
}

const Threshold = z.strictObject({ case_score: z.number().min(0.05).max(0.99) });
type Threshold = z.output<typeof Threshold>;
type ThresholdChange = Threshold & { readonly was: number };

/** Households that would be named, or no longer, of one kind of home. */
interface GroupChange {
  readonly electric_heating: boolean | null;
  /** The tariff category: flat, house with an electric stove, village … */
  readonly dwelling: string | null;
  named_now: number;
  named_then: number;
}

/** Moves the score from which on a household is named. Before anybody agrees, both see whom that would name. */
export function thresholdChange(rulebook: Rulebook): ChangeKind<Threshold, ThresholdChange> {
  return {
    kind: 'threshold.case_score',
    proposers: ['supervisor', 'operator'],
    schema: Threshold,
    prepare: async (client, { case_score }) => {
      const was = await caseScoreInForce(client);
      if (was === case_score) throw new RefusedError(`The threshold is ${was} already.`);
      return {
        subject: 'threshold:case_score',
        change: { case_score, was },
        summary: {
          was,
          becomes: case_score,
          ...(await whoWouldBeNamed(client, rulebook, { was, case_score })),
        },
      };
    },
    apply: async (client, { case_score, was }, { proposalId, now }) => {
      if ((await caseScoreInForce(client)) !== was)
        throw new RefusedError(`The threshold is no longer ${was}: propose it anew.`);
      await client.query(`insert into case_threshold (proposal_id, case_score, since) values ($1, $2, $3)`, [
        proposalId,
        case_score,
        now,
      ]);
      return { case_score, was };
    },
  };
}

/**
 * From the stored scores: only those between the two thresholds can change sides, so that a region of a million is read in
 * seconds. What else a case needs (two kinds of evidence, a ban or a hidden load) is judged as a scoring run does.
 */
async function whoWouldBeNamed(client: ClientBase, rulebook: Rulebook, { was, case_score }: ThresholdChange) {
  const { judgement } = withCaseScore(DEFAULT_SETTINGS, case_score);
  const groups = new Map<string, GroupChange>();
  const { rows: now } = await client.query<{
    heating: boolean | null;
    dwelling: string | null;
    named: number;
  }>(
    `select p.electric_heating as heating, p.tariff_category as dwelling, count(*)::int as named
     from score s join metering_point p on p.id = s.metering_point_id and p.kind = 'household'
     where s.case_worthy group by 1, 2`,
  );
  for (const { heating, dwelling, named } of now) {
    const group = groupOf(groups, heating, dwelling);
    group.named_now = group.named_then = named;
  }
  const between = [Math.min(was, case_score), Math.max(was, case_score)] as const;
  for await (const point of scoredPoints(client, rulebook, between)) {
    const then = isCaseWorthy(point, judgement);
    if (then === point.caseWorthy) continue;
    const { electricHeating, tariffCategory } = point.facts;
    groupOf(groups, electricHeating, tariffCategory).named_then += then ? 1 : -1;
  }
  const all = [...groups.values()].sort((a, b) => b.named_then - a.named_then);
  const total = (key: 'named_now' | 'named_then') => all.reduce((sum, group) => sum + group[key], 0);
  const [namedNow, namedThen] = [total('named_now'), total('named_then')];
  return { named_now: namedNow, named_then: namedThen, more: namedThen - namedNow, by_home: all };
}

function groupOf(
  groups: Map<string, GroupChange>,
  heating: boolean | null,
  dwelling: string | null,
): GroupChange {
  const key = `${heating} ${dwelling}`;
  const known = groups.get(key);
  if (known !== undefined) return known;
  const group = { electric_heating: heating, dwelling, named_now: 0, named_then: 0 };
  groups.set(key, group);
  return group;
}

/** Makes the kind of change known. */
@Injectable()
export class ThresholdChanges {
  constructor(kinds: ChangeKinds, @Inject(RULEBOOK) rulebook: Rulebook) {
    kinds.add(thresholdChange(rulebook));
  }
}
