import { formatNumber, pluralEn, pluralRu } from './text.js';

/** The same statement, with the same numbers, for Russian- and English-speaking inspectors. */
export interface Sentence {
  readonly ru: string;
  readonly en: string;
}

export function kw(value: number): Sentence {
  return { ru: `${formatNumber(value, 'ru')} кВт`, en: `${formatNumber(value, 'en')} kW` };
}

export function kwh(value: number): Sentence {
  return { ru: `${formatNumber(value, 'ru', 1)} кВт·ч`, en: `${formatNumber(value, 'en', 1)} kWh` };
}

export function days(count: number): Sentence {
  return {
    ru: `${count} ${pluralRu(count, 'день', 'дня', 'дней')}`,
    en: `${count} ${pluralEn(count, 'day', 'days')}`,
  };
}

export function hours(count: number): Sentence {
  return {
    ru: `${count} ${pluralRu(count, 'час', 'часа', 'часов')}`,
    en: `${count} ${pluralEn(count, 'hour', 'hours')}`,
  };
}

/** `23` → `23:00`. */
export function clock(hourOfDay: number): string {
  return `${String(hourOfDay % 24).padStart(2, '0')}:00`;
}
