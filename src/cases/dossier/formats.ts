import type { Sentence } from '../domain/sentence.js';

export const LANGUAGES = ['ru', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const LOCALES: Readonly<Record<Language, string>> = { ru: 'ru-RU', en: 'en-GB' };

/** Numbers, days and moments as a reader of the language writes them; moments in the place's zone. */
export class Formats {
  private readonly locale: string;

  constructor(
    readonly language: Language,
    private readonly zone: string,
  ) {
    this.locale = LOCALES[language];
  }

  say(sentence: Sentence): string {
    return sentence[this.language];
  }

  number(value: number | null, digits = 0): string {
    if (value === null) return '–';
    const style = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat(this.locale, style).format(value);
  }

  signed(value: number, digits: number): string {
    const style = {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: 'exceptZero',
    } as const;
    return new Intl.NumberFormat(this.locale, style).format(value);
  }

  percent(ratio: number | null, digits = 0): string {
    if (ratio === null) return '–';
    const style = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat(this.locale, { style: 'percent', ...style }).format(ratio);
  }

  /** Of a day, `YYYY-MM-DD`. */
  day(iso: string | null): string {
    return iso === null ? '–' : this.date({ dateStyle: 'medium', timeZone: 'UTC' }, iso);
  }

  /** Of a chart's axis: the year only where it begins. */
  tick(iso: string): string {
    const year = iso.slice(5, 7) === '01' ? 'numeric' : undefined;
    return this.date({ month: 'short', year, timeZone: 'UTC' }, iso);
  }

  /** `Irkutsk Standard Time (Asia/Irkutsk)` */
  zoneName(): string {
    const style = { timeZone: this.zone, timeZoneName: 'long' } as const;
    const parts = new Intl.DateTimeFormat(this.locale, style).formatToParts(new Date());
    return `${parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''} (${this.zone})`;
  }

  month(iso: string): string {
    return this.date({ month: 'short', year: 'numeric', timeZone: 'UTC' }, iso);
  }

  /** With the zone's name: Irkutsk time is said to be Irkutsk time. */
  moment(iso: string): string {
    return this.date(
      {
        ...{ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' },
        ...{ timeZone: this.zone, timeZoneName: 'short' },
      } as const,
      iso,
    );
  }

  private date(style: Intl.DateTimeFormatOptions, iso: string): string {
    // The Russian «г.» after a year would put a full stop into the middle of lines.
    return new Intl.DateTimeFormat(this.locale, style).format(new Date(iso)).replace(' г.', '');
  }
}
