import { InvalidArgumentError, Option, type Command } from 'commander';
import { dayFromIso } from '../grid/domain/calendar.js';
import { ANY_ALERT, type AlertFilter } from './alert-list.js';
import { ALERT_KINDS, ALERT_STATES, type AlertKind, type AlertState } from './domain/lifecycle.js';

/** Which alerts a command is about. */
export interface FilterOptions {
  readonly state?: AlertState;
  readonly kind?: AlertKind;
  readonly territory?: string;
  readonly minScore?: number;
  readonly since?: string;
}

export function addFilterOptions(command: Command): Command {
  return command
    .addOption(new Option('--state <state>', 'only alerts in this state').choices(ALERT_STATES))
    .addOption(new Option('--kind <kind>', 'only alerts of this kind').choices(ALERT_KINDS))
    .option('--territory <code>', 'only alerts of this region (its municipalities included) or municipality')
    .option('--min-score <number>', 'only alerts with at least this probability, 0 to 1', parseScore)
    .option('--since <date>', 'only what is suspected since this day or later', parseDate);
}

export function filterOf(asked: FilterOptions): AlertFilter {
  const { state = null, kind = null, territory = null, minScore = null, since = null } = asked;
  return { ...ANY_ALERT, state, kind, territory, minScore, since };
}

export function parseScore(text: string): number {
  const score = Number(text);
  if (text.trim() === '' || !(score >= 0 && score <= 1))
    throw new InvalidArgumentError('give a number from 0 to 1.');
  return score;
}

export function parseDate(text: string): string {
  if (dayFromIso(text) === null)
    throw new InvalidArgumentError('give a date that exists, such as 2026-01-31.');
  return text;
}
