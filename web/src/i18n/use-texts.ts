import { useMemo } from 'preact/hooks';
import { useSettings } from '../app/settings.js';
import { formatsIn, type Formats } from './formats.js';
import { sayIn, type EnglishTexts, type Say, type Texts } from './texts.js';

/** The texts of an area in the language of now. */
export function useTexts<English extends EnglishTexts>(texts: Texts<English>): Say<English> {
  const { language } = useSettings();
  return useMemo(() => sayIn(texts, language), [texts, language]);
}

/** Numbers and dates as the language of now writes them. */
export function useFormats(): Formats {
  const { language } = useSettings();
  return useMemo(() => formatsIn(language), [language]);
}

/** What the service says in both languages. */
export interface Sentence {
  readonly ru: string;
  readonly en: string;
}

export function useSentence(): (sentence: Sentence) => string {
  const { language } = useSettings();
  return (sentence) => sentence[language];
}
