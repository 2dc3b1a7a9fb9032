import { useEffect, useState } from 'preact/hooks';
import { session } from '../../app/session-store.js';
import { useStore } from '../../app/store.js';
import { useResource } from '../../app/use-resource.js';
import { Button } from '../../components/button.js';
import { EmptyState, Loaded } from '../../components/states.js';
import { Table } from '../../components/table.js';
import { useFormats, useTexts } from '../../i18n/use-texts.js';
import { DropZone } from './drop-zone.js';
import { Profiles, type ProfilesAnswer } from './profiles.js';
import { badgeOf, isKnownKind, isUnderWay, type Receipt } from './types.js';
import { uploadsTexts } from './uploads.texts.js';
import './uploads.css';

const PAGE_LINES = 50;
/** While something is loading; a page that nobody needs to reload. */
export const LOOK_MS = 2000;

/** What a utility has sent; for itself also where it sends. */
export default function UploadsPage() {
  const t = useTexts(uploadsTexts);
  const who = useStore(session);
  const [before, setBefore] = useState<number | null>(null);
  const list = useResource<{ readonly uploads: readonly Receipt[] }>(
    `/api/v1/uploads?limit=${PAGE_LINES}${before === null ? '' : `&before=${before}`}`,
  );
  const profiles = useResource<ProfilesAnswer>(who?.role === 'utility' ? '/api/v1/upload-profiles' : null);
  const isBusy = list.data?.uploads.some(isUnderWay) ?? false;
  const { reload } = list;
  useEffect(() => {
    if (!isBusy) return;
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [isBusy, reload]);
  return (
    <div class="page">
      <h1>{t('title')}</h1>
      {who?.role === 'utility' && <DropZone profiles={profiles.data?.items ?? []} onReceived={reload} />}
      <Loaded resource={list}>
        {({ uploads }) =>
          uploads.length === 0 ? (
            <EmptyState title={t('empty')}>{t('emptyWords')}</EmptyState>
          ) : (
            <section class="panel">
              <header class="panel-head">
                <h2>{t('list')}</h2>
              </header>
              <UploadsTable uploads={uploads} />
              <div class="pager">
                {before !== null && <Button onClick={() => setBefore(null)}>{t('newest')}</Button>}
                {uploads.length === PAGE_LINES && (
                  <Button onClick={() => setBefore(uploads[uploads.length - 1].id)}>{t('older')}</Button>
                )}
              </div>
            </section>
          )
        }
      </Loaded>
      {who?.role === 'utility' && <Profiles profiles={profiles} />}
    </div>
  );
}

function UploadsTable({ uploads }: { readonly uploads: readonly Receipt[] }) {
  const t = useTexts(uploadsTexts);
  const format = useFormats();
  return (
    <Table
      caption={t('list')}
      rows={uploads}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'file',
          title: t('file'),
          isHeading: true,
          cell: ({ id, filename }) => (
            <a href={`/uploads/${id}`}>
              {id}. {filename}
            </a>
          ),
        },
        { key: 'kind', title: t('kind'), cell: ({ kind }) => (isKnownKind(kind) ? t(`kind_${kind}`) : kind) },
        { key: 'status', title: t('status'), cell: (receipt) => <Status receipt={receipt} /> },
        { key: 'received', title: t('received'), cell: ({ received_at: at }) => format.moment(at) },
        {
          key: 'accepted',
          title: t('accepted'),
          isNumber: true,
          cell: ({ counts }) => format.number(counts.accepted),
        },
        {
          key: 'rejected',
          title: t('rejected'),
          isNumber: true,
          cell: ({ counts }) => format.number(counts.rejected),
        },
        { key: 'held', title: t('held'), isNumber: true, cell: ({ counts }) => format.number(counts.held) },
      ]}
    />
  );
}

/** Where it stands; while it is loaded, how far. */
export function Status({ receipt }: { readonly receipt: Receipt }) {
  const t = useTexts(uploadsTexts);
  const { status, progress } = receipt;
  return (
    <>
      <span class={badgeOf(receipt)}>{t(`status_${status}`)}</span>
      {status === 'loading' && progress.bytes_total !== null && progress.bytes_total > 0 && (
        <progress
          class="upload-progress"
          max={progress.bytes_total}
          value={progress.bytes_done}
          aria-label={t('loadedShare')}
        />
      )}
    </>
  );
}
