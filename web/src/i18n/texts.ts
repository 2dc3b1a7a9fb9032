/*
 * Texts lie beside the page that shows them, English and Russian side by side (`queue.texts.ts`): a key that one language
 * lacks does not compile, and test/web/texts.spec.ts looks at all files at once.
 */

export const LANGUAGES = ['en', 'ru'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A text by the number in it, as Intl.PluralRules names the forms; `{count}` is that number. */
export interface Plural {
  readonly one?: string;
  readonly few?: string;
  readonly many?: string;
  readonly other: string;
}
export type Text = string | Plural;
export type EnglishTexts = Readonly<Record<string, Text>>;

/** Russian needs all four forms: 1 дело, 2 дела, 5 дел, 1,5 дела. */
type RussianOf<English> = {
  readonly [Key in keyof English]: English[Key] extends string ? string : Required<Plural>;
};

export interface Texts<English extends EnglishTexts = EnglishTexts> {
  readonly en: English;
  readonly ru: RussianOf<English>;
}

export function defineTexts<const English extends EnglishTexts>(
  en: English,
  ru: RussianOf<NoInfer<English>>,
): Texts<English> {
  return { en, ru };
}

type Names<Line extends string> = Line extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type NamesIn<Each> = Each extends string
  ? Names<Each>
  : Each extends { readonly other: infer Other extends string }
    ? Names<Other> | 'count'
    : never;
type Values<Each> = [NamesIn<Each>] extends [never]
  ? []
  : [values: { readonly [Name in NamesIn<Each>]: Name extends 'count' ? number : string | number }];

/** Says a text of one area: `t('cases', { count: 5 })`. */
export type Say<English extends EnglishTexts> = <Key extends keyof English & string>(
  key: Key,
  ...values: Values<English[Key]>
) => string;

/** How to say the texts of an area in a language. */
export function sayIn<English extends EnglishTexts>(texts: Texts<English>, language: Language): Say<English> {
  const lines = texts[language] as Readonly<Record<string, Text>>;
  return (key, ...[values]) => fill(lines[key], values ?? {}, language);
}

const pluralRules = new Map<Language, Intl.PluralRules>();
const numberFormats = new Map<Language, Intl.NumberFormat>();

function fill(text: Text, values: Readonly<Record<string, string | number>>, language: Language): string {
  const line =
    typeof text === 'string' ? text : (text[formFor(Number(values.count), language)] ?? text.other);
  return line.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? numberFormatOf(language).format(value) : value;
  });
}

function formFor(count: number, language: Language): keyof Plural {
  const rules = pluralRules.get(language) ?? new Intl.PluralRules(language);
  pluralRules.set(language, rules);
  return rules.select(count) as keyof Plural;
}

function numberFormatOf(language: Language): Intl.NumberFormat {
  const format = numberFormats.get(language) ?? new Intl.NumberFormat(language);
  numberFormats.set(language, format);
  return format;
}
