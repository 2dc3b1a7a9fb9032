import { announce } from '../../components/announcer.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { useTexts } from '../../i18n/use-texts.js';
import { accessTexts } from './access.texts.js';

/** Something that is shown once: a link, a key. */
export interface Secret {
  readonly title: string;
  readonly words: string;
  readonly text: string;
}

export function SecretDialog({ secret, onClose }: { readonly secret: Secret; readonly onClose: () => void }) {
  const t = useTexts(accessTexts);
  return (
    <Dialog title={secret.title} onClose={onClose}>
      <p>{secret.words}</p>
      <p>
        <code class="hash">{secret.text}</code>
      </p>
      <div class="dialog-actions">
        <Button
          onClick={() => void navigator.clipboard?.writeText(secret.text).then(() => announce(t('copied')))}
        >
          {t('copy')}
        </Button>
        <Button look="primary" onClick={onClose}>
          {t('done')}
        </Button>
      </div>
    </Dialog>
  );
}
