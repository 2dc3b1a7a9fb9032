import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../../api/client.js';
import { useShortcuts } from '../../app/keys.js';
import type { PageProps } from '../../app/page.js';
import { navigate } from '../../app/router.js';
import { session } from '../../app/session-store.js';
import { useResource } from '../../app/use-resource.js';
import { rememberOrder } from '../../cases/queue-order.js';
import { Likelihood, StateBadge } from '../../cases/marks.js';
import { casesTexts } from '../../cases/cases.texts.js';
import type { CaseLine } from '../../cases/types.js';
import { announce } from '../../components/announcer.js';
import { Button } from '../../components/button.js';
import { EmptyState, errorLine, Loaded } from '../../components/states.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { useFormats, useSentence, useTexts } from '../../i18n/use-texts.js';
import { BulkActions } from './bulk-actions.js';
import { apiFilter, filterFromQuery, NO_FILTER, queryFromFilter, type QueueFilter } from './filter.js';
import { Filters } from './filters.js';
import { queueTexts } from './queue.texts.js';
import { SavedViews } from './saved-views.js';
import './queue.css';

const PAGE_CASES = 50;

interface CasesAnswer {
  readonly items: readonly CaseLine[];
  readonly next_cursor: string | null;
}

/** What waits for whom is signed in, and why; made to be worked through by keyboard. */
export default function QueuePage({ query }: PageProps) {
  const t = useTexts(queueTexts);
  const filter = filterFromQuery(query);
  const setFilter = (next: QueueFilter): void =>
    navigate(`/cases${queryFromFilter(next)}`, { replace: true });
  const cases = useResource<CasesAnswer>(addressOf(filter));
  const role = session.get()?.role;
  return (
    <div class="page">
      <header>
        <h1>{t('title')}</h1>
        <p class="muted">{t(role === 'inspector' ? 'subtitleInspector' : 'subtitleOthers')}</p>
      </header>
      <SavedViews filter={filter} onPick={setFilter} maySave={role !== 'auditor'} />
      <Filters filter={filter} onChange={setFilter} />
      <Loaded resource={cases}>
        {(answer) =>
          answer.items.length === 0 ? (
            <NothingHere isFiltered={queryFromFilter(filter) !== ''} onClear={() => setFilter(NO_FILTER)} />
          ) : (
            <CaseList
              answer={answer}
              filter={filter}
              query={query}
              onMore={cases.replace}
              reload={cases.reload}
            />
          )
        }
      </Loaded>
    </div>
  );
}

function NothingHere({
  isFiltered,
  onClear,
}: {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}) {
  const t = useTexts(queueTexts);
  if (!isFiltered) return <EmptyState title={t('emptyTitle')}>{t('emptyWords')}</EmptyState>;
  return (
    <EmptyState title={t('emptyFilteredTitle')}>
      <p>{t('emptyFilteredWords')}</p>
      <Button onClick={onClear}>{t('clear')}</Button>
    </EmptyState>
  );
}

interface CaseListProps {
  readonly answer: CasesAnswer;
  readonly filter: QueueFilter;
  readonly query: string;
  readonly onMore: (answer: CasesAnswer) => void;
  readonly reload: () => void;
}

