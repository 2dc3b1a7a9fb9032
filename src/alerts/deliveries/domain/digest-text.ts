import type { AlertKind, AlertState } from '../../domain/lifecycle.js';

export interface DigestLine {
  readonly alertId: number;
  readonly territory: string;
  readonly kind: AlertKind;
  /** What it came to since the last digest. */
  readonly state: AlertState;
}

export type Language = 'ru' | 'en';

/** Alerts a mail names; the rest are counted. */
export const MOST_LINES = 50;

const KINDS: Readonly<Record<AlertKind, Record<Language, string>>> = {
  quota_exceeded: { ru: 'лимит превышен', en: 'limit exceeded' },
  quota_forecast: { ru: 'ожидается превышение лимита', en: 'limit about to be exceeded' },
  mining_suspected: { ru: 'нагрузка похожа на майнинг', en: 'load resembles mining' },
  hidden_load: { ru: 'неучтённая нагрузка за трансформатором', en: 'unmetered load behind a transformer' },
};

const STATES: Readonly<Record<AlertState, Record<Language, string>>> = {
  pending: { ru: 'замечено', en: 'noticed' },
  firing: { ru: 'требует внимания', en: 'needs attention' },
  resolved: { ru: 'больше не подтверждается', en: 'no longer supported' },
};

const WORDS = {
  ru: {
    subject: 'Gridwarden: изменений по подозрениям',
    notice:
      'Это подозрения, а не выводы: счётчик показывает потребление, а не майнинг. Причину устанавливает инспектор.',
    more: 'и ещё',
    alert: 'подозрение',
  },
  en: {
    subject: 'Gridwarden: changes of suspicions',
    notice:
      'These are suspicions and not conclusions: a meter shows consumption, never mining. An inspector establishes the cause.',
    more: 'and more:',
    alert: 'suspicion',
  },
} as const;

/** A mail in plain text. It travels unprotected: numbers of alerts and territories, no meter, household or address. */
export function digestText(
  lines: readonly DigestLine[],
  language: Language,
  publicUrl: string | null,
): { subject: string; text: string } {
  const words = WORDS[language];
  const shown = lines.slice(0, MOST_LINES).map(({ alertId, territory, kind, state }) => {
    const where = publicUrl === null ? '' : `\n  ${publicUrl}/api/v1/alerts/${alertId}`;
    return `- ${words.alert} ${alertId}, ${territory}: ${KINDS[kind][language]}, ${STATES[state][language]}${where}`;
  });
  const rest = lines.length - shown.length;
  const body = [...shown, ...(rest > 0 ? [`- ${words.more} ${rest}`] : [])].join('\n');
  return { subject: `${words.subject}: ${lines.length}`, text: `${body}\n\n${words.notice}\n` };
}
