import { useState } from 'preact/hooks';
import { useResource } from '../../app/use-resource.js';
import { Button } from '../../components/button.js';
import { SelectField } from '../../components/fields.js';
import { EmptyState, Loaded } from '../../components/states.js';
import { Table } from '../../components/table.js';
import { useFormats, useTexts } from '../../i18n/use-texts.js';
import { transformersTexts } from './transformers.texts.js';
import { badgeOf, VERDICTS, type TransformerLine } from './types.js';
import './transformers.css';

interface TransformersAnswer {
  readonly items: readonly TransformerLine[];
  readonly next_cursor: string | null;
}

const PAGE_LINES = 100;

/** All transformers with a balance, those with the most unexplained load first. */
export default function TransformersPage() {
  const t = useTexts(transformersTexts);
  const format = useFormats();
  const [verdict, setVerdict] = useState('');
  const [cursor, setCursor] = useState<string | null>(null);
  const query = new URLSearchParams({ limit: String(PAGE_LINES) });
  if (verdict) query.set('verdict', verdict);
  if (cursor) query.set('cursor', cursor);
  const list = useResource<TransformersAnswer>(`/api/v1/transformers?${query}`);
  return (
    <div class="page">
      <h1>{t('title')}</h1>
      <p class="muted">{t('intro')}</p>
      <div class="toolbar">
        <SelectField
          label={t('verdict')}
          value={verdict}
          options={[
            { value: '', label: t('anyVerdict') },
            ...VERDICTS.map((value) => ({ value, label: t(`verdict_${value}`) })),
          ]}
          onValue={(value) => {
            setCursor(null);
            setVerdict(value);
          }}
        />
      </div>
      <Loaded resource={list}>
        {({ items, next_cursor: next }) =>
          items.length === 0 ? (
            verdict ? (
              <EmptyState title={t('emptyFiltered')} />
            ) : (
              <EmptyState title={t('empty')}>{t('emptyWords')}</EmptyState>
            )
          ) : (
            <div class="panel">
              <Table
                caption={t('title')}
                rows={items}
                rowKey={({ id }) => id}
                columns={[
                  {
                    key: 'transformer',
                    title: t('transformer'),
                    isHeading: true,
                    cell: ({ id, transformer }) => <a href={`/transformers/${id}`}>{transformer}</a>,
                  },
                  { key: 'feeder', title: t('feeder'), cell: ({ feeder }) => feeder ?? '–' },
                  {
                    key: 'verdict',
                    title: t('verdict'),
                    cell: (line) => <span class={badgeOf(line.verdict)}>{t(`verdict_${line.verdict}`)}</span>,
                  },
                  {
                    key: 'hidden',
                    title: t('hidden'),
                    isNumber: true,
                    cell: ({ hidden_kw: kw }) => format.number(kw, 1),
                  },
                  { key: 'since', title: t('since'), cell: ({ since }) => format.day(since) },
                  {
                    key: 'points',
                    title: t('points'),
                    isNumber: true,
                    cell: ({ points }) => format.number(points),
                  },
                  {
                    key: 'confidence',
                    title: t('confidence'),
                    isNumber: true,
                    cell: ({ confidence }) => format.percent(confidence),
                  },
                ]}
              />
              <div class="pager">
                {cursor !== null && <Button onClick={() => setCursor(null)}>{t('first')}</Button>}
                {next !== null && <Button onClick={() => setCursor(next)}>{t('more')}</Button>}
              </div>
            </div>
          )
        }
      </Loaded>
    </div>
  );
}
