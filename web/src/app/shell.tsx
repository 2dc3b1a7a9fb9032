import type { ComponentType } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { announce, Announcer } from '../components/announcer.js';
import { EmptyState, ErrorState, LoadingState } from '../components/states.js';
import { sharedTexts } from '../components/shared.texts.js';
import { Button } from '../components/button.js';
import { useSentence, useTexts } from '../i18n/use-texts.js';
import { PAGES } from '../pages.js';
import { askAhead, forgetAhead } from './ahead.js';
import { connection } from './connection.js';
import { HelpDialog, SettingsDialog } from './help-dialog.js';
import { useShortcuts } from './keys.js';
import type { PageDefinition, PageProps } from './page.js';
import { ProveDialog } from './prove-dialog.js';
import { navigate, usePlace } from './router.js';
import { matchPath, type PathValues } from './router-path.js';
import { loadSession, signOut, takeReturnPath } from './session.js';
import { session, type Session } from './session-store.js';
import { useSettings } from './settings.js';
import { shellTexts } from './shell.texts.js';
import { SignInPage } from './sign-in.js';
import { useStore } from './store.js';

/** Everything: who is it, which page, and what stands around it. */
export function Shell() {
  const who = useStore(session);
  const shared = useTexts(sharedTexts);
  const [failure, setFailure] = useState<unknown>(null);
  const wasSignedIn = useRef(false);
  const load = (): void => {
    setFailure(null);
    loadSession().catch(setFailure);
  };
  useLayoutEffect(load, []);
  useEffect(() => {
    if (who) wasSignedIn.current = true;
  }, [who]);
  useEffect(
    () => connection.subscribe(() => connection.get() === 'online' && session.get() === undefined && load()),
    [],
  );
  if (who === undefined)
    return failure === null ? <LoadingState /> : <ErrorState error={failure} retry={load} />;
  return (
    <>
      <OfflineBanner />
      {who === null ? <SignInPage wasSignedIn={wasSignedIn.current} /> : <Frame who={who} />}
      <ProveDialog />
      <Announcer closeLabel={shared('close')} />
    </>
  );
}

function Frame({ who }: { readonly who: Session }) {
  const t = useTexts(shellTexts);
  const say = useSentence();
  const { shortcuts } = useSettings();
  const [dialog, setDialog] = useState<'help' | 'settings' | null>(null);
  const { path, query } = usePlace();
  const mine = PAGES.filter(({ roles }) => roles.includes(who.role));
  const inNavigation = mine.filter((page) => page.inNavigation);
  const start = inNavigation.at(0)?.path;
  useEffect(() => {
    if (path !== '/') return;
    const to = takeReturnPath() ?? start;
    if (to !== undefined && to !== '/') navigate(to, { replace: true });
  }, [path, start]);
  useShortcuts([
    ...inNavigation.flatMap((page) =>
      page.goKey
        ? [
            {
              keys: `g ${page.goKey}`,
              label: t('goTo', { page: say(page.title) }),
              run: () => navigate(page.path),
            },
          ]
        : [],
    ),
    { keys: '?', label: t('helpKey'), run: () => setDialog('help') },
  ]);
  const found = findPage(mine, path);
  return (
    <div class={shortcuts ? 'frame' : 'frame without-keys'}>
      <a class="skip" href="#content">
        {t('skip')}
      </a>
      <header class="top">
        <a class="brand" href="/">
          Gridwarden
        </a>
        <nav aria-label={t('navigation')}>
          <ul>
            {inNavigation.map((page) => (
              <li key={page.path}>
                <a href={page.path} aria-current={isWithin(path, page.path) ? 'page' : undefined}>
                  {say(page.title)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="top-tools">
          <span class="who">
            <span class="who-name" title={who.person?.name}>
              {who.person?.name}
            </span>
            <span class="who-role">{t(`role_${who.role}`)}</span>
          </span>
          <Button look="quiet" onClick={() => setDialog('help')} class="only-keyboard">
            {t('help')}
          </Button>
          <Button look="quiet" onClick={() => setDialog('settings')}>
            {t('settings')}
          </Button>
          <Button look="quiet" onClick={() => void signOut()}>
            {t('signOut')}
          </Button>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {found ? (
          <PageView key={`${found.page.path} ${path}`} {...found} query={query} />
        ) : path === '/' ? (
          inNavigation.length === 0 && <EmptyState title={t('noPages')} />
        ) : (
          <NoPage />
        )}
      </main>
      {dialog === 'help' && <HelpDialog onClose={() => setDialog(null)} />}
      {dialog === 'settings' && <SettingsDialog onClose={() => setDialog(null)} />}
    </div>
  );
}

function NoPage() {
  const t = useTexts(shellTexts);
  return (
    <div class="page">
      <h1>{t('noPageTitle')}</h1>
      <p>{t('noPageWords')}</p>
      <p>
        <a href="/">{t('toStart')}</a>
      </p>
    </div>
  );
}

interface FoundPage {
  readonly page: PageDefinition;
  readonly values: PathValues;
}

function PageView({ page, values, query }: FoundPage & { readonly query: string }) {
  const say = useSentence();
  const [Component, setComponent] = useState<ComponentType<PageProps> | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const title = say(page.title);
  useEffect(() => {
    document.title = `${title} · Gridwarden`;
  }, [title]);
  // With the drawing: asked for before the page's code is there, and not after the next picture.
  useLayoutEffect(() => {
    askAhead(page.asks?.(values) ?? []);
    return forgetAhead;
  }, []);
  useEffect(() => {
    setFailure(null);
    page.load().then(({ default: loaded }) => setComponent(() => loaded), setFailure);
  }, [page, round]);
  if (failure !== null) return <ErrorState error={failure} retry={() => setRound(round + 1)} />;
  return Component === null ? <LoadingState /> : <Component values={values} query={query} />;
}

function OfflineBanner() {
  const t = useTexts(shellTexts);
  const state = useStore(connection);
  const wasOffline = useRef(false);
  useEffect(() => {
    if (state === 'online' && wasOffline.current) announce(t('back'));
    wasOffline.current = state === 'offline';
  }, [state, t]);
  return <div role="status">{state === 'offline' && <p class="offline-banner">{t('offline')}</p>}</div>;
}

/** Begins with the page that somebody comes to while it is still asked who they are. */
export function beginAhead(path: string): void {
  const found = findPage(PAGES, path);
  if (found === null) return;
  askAhead(found.page.asks?.(found.values) ?? []);
  // Whoever draws it asks for it again, and says why it failed.
  found.page.load().catch(() => {});
}

function findPage(pages: readonly PageDefinition[], path: string): FoundPage | null {
  for (const page of pages) {
    const values = matchPath(page.path, path);
    if (values !== null) return { page, values };
  }
  return null;
}

function isWithin(path: string, pagePath: string): boolean {
  return path === pagePath || path.startsWith(`${pagePath}/`);
}
