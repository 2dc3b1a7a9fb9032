import type { Queryable } from '../database/queryable.js';
import type { Evidence, Finding } from '../detection/domain/types.js';
import type { Sentence } from '../rulebook/domain/rule.js';
import { changeSentence, type AlertKind, type AlertState, type Correction } from './domain/lifecycle.js';

/** What to list; null = any. */
export interface AlertFilter {
  /** Id of the utility whose metering points it may be about. */
  readonly utilityId: number | null;
  readonly state: AlertState | null;
  readonly kind: AlertKind | null;
  /** A territory's code: its own alerts, and for a region those of its municipalities. */
  readonly territory: string | null;
  readonly minScore: number | null;
  /** Suspected since this day or later, `YYYY-MM-DD`. */
  readonly since: string | null;
  /** Leaves out who has broken no rule yet, and only uses much. */
  readonly withoutForecasts?: boolean;
}

export const ANY_ALERT: AlertFilter = {
  utilityId: null,
  state: null,
  kind: null,
  territory: null,
  minScore: null,
  since: null,
};

/** An alert as the API and the command line show it. */
export interface AlertView {
  readonly id: number;
  readonly utility: string;
  readonly metering_point: string;
  readonly household: string | null;
  readonly territory: string;
  readonly kind: AlertKind;
  readonly state: AlertState;
  /** Probability of mining, 0 to 1. */
  readonly score: number;
  readonly since: string | null;
  readonly opened_at: string;
  readonly fired_at: string | null;
  readonly resolved_at: string | null;
  /** Exclusive end of the readings that last supported it. */
  readonly last_seen_as_of: string;
  /** What speaks for and against, weightiest first. */
  readonly sentences: { readonly ru: readonly string[]; readonly en: readonly string[] };
}

export interface AlertDetail extends AlertView {
  /** What an alert is, and is not: shown wherever its reasons are. */
  readonly notice: Sentence;
  readonly reasons: readonly {
    readonly detector: string;
    readonly kind: string;
    /** Positive speaks for mining, negative against; the score is the logistic of their sum. */
    readonly log_odds: number;
    readonly sentence: Sentence;
  }[];
  readonly findings: readonly Finding[];
  readonly events: readonly {
    readonly at: string;
    readonly actor: string;
    readonly from_state: AlertState | null;
    readonly to_state: AlertState;
    readonly reason: string;
    readonly sentence: Sentence;
    readonly run_id: number | null;
    /** Uploads that corrected readings which had been scored before, where that led to the change. */
    readonly corrections: readonly Correction[];
  }[];
}

export const NOTICE: Sentence = {
  ru:
    'Это подозрение, а не вывод: счётчик показывает потребление, а не майнинг. Превышение лимита само по себе не ' +
    'нарушение; причину устанавливает инспектор.',
  en:
    'This is a suspicion and not a conclusion: a meter shows consumption, never mining. Exceeding the limit is not an ' +
    'offence in itself; an inspector establishes the cause.',
};

const SELECT = `
  select a.id, u.code as utility, p.external_id as metering_point, p.household, p.territory_code as territory,
    a.kind, a.state, a.score, to_char(a.since, 'YYYY-MM-DD') as since, a.opened_at, a.fired_at, a.resolved_at,
    to_char(a.last_seen_as_of, 'YYYY-MM-DD') as last_seen_as_of, a.evidence, a.findings
  from alert a
  join metering_point p on p.id = a.metering_point_id
  join utility u on u.id = p.utility_id`;

type Row = Omit<AlertView, 'sentences' | 'opened_at' | 'fired_at' | 'resolved_at'> & {
  readonly opened_at: Date;
  readonly fired_at: Date | null;
  readonly resolved_at: Date | null;
  readonly evidence: Evidence[];
  readonly findings: Finding[];
};

type EventRow = Omit<AlertDetail['events'][number], 'at' | 'sentence'> & { readonly at: Date };

/** Of an alert and its point: what the filter asks for. */
const MATCHES = `($1::text is null or a.state = $1)
       and ($2::text is null or a.kind = $2)
       and ($3::text is null or p.territory_code in (
         select t.code from territory t where t.code = $3 or t.parent_code = $3))
       and ($4::float8 is null or a.score >= $4)
       and ($5::date is null or a.since >= $5)
       and ($6::integer is null or p.utility_id = $6)
       and ($7::boolean is not true or a.kind <> 'quota_forecast')`;

function valuesOf(filter: AlertFilter): unknown[] {
  const { state, kind, territory, minScore, since, utilityId, withoutForecasts = false } = filter;
  return [state, kind, territory, minScore, since, utilityId, withoutForecasts];
}

export async function countAlerts(db: Queryable, filter: AlertFilter): Promise<number> {
  const [{ alerts }] = await db.query<[{ alerts: number }]>(
    `select count(*)::int as alerts from alert a join metering_point p on p.id = a.metering_point_id where ${MATCHES}`,
    valuesOf(filter),
  );
  return alerts;
}

/**
 * At most `limit` alerts, newest first, with a smaller id than `beforeId` (null: from the newest). Ids neither change
 * nor return, so that walking on from the last one shows each alert once, whatever is opened or resolved meanwhile.
 */
export async function listAlerts(
  db: Queryable,
  filter: AlertFilter,
  page: { readonly beforeId: number | null; readonly limit: number },
): Promise<AlertView[]> {
  const rows = await db.query<Row[]>(
    `${SELECT}
     where ${MATCHES} and ($8::integer is null or a.id < $8)
     order by a.id desc limit $9`,
    [...valuesOf(filter), page.beforeId, page.limit],
  );
  return rows.map(viewOf);
}

/** Null when there is no such alert, or it is about a point of another utility than `utilityId` (null: of any). */
export async function findAlert(
  db: Queryable,
  id: number,
  utilityId: number | null,
): Promise<AlertDetail | null> {
  const [row] = await db.query<Row[]>(
    `${SELECT} where a.id = $1 and ($2::integer is null or p.utility_id = $2)`,
    [id, utilityId],
  );
  if (row === undefined) return null;
  const events = await db.query<EventRow[]>(
    `select at, actor, from_state, to_state, reason, run_id, corrections from alert_event where alert_id = $1 order by id`,
    [id],
  );
  return {
    ...viewOf(row),
    notice: NOTICE,
    reasons: row.evidence.map(({ detector, kind, logOdds, sentence }) => ({
      detector,
      kind,
      log_odds: logOdds,
      sentence,
    })),
    findings: row.findings,
    events: events.map((event) => ({
      ...event,
      at: event.at.toISOString(),
      sentence: changeSentence(event.reason, event.corrections),
    })),
  };
}

function viewOf(row: Row): AlertView {
  const { evidence, findings: _findings, ...shown } = row;
  return {
    ...shown,
    opened_at: row.opened_at.toISOString(),
    fired_at: row.fired_at?.toISOString() ?? null,
    resolved_at: row.resolved_at?.toISOString() ?? null,
    sentences: {
      ru: evidence.map(({ sentence }) => sentence.ru),
      en: evidence.map(({ sentence }) => sentence.en),
    },
  };
}
