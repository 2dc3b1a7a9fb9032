import type { Language } from './texts.js';

/** What stands where nothing is known. */
export const NOTHING = '–';

/** Numbers and dates as a language writes them. Null is a dash everywhere. */
export interface Formats {
  number(value: number | null, digits?: number): string;
  /** With its sign always, as a weight is read: +0.41, −0.10. */
  signed(value: number, digits?: number): string;
  /** A share from 0 to 1. */
  percent(value: number | null, digits?: number): string;
  /** A day (`2026-10-03`), which is the same day everywhere. */
  day(iso: string | null): string;
  /** Without the year. */
  shortDay(iso: string | null): string;
  /** A month by any of its days: October 2026. */
  month(iso: string): string;
  shortMonth(iso: string): string;
  /** A moment by the clock of a zone; without one, by the reader's. */
  moment(iso: string | null, zone?: string): string;
  /** How the zone is called: Irkutsk Standard Time. */
  zoneName(zone: string): string;
}

export function formatsIn(language: Language): Formats {
  const number = memo(
    (digits: number) =>
      new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
  const signed = memo(
    (digits: number) =>
      new Intl.NumberFormat(language, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
        signDisplay: 'always',
      }),
  );
  const percent = memo(
    (digits: number) => new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: digits }),
  );
  const dates = memo(
    (options: string) =>
      new Intl.DateTimeFormat(localeOf(language), JSON.parse(options) as Intl.DateTimeFormatOptions),
  );
  const date = (iso: string | null, options: Intl.DateTimeFormatOptions): string =>
    iso === null ? NOTHING : dates(JSON.stringify(options)).format(new Date(iso));
  // A day without a clock: at midnight UTC it is read back as the same day.
  const dayOnly = (iso: string | null, options: Intl.DateTimeFormatOptions): string =>
    date(iso === null ? null : `${iso.slice(0, 10)}T00:00:00Z`, { ...options, timeZone: 'UTC' });
  return {
    number: (value, digits = 0) => (value === null ? NOTHING : withMinus(number(digits).format(value))),
    signed: (value, digits = 2) => withMinus(signed(digits).format(value)),
    percent: (value, digits = 0) => (value === null ? NOTHING : percent(digits).format(value)),
    day: (iso) => dayOnly(iso, { day: 'numeric', month: 'short', year: 'numeric' }),
    shortDay: (iso) => dayOnly(iso, { day: 'numeric', month: 'short' }),
    month: (iso) => dayOnly(iso, { month: 'long', year: 'numeric' }),
    shortMonth: (iso) => dayOnly(iso, { month: 'short', year: '2-digit' }),
    moment: (iso, timeZone) =>
      date(iso, {
        day: 'numeric',
        month: 'short',
        year: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        ...(timeZone && { timeZone }),
      }),
    zoneName: (timeZone) =>
      new Intl.DateTimeFormat(localeOf(language), { timeZone, timeZoneName: 'long' })
        .formatToParts(new Date())
        .find(({ type }) => type === 'timeZoneName')?.value ?? timeZone,
  };
}

/** Days before months, as everybody reads them who is not in the United States. */
function localeOf(language: Language): string {
  return language === 'en' ? 'en-GB' : language;
}

/** The hyphen that some locales put is too short beside a plus. */
function withMinus(text: string): string {
  return text.replace(/^-/, '−');
}

/** Making an Intl object costs more than using it a hundred times. */
function memo<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
