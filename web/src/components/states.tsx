import type { ComponentChildren } from 'preact';
import { ApiError, CancelledError, OfflineError } from '../api/problem.js';
import type { Resource } from '../app/use-resource.js';
import type { Say } from '../i18n/texts.js';
import { useTexts } from '../i18n/use-texts.js';
import { Button } from './button.js';
import { sharedTexts } from './shared.texts.js';

/** Nothing there, and what that means. */
export function EmptyState({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="state state-empty">
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <path d="M6 34c6 0 6-8 12-8s6 4 12 4 6-12 12-12" />
        <path d="M6 42h36" />
      </svg>
      <p class="state-title">{title}</p>
      {children && <div class="state-words">{children}</div>}
    </div>
  );
}

export function LoadingState() {
  const t = useTexts(sharedTexts);
  return (
    <div class="state state-loading" role="status">
      <span class="spinner" aria-hidden="true" />
      <p>{t('loading')}</p>
    </div>
  );
}

export function ErrorState({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const t = useTexts(sharedTexts);
  const { title, words } = describeError(error, t);
  return (
    <div class="state state-error" role="alert">
      <p class="state-title">{title}</p>
      <p class="state-words">{words}</p>
      {retry && <Button onClick={retry}>{t('retry')}</Button>}
    </div>
  );
}

/** What went wrong in plain words; what the service says of it stands as it is. */
export function describeError(
  error: unknown,
  t: Say<typeof sharedTexts.en>,
): { title: string; words: string } {
  if (error instanceof OfflineError) return { title: t('offlineTitle'), words: t('offlineWords') };
  if (!(error instanceof ApiError))
    return { title: t('failedTitle'), words: error instanceof Error ? error.message : '' };
  const { status, problem } = error;
  if (status === 404) return { title: t('notFoundTitle'), words: t('notFoundWords') };
  const fields = problem.errors
    ?.map(({ field, detail }) => (field ? `${field}: ${detail}` : detail))
    .join('; ');
  const words = fields || problem.detail;
  if (status === 403) return { title: t('forbiddenTitle'), words };
  if (status === 429) return { title: t('throttledTitle'), words };
  return { title: t('failedTitle'), words };
}

/** For announcements: title and words in one line; null when there is nothing to say, since the person cancelled. */
export function errorLine(error: unknown, t: Say<typeof sharedTexts.en>): string | null {
  if (error instanceof CancelledError) return null;
  const { title, words } = describeError(error, t);
  return words === '' ? title : `${title}: ${words}`;
}

/** Draws a resource once it is there; else why it is not. */
export function Loaded<T>({
  resource,
  children,
}: {
  readonly resource: Resource<T>;
  readonly children: (data: T) => ComponentChildren;
}) {
  const { data, error, isLoading, reload } = resource;
  if (data !== null)
    return (
      <div class={isLoading ? 'is-reloading' : ''} aria-busy={isLoading}>
        {error !== null && !isLoading && <ErrorState error={error} retry={reload} />}
        {children(data)}
      </div>
    );
  if (error !== null && !isLoading) return <ErrorState error={error} retry={reload} />;
  return <LoadingState />;
}
