import { useEffect, useState } from 'preact/hooks';
import { onStaleSession } from '../api/client.js';
import { ApiError } from '../api/problem.js';
import { Button } from '../components/button.js';
import { Dialog } from '../components/dialog.js';
import { TextField } from '../components/fields.js';
import { sharedTexts } from '../components/shared.texts.js';
import { errorLine } from '../components/states.js';
import { useTexts } from '../i18n/use-texts.js';
import { leaveForProvider, signInAgain, signInWays } from './session.js';
import { session } from './session-store.js';
import { shellTexts } from './shell.texts.js';

/** Asks who is there once more, whenever the service wants a fresh sign-in; what was under way then goes on by itself. */
export function ProveDialog() {
  const [answer, setAnswer] = useState<((proved: boolean) => void) | null>(null);
  useEffect(() => {
    onStaleSession(() => new Promise((resolve) => setAnswer(() => resolve)));
  }, []);
  if (answer === null) return null;
  const finish = (proved: boolean): void => {
    setAnswer(null);
    answer(proved);
  };
  return <ProveForm onDone={finish} />;
}

function ProveForm({ onDone }: { readonly onDone: (proved: boolean) => void }) {
  const t = useTexts(shellTexts);
  const shared = useTexts(sharedTexts);
  const [password, setPassword] = useState('');
  const [message, setMessage] = useState<string | null>(null);
  const isOidc = session.get()?.person?.method === 'oidc';
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await signInAgain(password);
      onDone(true);
    } catch (error) {
      const isWrong = error instanceof ApiError && error.status === 401;
      setMessage(isWrong ? t('wrongPassword') : errorLine(error, shared));
    }
  };
  if (isOidc)
    return (
      <Dialog title={t('proveTitle')} onClose={() => onDone(false)}>
        <p>{t('proveProviderWords')}</p>
        <div class="dialog-actions">
          <Button
            look="primary"
            onClick={() =>
              void signInWays().then(({ oidc }) => oidc && leaveForProvider(oidc.start, { fresh: true }))
            }
          >
            {t('prove')}
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={t('proveTitle')} onClose={() => onDone(false)}>
      <form onSubmit={(event) => void submit(event)}>
        <p>{t('proveWords')}</p>
        <TextField
          label={t('password')}
          type="password"
          autocomplete="current-password"
          required
          value={password}
          error={message}
          onText={setPassword}
        />
        <div class="dialog-actions">
          <Button onClick={() => onDone(false)}>{shared('cancel')}</Button>
          <Button look="primary" type="submit">
            {t('prove')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