function CaseList({ answer: { items, next_cursor: cursor }, filter, query, onMore, reload }: CaseListProps) {
  const t = useTexts(queueTexts);
  const shared = useTexts(sharedTexts);
  const list = useRef<HTMLOListElement>(null);
  const [isBusy, setIsBusy] = useState(false);
  const role = session.get()?.role;
  const showsInspector = role !== 'inspector';
  const mayChange = role !== 'auditor';
  /** Numbers of the cases chosen for a bulk action; null while nobody chooses. */
  const [chosen, setChosen] = useState<ReadonlySet<number> | null>(null);
  const choose = (id: number, isChosen: boolean): void => {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  useEffect(
    () =>
      rememberOrder(
        items.map(({ id }) => id),
        query,
      ),
    [items, query],
  );
  const move = (by: number): void => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>('a.queue-link') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    links.at(at === -1 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1))?.focus();
  };
  useShortcuts([
    { keys: 'j', label: t('keyNext'), run: () => move(1) },
    { keys: 'k', label: t('keyPrevious'), run: () => move(-1) },
    ...(mayChange ? [{ keys: 'x', label: t('keyChoose'), run: () => chooseFocused() }] : []),
  ]);
  const chooseFocused = (): void => {
    const row = document.activeElement?.closest<HTMLElement>('[data-case]');
    const id = Number(row?.dataset.case);
    if (row) choose(id, !chosen?.has(id));
  };
  const more = async (): Promise<void> => {
    setIsBusy(true);
    try {
      const next = await api<CasesAnswer>(`${addressOf(filter)}&cursor=${encodeURIComponent(cursor ?? '')}`);
      onMore({ items: [...items, ...next.items], next_cursor: next.next_cursor });
    } catch (error) {
      announce(errorLine(error, shared) ?? '', 'failed');
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <section
      class={showsInspector ? 'panel queue-panel with-inspector' : 'panel queue-panel'}
      aria-label={t('title')}
    >
      <div class="queue-count">
        <p role="status">{t(cursor === null ? 'count' : 'countMore', { count: items.length })}</p>
        {mayChange && (
          <Button look="quiet" onClick={() => setChosen(chosen === null ? new Set() : null)}>
            {t(chosen === null ? 'startChoosing' : 'endChoosing')}
          </Button>
        )}
      </div>
      {chosen !== null && (
        <BulkActions
          chosen={items.filter(({ id }) => chosen.has(id))}
          onDone={() => {
            setChosen(new Set());
            reload();
          }}
        />
      )}
      <div class="queue-row queue-head" aria-hidden="true">
        <span>{t('likelihood')}</span>
        <span>{t('case')}</span>
        <span>{t('why')}</span>
        <span class="number">{t('kwhMonth')}</span>
        <span>{t('since')}</span>
        {showsInspector && <span>{t('inspector')}</span>}
        <span>{t('state')}</span>
      </div>
      <ol class="queue" ref={list}>
        {items.map((each) => (
          <CaseRow
            key={each.id}
            each={each}
            showsInspector={showsInspector}
            isChosen={chosen === null ? null : chosen.has(each.id)}
            onChoose={(isChosen) => choose(each.id, isChosen)}
          />
        ))}
      </ol>
      {cursor !== null && (
        <p class="queue-more">
          <Button disabled={isBusy} onClick={() => void more()}>
            {t('more')}
          </Button>
        </p>
      )}
    </section>
  );
}

interface CaseRowProps {
  readonly each: CaseLine;
  readonly showsInspector: boolean;
  /** Null while nobody chooses. */
  readonly isChosen: boolean | null;
  readonly onChoose: (isChosen: boolean) => void;
}

function CaseRow({ each, showsInspector, isChosen, onChoose }: CaseRowProps) {
  const t = useTexts(queueTexts);
  const names = useTexts(casesTexts);
  const say = useSentence();
  const format = useFormats();
  return (
    <li class="queue-row" data-case={each.id}>
      <Likelihood score={each.score} />
      <span class="queue-case">
        {isChosen !== null && (
          <input
            type="checkbox"
            class="queue-choice"
            aria-label={t('chooseCase', { id: String(each.id), point: each.metering_point })}
            checked={isChosen}
            onChange={(event) => onChoose(event.currentTarget.checked)}
          />
        )}
        <a class="queue-link" href={`/cases/${each.id}`}>
          {each.metering_point}
        </a>
        <span class="muted">
          № {each.id} · {say(each.territory.name)}
        </span>
      </span>
      <span class="queue-why">
        <strong>{names(`kind_${each.kind}`)}</strong>
        {each.firing_kinds.length === 0 && <span class="badge">{t('notFiring')}</span>}
        <span>{each.why.map(say).join(' ')}</span>
        {each.tags.length > 0 && (
          <span class="tags">
            {each.tags.map((tag) => (
              <span key={tag} class="badge">
                {tag}
              </span>
            ))}
          </span>
        )}
      </span>
      <span class="number queue-kwh">
        <span class="queue-label">{t('kwhMonth')} </span>
        {format.number(each.month_kwh)}
      </span>
      <span class="queue-since">
        <span class="queue-label">{t('since')} </span>
        {format.day(each.since)}
      </span>
      {showsInspector && <span class="queue-inspector">{each.inspector?.name ?? '–'}</span>}
      <span class="queue-state">
        <StateBadge state={each.state} />
      </span>
    </li>
  );
}

function addressOf(filter: QueueFilter): string {
  const params = new URLSearchParams({ ...apiFilter(filter), limit: String(PAGE_CASES) });
  return `/api/v1/cases?${params.toString()}`;
}
