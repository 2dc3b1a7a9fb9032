import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { PageProps } from '../../app/page.js';
import { session } from '../../app/session-store.js';
import { useStore } from '../../app/store.js';
import { useResource } from '../../app/use-resource.js';
import { Loaded } from '../../components/states.js';
import { useFormats, useTexts } from '../../i18n/use-texts.js';
import { Outcome } from './outcome.js';
import { outcomeTexts } from './outcome.texts.js';
import { QuestionPanel } from './question.js';
import { isKnownKind, isUnderWay, type Receipt } from './types.js';
import { LOOK_MS, Status } from './uploads.js';
import { uploadsTexts } from './uploads.texts.js';
import './uploads.css';

/** The receipt of one upload: what it was, what became of it, what is asked of its sender. */
export default function UploadPage({ values }: PageProps) {
  const t = useTexts(uploadsTexts);
  const receipt = useResource<Receipt>(`/api/v1/uploads/${values.id}`);
  const isBusy = receipt.data !== null && isUnderWay(receipt.data);
  const { reload } = receipt;
  useEffect(() => {
    if (!isBusy) return;
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [isBusy, reload]);
  return (
    <div class="page">
      <p>
        <a href="/uploads">{t('back')}</a>
      </p>
      <Loaded resource={receipt}>
        {(read) => (
          <div class="page-parts">
            <h1>{t('receipt', { id: String(read.id) })}</h1>
            <Trouble receipt={read} />
            <QuestionPanel receipt={read} onAnswered={reload} />
            <Held receipt={read} />
            <About receipt={read} />
            <Outcome receipt={read} />
          </div>
        )}
      </Loaded>
    </div>
  );
}

function Trouble({ receipt: { status, refusal } }: { readonly receipt: Receipt }) {
  const t = useTexts(uploadsTexts);
  if (status !== 'refused' && status !== 'failed') return null;
  return (
    <section class="note note-bad">
      <h2>{t(status === 'refused' ? 'refusedTitle' : 'failedTitle')}</h2>
      <p>{refusal}</p>
    </section>
  );
}

/** What only the sender can answer: whether a registry is still to come. */
function Held({ receipt: { counts } }: { readonly receipt: Receipt }) {
  const t = useTexts(uploadsTexts);
  const who = useStore(session);
  if (counts.held === 0) return null;
  return (
    <section class="note">
      <h2>{t('heldTitle')}</h2>
      <p>{t('heldQuestion', { count: counts.held })}</p>
      <p>{t('heldAnswer')}</p>
      {who?.role === 'utility' && (
        <p>
          <a class="button link-button" href="/uploads">
            {t('sendRegistry')}
          </a>
        </p>
      )}
    </section>
  );
}

function About({ receipt }: { readonly receipt: Receipt }) {
  const t = useTexts(uploadsTexts);
  const outcome = useTexts(outcomeTexts);
  const format = useFormats();
  const { layout, kind } = receipt;
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{receipt.filename}</h2>
        <Status receipt={receipt} />
      </header>
      <dl class="fact-grid">
        <Fact name={t('kind')}>{isKnownKind(kind) ? t(`kind_${kind}`) : kind}</Fact>
        <Fact name={t('bytes')}>{format.number(receipt.bytes)}</Fact>
        <Fact name={t('received')}>{format.moment(receipt.received_at)}</Fact>
        <Fact name={t('started')}>{format.moment(receipt.started_at)}</Fact>
        <Fact name={t('finished')}>{format.moment(receipt.finished_at)}</Fact>
        {layout && <Fact name={t('layout')}>{layout.layout}</Fact>}
        {layout?.interval_minutes !== undefined && (
          <Fact name={t('interval')}>{format.number(layout.interval_minutes)}</Fact>
        )}
        {layout?.clock !== undefined && (
          <Fact name={t('clock')}>
            {layout.clock === 'territory' ? outcome('clock_territory') : layout.clock}
          </Fact>
        )}
        {layout && layout.ignored_columns.length > 0 && (
          <Fact name={t('ignoredColumns')}>{layout.ignored_columns.join(', ')}</Fact>
        )}
      </dl>
      <p class="upload-hash">
        {t('sha256')} <code class="hash">{receipt.sha256}</code>
      </p>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
