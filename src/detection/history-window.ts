import type { DayNumber } from '../grid/domain/calendar.js';
import { HISTORY_DAYS } from './profile-windows.js';
import type { StoredDays } from './stored-days.js';

/** The days `[firstDay, asOf)` that a score looks back on. */
export interface HistoryWindow {
  readonly firstDay: DayNumber;
  /** Nothing is stored before `firstDay`. */
  readonly isWholeHistory: boolean;
}

/** No longer than the history that is looked back on, and not beyond what is stored. */
export function historyWindow({ first }: StoredDays, asOf: DayNumber): HistoryWindow {
  const oldest = asOf - HISTORY_DAYS;
  return { firstDay: Math.min(Math.max(first, oldest), asOf - 1), isWholeHistory: first >= oldest };
}
