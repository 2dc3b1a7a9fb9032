/** Where the work on a suspicion stands. */
export const CASE_STATES = [
  'new',
  'dealt',
  'first_look',
  'needs_visit',
  'second_look',
  'confirmed',
  'dismissed',
  'reopened',
] as const;
export type CaseState = (typeof CASE_STATES)[number];

/** States in which nobody has to do anything more. */
export const CLOSED_STATES = ['confirmed', 'dismissed'] as const satisfies readonly CaseState[];
/** States that wait for an inspector to be dealt to. */
export const DEALABLE_STATES = ['new', 'reopened'] as const satisfies readonly CaseState[];
/** States in which a case is somebody's to look at. */
export const LOOKING_STATES = ['dealt', 'first_look', 'needs_visit'] as const satisfies readonly CaseState[];

const same = (...states: readonly CaseState[]): readonly Move[] => states.map((state) => [state, state]);

/** From, to. Null: there was no case. */
type Move = readonly [from: CaseState | null, to: CaseState];

/**
 * The one table of what may happen to a case: each step with the moves it makes. `case_transition` holds the same rows;
 * the database refuses a step that is not among them and a change of state without its step, and a test holds the two
 * together.
 */
const MOVES = {
  opened: [[null, 'new']],
  dealt: [
    ['new', 'dealt'],
    ['reopened', 'dealt'],
  ],
  /** Taken from one inspector and given to another. */
  redealt: [
    ['dealt', 'dealt'],
    ['first_look', 'dealt'],
    ['needs_visit', 'dealt'],
  ],
  taken_up: [['dealt', 'first_look']],
  visit_asked: [
    ['first_look', 'needs_visit'],
    ['second_look', 'needs_visit'],
  ],
  visit_booked: same('needs_visit'),
  visit_done: same('needs_visit'),
  decision_made: same('first_look', 'needs_visit', 'second_look'),
  decision_undone: same('first_look', 'needs_visit', 'second_look'),
  /** A dismissal that a second person has to look at. */
  referred: [
    ['first_look', 'second_look'],
    ['needs_visit', 'second_look'],
  ],
  confirmed: [
    ['first_look', 'confirmed'],
    ['needs_visit', 'confirmed'],
    ['second_look', 'confirmed'],
  ],
  dismissed: [
    ['first_look', 'dismissed'],
    ['needs_visit', 'dismissed'],
    ['second_look', 'dismissed'],
  ],
  /** Nobody looked again in time: the dismissal never took effect. */
  lapsed: [['second_look', 'reopened']],
  reopened: [['dismissed', 'reopened']],
  alerts_changed: same(...CASE_STATES),
  tagged: same(...CASE_STATES),
  linked: same(...CASE_STATES),
  unlinked: same(...CASE_STATES),
} as const satisfies Record<string, readonly Move[]>;

export type CaseStep = keyof typeof MOVES;
export const CASE_STEPS = Object.keys(MOVES) as CaseStep[];

export interface Transition {
  readonly step: CaseStep;
  readonly from: CaseState | null;
  readonly to: CaseState;
}

export const TRANSITIONS: readonly Transition[] = CASE_STEPS.flatMap((step) =>
  (MOVES[step] as readonly Move[]).map(([from, to]) => ({ step, from, to })),
);

/** Where the step leads from there; null when it may not be taken. A step leads from one state to one state only. */
export function stateAfter(from: CaseState | null, step: CaseStep): CaseState | null {
  return (MOVES[step] as readonly Move[]).find(([before]) => before === from)?.[1] ?? null;
}

export function isClosed(state: CaseState): boolean {
  return (CLOSED_STATES as readonly CaseState[]).includes(state);
}
