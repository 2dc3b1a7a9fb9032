/** Numbers, dates and plural forms as each language writes them. No Intl: it costs more than the whole scoring. */
export type Language = 'ru' | 'en';

const NO_BREAK_SPACE = '\u00a0';

/** `1234.5` → `1 234,5` or `1,234.5`; trailing zeros of the fraction are dropped. */
export function formatNumber(value: number, language: Language, digits = 2): string {
  const [whole, fraction] = Math.abs(value).toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, language === 'ru' ? NO_BREAK_SPACE : ',');
  const decimals = fraction?.replace(/0+$/, '');
  const sign = value < 0 && /[1-9]/.test(whole + (decimals ?? '')) ? '−' : '';
  return sign + grouped + (decimals ? (language === 'ru' ? ',' : '.') + decimals : '');
}

/** Share as a percentage with at most one decimal. */
export function formatPercent(ratio: number, language: Language, digits = 0): string {
  return formatNumber(ratio * 100, language, digits) + (language === 'ru' ? `${NO_BREAK_SPACE}%` : '%');
}

const MONTHS = {
  ru: [
    ['январь', 'января'],
    ['февраль', 'февраля'],
    ['март', 'марта'],
    ['апрель', 'апреля'],
    ['май', 'мая'],
    ['июнь', 'июня'],
    ['июль', 'июля'],
    ['август', 'августа'],
    ['сентябрь', 'сентября'],
    ['октябрь', 'октября'],
    ['ноябрь', 'ноября'],
    ['декабрь', 'декабря'],
  ],
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
} as const;

/** `2026-11-04` → `4 ноября 2026 г.` or `4 November 2026`. */
export function formatDate(iso: string, language: Language): string {
  const [year, month, day] = iso.slice(0, 10).split('-').map(Number);
  return language === 'ru'
    ? `${day} ${MONTHS.ru[month - 1][1]} ${year} г.`
    : `${day} ${MONTHS.en[month - 1]} ${year}`;
}

/** `2026-11-01` → `ноябрь 2026 г.` or `November 2026`. */
export function formatMonth(iso: string, language: Language): string {
  const [year, month] = iso.split('-').map(Number);
  return language === 'ru' ? `${MONTHS.ru[month - 1][0]} ${year} г.` : `${MONTHS.en[month - 1]} ${year}`;
}

/** `2026-11-04T13:00` → `4 ноября 2026 г., 13:00`. */
export function formatHour(iso: string, language: Language): string {
  return `${formatDate(iso, language)}, ${iso.slice(11, 16)}`;
}

/** Forms for 1, 2 and 5: `день`, `дня`, `дней`; a fraction takes the second (`2,5 дня`). */
export function pluralRu(count: number, one: string, few: string, many: string): string {
  if (!Number.isInteger(count)) return few;
  const tens = Math.abs(count) % 100;
  const units = tens % 10;
  if (tens >= 11 && tens <= 14) return many;
  if (units === 1) return one;
  return units >= 2 && units <= 4 ? few : many;
}

export function pluralEn(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}
