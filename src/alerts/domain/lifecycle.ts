import type { DayNumber } from '../../grid/domain/calendar.js';
import type { Sentence } from '../../rulebook/domain/rule.js';

export const ALERT_STATES = ['pending', 'firing', 'resolved'] as const;
/** Readings that were scored before and that an upload changed: which days. */
export interface Correction {
  readonly upload: number;
  readonly from: string;
  readonly to: string;
}

export type AlertState = (typeof ALERT_STATES)[number];

export const ALERT_KINDS = ['quota_exceeded', 'quota_forecast', 'mining_suspected', 'hidden_load'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Where an alert may go from each state. The database's trigger refuses the rest; a test holds the two together. */
export const TRANSITIONS: Readonly<Record<AlertState, readonly AlertState[]>> = {
  pending: ['firing', 'resolved'],
  firing: ['resolved'],
  resolved: [],
};

/** A suspicion must have held this long in the readings before it fires: a heat gun or a house party does not. */
export const HOLD_DAYS = 7;
/** An alert resolves when this many further days of readings no longer support it, so that a pause does not end it. */
export const CLEAR_DAYS = 7;

/** A forecast whose other evidence sums to this or less is explained (electric heating) and alerts nobody. */
const EXPLAINED_LOG_ODDS = -1;

/** Why an alert changed: stored as a code, shown as a sentence. */
export const REASONS = {
  suspected: {
    ru: 'Показания дали основание для подозрения.',
    en: 'The readings gave grounds for suspicion.',
  },
  held: {
    ru: `Держится не менее ${HOLD_DAYS} суток.`,
    en: `It has held for at least ${HOLD_DAYS} days.`,
  },
  measured_breach: {
    ru: 'Лимит превышен по показаниям счётчика.',
    en: 'The limit is exceeded by measurement.',
  },
  no_longer_supported: {
    ru: `Показания за последние ${CLEAR_DAYS} суток этого больше не подтверждают.`,
    en: `The last ${CLEAR_DAYS} days of readings no longer support it.`,
  },
  corrected: {
    ru: 'Показания исправлены: этого из них больше не следует.',
    en: 'Readings were corrected: they no longer show it.',
  },
  came_true: {
    ru: 'Прогноз сбылся: лимит превышен.',
    en: 'The forecast came true: the limit is exceeded.',
  },
} as const;
export type AlertReason = keyof typeof REASONS;

/** What the newest scoring says of a metering point, as far as alerts go by it. */
export interface Verdict {
  /** Exclusive end of the readings that were looked at. */
  readonly asOf: DayNumber;
  readonly kind: AlertKind | 'none';
  readonly caseWorthy: boolean;
  readonly score: number;
  readonly since: DayNumber | null;
  /** Sum of the evidence that is neither the place's nor the quota's own. */
  readonly otherLogOdds: number;
  /** There were enough recent readings to say anything: silence resolves nothing. */
  readonly hasReadings: boolean;
  /** Readings that had been scored before were corrected, and that led to this verdict. */
  readonly corrections?: readonly Correction[];
}

export interface OpenAlert {
  readonly id: number;
  readonly kind: AlertKind;
  readonly state: 'pending' | 'firing';
  readonly score: number;
  readonly since: DayNumber | null;
  readonly lastSeenAsOf: DayNumber;
}

/** The alert as it stands after a verdict, with the changes of state that led there (none: only the numbers moved). */
export interface AlertChange {
  /** Null: it is opened. */
  readonly id: number | null;
  readonly kind: AlertKind;
  readonly state: AlertState;
  readonly score: number;
  readonly since: DayNumber | null;
  readonly lastSeenAsOf: DayNumber;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly from: AlertState | null;
  readonly to: AlertState;
  readonly reason: AlertReason;
}

/** As-of day up to which resolved alerts of each kind were supported: a look back to then opens nothing anew. */
export type Closed = Readonly<Partial<Record<AlertKind, DayNumber>>>;

/** What one verdict changes on a metering point: its open alerts, oldest first, then the one that it opens. */
export function decide(verdict: Verdict, open: readonly OpenAlert[], closed: Closed = {}): AlertChange[] {
  const supported = supportedKind(verdict);
  const changes = open.map((alert) =>
    alert.kind === supported ? keepUp(alert, verdict) : letGo(alert, verdict, supported),
  );
  const isOpen = open.some(({ kind }) => kind === supported);
  // A correction may take back what an earlier one took away: the readings end on the same day.
  const seen = supported === null ? -Infinity : (closed[supported] ?? -Infinity);
  const isNews = verdict.asOf > seen || (isCorrected(verdict) && verdict.asOf === seen);
  if (supported !== null && !isOpen && isNews) {
    changes.push(openAlert(supported, verdict));
  }
  return changes.filter((change) => change !== null);
}

/** The kind of alert that the verdict speaks for, if any. */
function supportedKind({ kind, caseWorthy, otherLogOdds }: Verdict): AlertKind | null {
  if (kind === 'none') return null;
  const explained = kind === 'quota_forecast' ? otherLogOdds <= EXPLAINED_LOG_ODDS : !caseWorthy;
  return explained ? null : kind;
}

/** `since` without a date of its own counts from now. */
function openAlert(kind: AlertKind, verdict: Verdict): AlertChange {
  const { score, asOf } = verdict;
  const since = verdict.since ?? asOf;
  const opened: Step = { from: null, to: 'pending', reason: 'suspected' };
  const fired = firing(kind, since, asOf);
  const steps = fired === null ? [opened] : [opened, fired];
  const state = fired === null ? 'pending' : 'firing';
  return { id: null, kind, state, score, since, lastSeenAsOf: asOf, steps };
}

/** Null when the verdict is no news: of readings that end no later, or word for word the same. */
function keepUp(alert: OpenAlert, verdict: Verdict): AlertChange | null {
  const { score, asOf } = verdict;
  const since = verdict.since ?? alert.since;
  const fired = alert.state === 'pending' ? firing(alert.kind, since, asOf) : null;
  const same = alert.lastSeenAsOf === asOf && alert.score === score && alert.since === since;
  if (asOf < alert.lastSeenAsOf || (same && fired === null)) return null;
  const state = fired === null ? alert.state : 'firing';
  return { ...alert, state, score, since, lastSeenAsOf: asOf, steps: fired === null ? [] : [fired] };
}

function letGo(alert: OpenAlert, verdict: Verdict, supported: AlertKind | null): AlertChange | null {
  const resolved = (reason: AlertReason): AlertChange => ({
    ...alert,
    state: 'resolved',
    steps: [{ from: alert.state, to: 'resolved', reason }],
  });
  if (alert.kind === 'quota_forecast' && supported === 'quota_exceeded') return resolved('came_true');
  // With the same readings but for the correction, or where a limit is no longer exceeded, it is the correction that speaks.
  const byCorrection = verdict.asOf === alert.lastSeenAsOf || alert.kind === 'quota_exceeded';
  if (isCorrected(verdict) && verdict.hasReadings && byCorrection && verdict.asOf >= alert.lastSeenAsOf)
    return resolved('corrected');
  const clear = verdict.hasReadings && verdict.asOf - alert.lastSeenAsOf >= CLEAR_DAYS;
  return clear ? resolved('no_longer_supported') : null;
}

function isCorrected({ corrections = [] }: Verdict): boolean {
  return corrections.length > 0;
}

function firing(kind: AlertKind, since: DayNumber | null, asOf: DayNumber): Step | null {
  if (kind === 'quota_exceeded') return { from: 'pending', to: 'firing', reason: 'measured_breach' };
  const held = since !== null && asOf - since >= HOLD_DAYS;
  return held ? { from: 'pending', to: 'firing', reason: 'held' } : null;
}

/** Why an alert changed, with the uploads whose corrections led to it. */
export function changeSentence(reason: string, corrections: readonly Correction[]): Sentence {
  const sentence = REASONS[reason as AlertReason] ?? { ru: reason, en: reason };
  if (corrections.length === 0) return sentence;
  const days = ({ from, to }: Correction) => (from === to ? from : `${from} – ${to}`);
  const list = (word: string) =>
    corrections.map((each) => `${word} ${each.upload} (${days(each)})`).join(', ');
  return {
    ru: `${sentence.ru} Исправления: ${list('загрузка')}.`,
    en: `${sentence.en} Corrections: ${list('upload')}.`,
  };
}
