import { useResource } from '../../app/use-resource.js';
import { EmptyState, Loaded } from '../../components/states.js';
import { Table } from '../../components/table.js';
import { useFormats, useSentence, useTexts, type Sentence } from '../../i18n/use-texts.js';
import { queueTexts } from './queue.texts.js';

interface CaseLine {
  readonly id: number;
  readonly score: number;
  readonly month_kwh: number | null;
  readonly since: string | null;
  readonly why: readonly Sentence[];
}

export default function QueuePage() {
  const t = useTexts(queueTexts);
  const say = useSentence();
  const format = useFormats();
  const cases = useResource<{ readonly items: readonly CaseLine[] }>('/api/v1/cases?limit=50');
  return (
    <div class="page">
      <h1>{t('title')}</h1>
      <Loaded resource={cases}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('empty')} />
          ) : (
            <Table
              caption={t('title')}
              rows={items}
              rowKey={({ id }) => id}
              columns={[
                { key: 'id', title: t('case'), isHeading: true, cell: ({ id }) => id },
                { key: 'why', title: t('why'), cell: ({ why }) => why.map(say).join(' ') },
                {
                  key: 'kwh',
                  title: t('kwhMonth'),
                  isNumber: true,
                  cell: ({ month_kwh: kwh }) => format.number(kwh),
                },
                { key: 'since', title: t('since'), cell: ({ since }) => format.day(since) },
              ]}
            />
          )
        }
      </Loaded>
    </div>
  );
}
