import { useState } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { errorLine } from '../../components/states.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { useTexts } from '../../i18n/use-texts.js';

interface ConfirmDialogProps {
  readonly title: string;
  readonly words: string;
  readonly action: string;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks once more before something that can't be taken back. */
export function ConfirmDialog({ title, words, action, onConfirm, onClose }: ConfirmDialogProps) {
  const t = useTexts(sharedTexts);
  const [failure, setFailure] = useState<string | null>(null);
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{words}</p>
      {failure && (
        <p class="form-message" role="alert">
          {failure}
        </p>
      )}
      <div class="dialog-actions">
        <Button onClick={onClose}>{t('cancel')}</Button>
        <Button
          look="danger"
          onClick={() => {
            onConfirm().then(onClose, (error: unknown) => setFailure(errorLine(error, t)));
          }}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
