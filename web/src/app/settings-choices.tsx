import { useTexts } from '../i18n/use-texts.js';
import { LANGUAGES } from '../i18n/texts.js';
import { changeSettings, useSettings, type Theme } from './settings.js';
import { shellTexts } from './shell.texts.js';

const LANGUAGE_NAMES = { en: 'English', ru: 'Русский' } as const;
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** Language and colours, where somebody who can't read the page yet finds them. */
export function Choices() {
  const t = useTexts(shellTexts);
  const { language, theme } = useSettings();
  const themeNames = { system: t('themeSystem'), light: t('themeLight'), dark: t('themeDark') };
  return (
    <div class="choices">
      <fieldset class="segmented">
        <legend class="visually-hidden">{t('language')}</legend>
        {LANGUAGES.map((each) => (
          <label key={each} lang={each}>
            <input
              type="radio"
              name="language"
              checked={each === language}
              onChange={() => changeSettings({ language: each })}
            />
            <span>{LANGUAGE_NAMES[each]}</span>
          </label>
        ))}
      </fieldset>
      <fieldset class="segmented">
        <legend class="visually-hidden">{t('theme')}</legend>
        {THEMES.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="theme"
              checked={each === theme}
              onChange={() => changeSettings({ theme: each })}
            />
            <span>{themeNames[each]}</span>
          </label>
        ))}
      </fieldset>
    </div>
  );
}
