import type { Sentence } from './sentence.js';

export interface ReopeningSettings {
  /** Growth of the month's energy since the dismissal that counts: relative, and in kWh, both. */
  readonly growthRatio: number;
  readonly growthKwh: number;
  /** Log-odds by which the score must have grown. */
  readonly logOddsGrown: number;
  /** Log-odds of a single finding that was not there when the case was dismissed. */
  readonly newEvidenceLogOdds: number;
  /** Days after a dismissal in which the same month is still being read in: nothing reopens. */
  readonly quietDays: number;
}

/**
 * A quarter more and at least one rig's month (0.7 kW × 730 h ≈ 500 kWh): a colder month of a heated home moves less once
 * its heating is the reason it was dismissed for. A finding of 0.7 doubles the odds by itself.
 */
export const REOPENING_SETTINGS: ReopeningSettings = Object.freeze({
  growthRatio: 1.25,
  growthKwh: 500,
  logOddsGrown: 1,
  newEvidenceLogOdds: 0.7,
  quietDays: 7,
});

/** What a case rests on, as far as reopening goes by it. */
export interface Grounds {
  readonly score: number;
  /** Energy of the last judged month at its pace, kWh; null when no month was judged. */
  readonly monthKwh: number | null;
  /** Detectors that speak for mining, with their log-odds. */
  readonly detectors: Readonly<Record<string, number>>;
}

export const REOPENING_REASONS = {
  load_grew: { ru: 'Нагрузка выросла после отклонения.', en: 'The load grew after the dismissal.' },
  new_evidence: { ru: 'Появились новые признаки.', en: 'New evidence appeared.' },
  score_grew: { ru: 'Подозрение усилилось.', en: 'The suspicion became stronger.' },
} as const satisfies Record<string, Sentence>;
export type ReopeningReason = keyof typeof REOPENING_REASONS;

/** Why a dismissed case must be looked at again; null: it need not. */
export function reopeningReason(
  dismissed: Grounds & { readonly days: number },
  current: Grounds,
  settings: ReopeningSettings = REOPENING_SETTINGS,
): ReopeningReason | null {
  if (dismissed.days < settings.quietDays) return null;
  if (loadGrew(dismissed.monthKwh, current.monthKwh, settings)) return 'load_grew';
  const fresh = Object.entries(current.detectors).some(
    ([detector, logOdds]) =>
      logOdds >= settings.newEvidenceLogOdds && !((dismissed.detectors[detector] ?? 0) > 0),
  );
  if (fresh) return 'new_evidence';
  return logOdds(current.score) - logOdds(dismissed.score) >= settings.logOddsGrown ? 'score_grew' : null;
}

function loadGrew(before: number | null, now: number | null, settings: ReopeningSettings): boolean {
  if (before === null || now === null) return false;
  return now >= before * settings.growthRatio && now - before >= settings.growthKwh;
}

/** Of a certainty, that of one in a billion less. */
function logOdds(probability: number): number {
  const inside = Math.min(Math.max(probability, 1e-9), 1 - 1e-9);
  return Math.log(inside / (1 - inside));
}
