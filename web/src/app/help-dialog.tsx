import { Key } from '../components/button.js';
import { Dialog } from '../components/dialog.js';
import { useTexts } from '../i18n/use-texts.js';
import { useActiveShortcuts } from './keys.js';
import { changeSettings, useSettings } from './settings.js';
import { Choices } from './settings-choices.js';
import { shellTexts } from './shell.texts.js';

/** The keys that work on this page. */
export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useTexts(shellTexts);
  const { shortcuts } = useSettings();
  const active = useActiveShortcuts();
  return (
    <Dialog title={t('help')} onClose={onClose}>
      {shortcuts ? (
        <dl class="keys">
          {active.map(({ keys, label }) => (
            <div key={keys}>
              <dt>
                {keys.split(' ').map((key) => (
                  <Key key={key}>{key.length === 1 ? key.toUpperCase() : key}</Key>
                ))}
              </dt>
              <dd>{label}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p>{t('helpEmpty')}</p>
      )}
    </Dialog>
  );
}

/** What somebody sets for themselves in this browser. */
export function SettingsDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useTexts(shellTexts);
  const { shortcuts } = useSettings();
  return (
    <Dialog title={t('settings')} onClose={onClose}>
      <Choices />
      <label class="check">
        <input
          type="checkbox"
          checked={shortcuts}
          onChange={(event) => changeSettings({ shortcuts: event.currentTarget.checked })}
        />
        <span>
          {t('shortcuts')}
          <small>{t('shortcutsHint')}</small>
        </span>
      </label>
    </Dialog>
  );
}
