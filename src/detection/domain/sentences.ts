import { isoFromDay } from '../../grid/domain/calendar.js';
import type { LegalSituation } from '../../rulebook/domain/rule.js';
import { kw, type Sentence } from './phrases.js';
import { formatDate, formatNumber, formatPercent } from './text.js';
import type { PointFacts } from './types.js';

/** What the law of the place makes of the load, and the chance before looking at it. */
export function placeSentence(
  { ban, quota }: LegalSituation,
  facts: PointFacts,
  probability: number,
): Sentence {
  const start = {
    ru: `До взгляда на нагрузку вероятность майнинга принята ${formatPercent(probability, 'ru', 1)}.`,
    en: `Before looking at the load the chance of mining is put at ${formatPercent(probability, 'en', 1)}.`,
  };
  if (ban.status === 'banned') {
    const since = ban.since === null ? null : formatBanStart(ban.since);
    return {
      ru: `Майнинг здесь запрещён${since ? ` с ${since.ru}` : ''}: судит запрет, а не квота. ${start.ru}`,
      en: `Mining is banned here${since ? ` since ${since.en}` : ''}: the ban judges, not the quota. ${start.en}`,
    };
  }
  const unsure = ban.status === 'undetermined';
  const opening = unsure
    ? {
        ru: 'Действует ли здесь запрет, не установлено; судим как при разрешённом майнинге.',
        en: 'Whether a ban holds here is not established; judged as where mining is free.',
      }
    : { ru: 'Майнинг здесь не запрещён.', en: 'Mining is not banned here.' };
  const lawful = quota
    ? {
        ru: `До ${formatNumber(quota.limitKwh, 'ru')} кВт·ч в месяц он законен, как бы ни выглядела нагрузка.`,
        en: `Up to ${formatNumber(quota.limitKwh, 'en')} kWh a month it is lawful, whatever the load looks like.`,
      }
    : { ru: 'Квота здесь не задана.', en: 'No quota is set here.' };
  const declared = declaredSentence(facts);
  return {
    ru: [opening.ru, lawful.ru, declared?.ru, start.ru].filter(Boolean).join(' '),
    en: [opening.en, lawful.en, declared?.en, start.en].filter(Boolean).join(' '),
  };
}

/** Whether the registry says that this point mines, openly. */
export function isMiningPurpose(declaredPurpose: string | null): boolean {
  return declaredPurpose !== null && /mining|майнинг/i.test(declaredPurpose);
}

function declaredSentence({ declaredPurpose, declaredLoadKw }: PointFacts): Sentence | null {
  if (!isMiningPurpose(declaredPurpose) || declaredLoadKw === null) return null;
  return {
    ru: `В реестре заявлен майнинг на ${kw(declaredLoadKw).ru}: на эту нагрузку квота граждан не распространяется.`,
    en: `The registry declares mining of ${kw(declaredLoadKw).en}: the quota of individuals does not cover that load.`,
  };
}

/** What the household used, beside what it may use where mining is free. */
export function withinQuotaSentence(monthKwh: number, limitKwh: number): Sentence {
  return {
    ru: `За последние месяцы учтено не больше ${formatNumber(monthKwh, 'ru', 0)} кВт·ч при квоте ${formatNumber(limitKwh, 'ru', 0)}: такое потребление законно.`,
    en: `In the last months no more than ${formatNumber(monthKwh, 'en', 0)} kWh were metered against a quota of ${formatNumber(limitKwh, 'en', 0)}: such use is lawful.`,
  };
}

/** Little or patchy data, said openly. */
export function dataSentence(data: { days: number; daysPresent: number; judged: boolean }): Sentence {
  const { days, daysPresent, judged } = data;
  const known = {
    ru: `Полных дней в данных: ${daysPresent} из ${days}`,
    en: `Full days of data: ${daysPresent} of ${days}`,
  };
  return judged
    ? { ru: `${known.ru}; выводы менее надёжны.`, en: `${known.en}; conclusions are less certain.` }
    : {
        ru: `${known.ru}; за последние две недели их слишком мало, чтобы судить о виде нагрузки.`,
        en: `${known.en}; the last two weeks hold too few to judge the shape of the load.`,
      };
}

/** Daily sums only: most detectors have nothing to look at, and that is said. */
export const DAYS_ONLY: Sentence = Object.freeze({
  ru: 'По этой точке известны только суточные суммы: судим по уровню и ровности дней, без часов, ночи и ступеней; выводы менее надёжны.',
  en: 'Only daily sums are known of this point: judged by level and evenness of the days, without hours, nights and steps; conclusions are less certain.',
});

/** What the operator can mend: with the weather loaded, heating and other load part. */
export const COLD_UNKNOWN: Sentence = Object.freeze({
  ru: 'Наружная температура за эти дни не загружена, а домов с электроотоплением, которые её заменили бы, рядом нет: отопление не отличить от другой постоянной нагрузки. Загрузите погоду.',
  en: "Outdoor temperature is not loaded for these days, and there are no electrically heated homes around to stand in for it: heating can't be told apart from other steady load. Load the weather.",
});

function formatBanStart(day: number): Sentence {
  const iso = isoFromDay(day);
  return { ru: formatDate(iso, 'ru'), en: formatDate(iso, 'en') };
}
