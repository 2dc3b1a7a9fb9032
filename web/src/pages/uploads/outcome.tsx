import type { ComponentChildren } from 'preact';
import { session } from '../../app/session-store.js';
import { useStore } from '../../app/store.js';
import { useResource } from '../../app/use-resource.js';
import { Table } from '../../components/table.js';
import { useFormats, useTexts } from '../../i18n/use-texts.js';
import { outcomeTexts } from './outcome.texts.js';
import type { Receipt } from './types.js';
import { uploadsTexts } from './uploads.texts.js';

const FINDINGS_SHOWN = 50;

interface Finding {
  readonly id: number;
  readonly check: string;
  readonly metering_point: string;
  readonly day: string;
  readonly line: number | null;
  /** One sentence, in English. */
  readonly detail: string;
}

/** What became of a file: what was taken, what was not and why, and what the checks found. */
export function Outcome({ receipt }: { readonly receipt: Receipt }) {
  return (
    <>
      <Counts receipt={receipt} />
      <Rejects receipt={receipt} />
      {Object.keys(receipt.counts.checks).length > 0 && <Checks receipt={receipt} />}
    </>
  );
}

function Counts({ receipt: { counts } }: { readonly receipt: Receipt }) {
  const t = useTexts(uploadsTexts);
  const format = useFormats();
  const facts = [
    ['rows', counts.rows],
    ['accepted', counts.accepted],
    ['rejected', counts.rejected],
    ['held', counts.held],
    ['blank', counts.blank],
    ['created', counts.stored.created],
    ['changed', counts.stored.changed],
    ['unchanged', counts.stored.unchanged],
    ['duplicatesEqual', counts.duplicates.equal],
    ['duplicatesDifferent', counts.duplicates.different],
    ['passedOver', counts.passed_over],
  ] as const;
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{t('counts')}</h2>
      </header>
      <dl class="fact-grid">
        {facts.map(([name, count]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>{format.number(count)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Rejects({ receipt: { id, counts, status } }: { readonly receipt: Receipt }) {
  const t = useTexts(uploadsTexts);
  const inWords = useCodes();
  const format = useFormats();
  const who = useStore(session);
  const reasons = Object.entries(counts.rejected_by_reason).sort(([, a], [, b]) => b - a);
  if (reasons.length === 0) return status === 'loaded' ? <p class="muted">{t('nothingRejected')}</p> : null;
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{t('reasons')}</h2>
        {who?.role === 'utility' && status !== 'refused' && (
          <a class="button link-button" href={`/api/v1/uploads/${id}/rejects`} download>
            {t('download')}
          </a>
        )}
      </header>
      <p class="muted">{t(who?.role === 'utility' ? 'downloadNote' : 'rejectsElsewhere')}</p>
      <Table
        caption={t('reasons')}
        rows={reasons}
        rowKey={([reason]) => reason}
        columns={[
          { key: 'reason', title: t('reason'), isHeading: true, cell: ([reason]) => inWords(reason) },
          { key: 'number', title: t('number'), isNumber: true, cell: ([, count]) => format.number(count) },
        ]}
      />
    </section>
  );
}

function Checks({ receipt: { id, counts } }: { readonly receipt: Receipt }) {
  const t = useTexts(outcomeTexts);
  const inWords = useCodes();
  const format = useFormats();
  const findings = useResource<{ readonly items: readonly Finding[] }>(
    `/api/v1/uploads/${id}/findings?limit=${FINDINGS_SHOWN}`,
  ).data?.items;
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{t('checks')}</h2>
      </header>
      <Table
        caption={t('checks')}
        rows={Object.entries(counts.checks).sort(([, a], [, b]) => b - a)}
        rowKey={([check]) => check}
        columns={[
          { key: 'check', title: t('check'), isHeading: true, cell: ([check]) => inWords(check) },
          { key: 'values', title: t('values'), isNumber: true, cell: ([, count]) => format.number(count) },
        ]}
      />
      {findings !== undefined && findings.length > 0 && (
        <>
          <h3>{t('findings')}</h3>
          {findings.length === FINDINGS_SHOWN && (
            <p class="muted">{t('findingsFirst', { count: FINDINGS_SHOWN, id: String(id) })}</p>
          )}
          <Table
            caption={t('findings')}
            rows={findings}
            rowKey={(finding) => finding.id}
            columns={[
              { key: 'point', title: t('point'), isHeading: true, cell: (finding) => finding.metering_point },
              { key: 'day', title: t('day'), cell: ({ day }) => format.day(day) },
              {
                key: 'check',
                title: t('check'),
                cell: ({ check, detail }) => (
                  <>
                    {inWords(check)}
                    <small class="muted finding-detail" lang="en">
                      {detail}
                    </small>
                  </>
                ),
              },
              { key: 'line', title: t('line'), isNumber: true, cell: ({ line }) => format.number(line) },
            ]}
          />
        </>
      )}
    </section>
  );
}

type Code = Extract<keyof typeof outcomeTexts.en, `reason_${string}` | `check_${string}`>;

/** A code of a receipt with what it means; one that this page does not know yet stands alone. */
function useCodes(): (code: string) => ComponentChildren {
  const t = useTexts(outcomeTexts);
  return (code) => {
    const key = [`reason_${code}`, `check_${code}`].find((each): each is Code => each in outcomeTexts.en);
    const mark = <code class="code-mark">{code}</code>;
    if (key === undefined) return mark;
    return (
      <>
        {t(key)} {mark}
      </>
    );
  };
}
