import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/problem.js';
import { Button } from '../components/button.js';
import { TextField } from '../components/fields.js';
import { errorLine } from '../components/states.js';
import { sharedTexts } from '../components/shared.texts.js';
import type { Say } from '../i18n/texts.js';
import { useTexts } from '../i18n/use-texts.js';
import { Choices } from './settings-choices.js';
import { leaveForProvider, signIn, signInWays, type SignInWays } from './session.js';
import { shellTexts } from './shell.texts.js';

/** Instead of any page while nobody is signed in; the address stays, and so does the way back. */
export function SignInPage({ wasSignedIn }: { readonly wasSignedIn: boolean }) {
  const t = useTexts(shellTexts);
  const shared = useTexts(sharedTexts);
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [message, setMessage] = useState(wasSignedIn ? t('sessionEnded') : '');
  const [isBusy, setIsBusy] = useState(false);
  const [ways, setWays] = useState<SignInWays | null>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = `${t('signInTitle')} · Gridwarden`;
  }, [t]);
  useEffect(() => {
    // Without an answer there is the password still.
    signInWays().then(setWays, () => {});
    document.getElementById('login')?.focus();
  }, []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    try {
      await signIn(login.trim(), password);
    } catch (error) {
      setMessage(signInMessage(error, t) ?? errorLine(error, shared) ?? '');
      setPassword('');
      first.current?.focus();
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <main class="sign-in" id="content">
      <div class="sign-in-card">
        <p class="brand brand-large">Gridwarden</p>
        <h1>{t('signInTitle')}</h1>
        <p class="sign-in-words">{t('signInWords')}</p>
        <form onSubmit={(event) => void submit(event)}>
          <LoginField label={t('login')} value={login} onText={setLogin} />
          <TextField
            label={t('password')}
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onText={setPassword}
          />
          <p class="form-message" role="alert">
            {message}
          </p>
          <Button look="primary" type="submit" disabled={isBusy} class="wide">
            {t('signIn')}
          </Button>
        </form>
        {ways?.oidc && (
          <>
            <p class="or">{t('or')}</p>
            <Button class="wide" onClick={() => leaveForProvider(ways.oidc!.start, { fresh: false })}>
              {t('signInProvider')}
            </Button>
          </>
        )}
      </div>
      <Choices />
    </main>
  );
}

function LoginField({
  label,
  value,
  onText,
}: {
  readonly label: string;
  readonly value: string;
  readonly onText: (text: string) => void;
}) {
  return (
    <div class="field">
      <label for="login">{label}</label>
      <input
        id="login"
        type="text"
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        required
        value={value}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </div>
  );
}

function signInMessage(error: unknown, t: Say<typeof shellTexts.en>): string | null {
  if (!(error instanceof ApiError)) return null;
  if (error.status === 401) return t('wrongPassword');
  if (error.status === 429) return t('throttledSomeTime');
  return null;
}
