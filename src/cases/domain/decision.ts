import { CaseRefusal } from './refusal.js';
import type { Sentence } from './sentence.js';
import { isClosed, type CaseState } from './transitions.js';

export const VERDICTS = ['confirm', 'dismiss'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Why, by verdict: stored as a code, shown as a sentence. "other" asks for words of one's own, as all may have them. */
export const DECISION_REASONS = {
  mining_found: {
    verdict: 'confirm',
    sentence: {
      ru: 'На месте найдено оборудование для майнинга.',
      en: 'Mining equipment was found on the spot.',
    },
  },
  mining_admitted: {
    verdict: 'confirm',
    sentence: { ru: 'Потребитель подтвердил майнинг.', en: 'The household said that it mines.' },
  },
  unmetered_load: {
    verdict: 'confirm',
    sentence: { ru: 'Найдена нагрузка мимо счётчика.', en: 'Load past the meter was found.' },
  },
  load_unexplained: {
    verdict: 'confirm',
    sentence: {
      ru: 'Нагрузка похожа на майнинг, другого объяснения нет.',
      en: 'The load resembles mining, and nothing else explains it.',
    },
  },
  electric_heating: {
    verdict: 'dismiss',
    sentence: { ru: 'Нагрузку объясняет электроотопление.', en: 'Electric heating explains the load.' },
  },
  vehicle_charging: {
    verdict: 'dismiss',
    sentence: {
      ru: 'Нагрузку объясняет зарядка электромобиля.',
      en: 'Charging a vehicle explains the load.',
    },
  },
  household_business: {
    verdict: 'dismiss',
    sentence: {
      ru: 'Нагрузку объясняет хозяйство: теплица, мастерская, насосы.',
      en: 'A greenhouse, a workshop or pumps explain the load.',
    },
  },
  several_households: {
    verdict: 'dismiss',
    sentence: { ru: 'За точкой несколько семей.', en: 'Several households share the point.' },
  },
  wrong_readings: {
    verdict: 'dismiss',
    sentence: { ru: 'Показания или реестр ошибочны.', en: 'The readings or the registry are wrong.' },
  },
  registered_miner: {
    verdict: 'dismiss',
    sentence: {
      ru: 'Майнер состоит в реестре, запрета здесь нет.',
      en: 'A registered miner, where no ban holds.',
    },
  },
  nothing_found: {
    verdict: 'dismiss',
    sentence: { ru: 'Выезд ничего не обнаружил.', en: 'The visit found nothing.' },
  },
  other: { verdict: null, sentence: { ru: 'Другая причина.', en: 'Another reason.' } },
} as const satisfies Record<string, { verdict: Verdict | null; sentence: Sentence }>;
export type DecisionReason = keyof typeof DECISION_REASONS;
export const REASON_CODES = Object.keys(DECISION_REASONS) as [DecisionReason, ...DecisionReason[]];

export interface DecisionSettings {
  /** Seconds in which whoever decided may take it back; afterwards it is sealed. */
  readonly undoSeconds: number;
  /** A dismissal from this probability on takes a second person. */
  readonly secondLookScore: number;
}

/** Half of what scores 0.5 is innocent; from 0.8 on most is not, and a dismissal is worth another pair of eyes. */
export const DECISION_SETTINGS: DecisionSettings = Object.freeze({
  undoSeconds: 10,
  secondLookScore: 0.8,
});

export interface Opinion {
  readonly verdict: Verdict;
  readonly reason: DecisionReason;
  readonly words: string;
}

export interface DecidedCase {
  readonly state: CaseState;
  readonly score: number;
  /** A visit was asked for and none has taken place since. */
  readonly awaitsVisit: boolean;
}

/** @throws CaseRefusal when the opinion does not fit together, or the case is not at a point where it can be had. */
export function checkOpinion({ verdict, reason, words }: Opinion, decided: DecidedCase): void {
  const { verdict: meant } = DECISION_REASONS[reason];
  if (meant !== null && meant !== verdict)
    throw new CaseRefusal(`The reason ${reason} is one to ${meant}, not to ${verdict}.`);
  if (reason === 'other' && words.trim() === '')
    throw new CaseRefusal('The reason "other" needs words of your own.');
  if (isClosed(decided.state)) throw new CaseRefusal(`The case is ${decided.state} already.`);
  if (decided.awaitsVisit)
    throw new CaseRefusal('A visit was asked for and has not taken place: report it first.');
}

/** The step that seals a verdict. A dismissal in the second look is the second person's, and stands. */
export function sealingStep(
  verdict: Verdict,
  { state, score }: Pick<DecidedCase, 'state' | 'score'>,
  settings: DecisionSettings = DECISION_SETTINGS,
): 'confirmed' | 'dismissed' | 'referred' {
  if (verdict === 'confirm') return 'confirmed';
  return state !== 'second_look' && score >= settings.secondLookScore ? 'referred' : 'dismissed';
}

export function sealsAt(madeAt: Date, settings: DecisionSettings = DECISION_SETTINGS): Date {
  return new Date(madeAt.getTime() + settings.undoSeconds * 1000);
}
