import type { AlertKind } from '../../alerts/domain/lifecycle.js';
import { reopeningReason, type Grounds, type ReopeningReason, type ReopeningSettings } from './reopening.js';
import { isClosed, type CaseState } from './transitions.js';

/** Kinds that open a case, the most pressing first; a forecast alone opens none: nothing has happened yet. */
export const CASE_KINDS = [
  'hidden_load',
  'quota_exceeded',
  'mining_suspected',
  'quota_forecast',
] as const satisfies readonly AlertKind[];
/** `random_audit`: nothing is suspected; the household was drawn by lot, so that what is missed can be estimated. */
export type CaseKind = AlertKind | 'random_audit';
const OPENS_NONE: AlertKind = 'quota_forecast';

/** After a confirmation the same suspicion goes on until the rigs are gone: new alerts open no new case for so long. */
export const CONFIRMED_QUIET_DAYS = 30;

export interface FiringAlert {
  readonly id: number;
  readonly kind: AlertKind;
  readonly score: number;
  /** `YYYY-MM-DD` */
  readonly since: string | null;
}

export interface KnownCase {
  readonly state: CaseState;
  /** Kinds of the alerts that fired when it last changed. */
  readonly firingKinds: readonly AlertKind[];
  /** Days since its state last changed. */
  readonly days: number;
  /** Of a dismissed case: what it rested on then. */
  readonly dismissedOn: Grounds | null;
}

export type AlertsEffect =
  | { readonly do: 'nothing' }
  | { readonly do: 'open' }
  /** The numbers follow; where other kinds fire than before, that is a step of its own. */
  | { readonly do: 'follow'; readonly kindsChanged: boolean }
  | { readonly do: 'reopen'; readonly reason: ReopeningReason };

/** What the alerts of a metering point do to its newest case (null: it has none). */
export function effectOfAlerts(
  known: KnownCase | null,
  firing: readonly FiringAlert[],
  current: Grounds,
  settings?: ReopeningSettings,
): AlertsEffect {
  const opens = firing.some(({ kind }) => kind !== OPENS_NONE);
  if (known === null) return { do: opens ? 'open' : 'nothing' };
  if (known.state === 'confirmed' && opens && known.days >= CONFIRMED_QUIET_DAYS) return { do: 'open' };
  if (known.state === 'dismissed' && opens && known.dismissedOn !== null) {
    const reason = reopeningReason({ ...known.dismissedOn, days: known.days }, current, settings);
    if (reason !== null) return { do: 'reopen', reason };
  }
  const kindsChanged = !isClosed(known.state) && !sameKinds(known.firingKinds, firing);
  return { do: 'follow', kindsChanged };
}

/** The alert that a case is named after: of the most pressing kind, the newest. Null without any. */
export function leadingAlert<A extends Pick<FiringAlert, 'id' | 'kind'>>(alerts: readonly A[]): A | null {
  const rank = ({ kind }: A) => CASE_KINDS.indexOf(kind);
  return [...alerts].sort((a, b) => rank(a) - rank(b) || b.id - a.id)[0] ?? null;
}

/** In the order of {@link CASE_KINDS}, each once. */
export function kindsOf(firing: readonly Pick<FiringAlert, 'kind'>[]): AlertKind[] {
  return CASE_KINDS.filter((kind) => firing.some((alert) => alert.kind === kind));
}

function sameKinds(before: readonly AlertKind[], firing: readonly FiringAlert[]): boolean {
  const kinds = kindsOf(firing);
  return kinds.length === before.length && kinds.every((kind) => before.includes(kind));
}
