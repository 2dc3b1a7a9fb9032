import { createStore, useStore } from './store.js';
import type { Language } from '../i18n/texts.js';

export type Theme = 'system' | 'light' | 'dark';

/** What somebody set for themselves in this browser. */
export interface Settings {
  readonly language: Language;
  readonly theme: Theme;
  /** Single keys as shortcuts; who dictates or leans on the keyboard switches them off (WCAG 2.1.4). */
  readonly shortcuts: boolean;
}

const KEY = 'gridwarden.settings';

export const settings = createStore<Settings>(read());

export function changeSettings(change: Partial<Settings>): void {
  settings.set({ ...settings.get(), ...change });
  apply();
  try {
    localStorage.setItem(KEY, JSON.stringify(settings.get()));
  } catch {
    // A browser that keeps nothing: the setting holds until the page is left.
  }
}

export function useSettings(): Settings {
  return useStore(settings);
}

/** Tells the document: screen readers need its language, the style sheet its theme. */
export function apply(): void {
  const { language, theme } = settings.get();
  document.documentElement.lang = language;
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Whether the page is dark now, by setting or by system: what is drawn on a canvas has to know. */
export function isDark(): boolean {
  const { theme } = settings.get();
  return theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
}

function read(): Settings {
  const byDefault: Settings = {
    language: navigator.language.toLowerCase().startsWith('ru') ? 'ru' : 'en',
    theme: 'system',
    shortcuts: true,
  };
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>;
    return {
      language: kept.language === 'ru' || kept.language === 'en' ? kept.language : byDefault.language,
      theme: kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : byDefault.theme,
      shortcuts: kept.shortcuts ?? byDefault.shortcuts,
    };
  } catch {
    return byDefault;
  }
}
