import { useResource } from '../../app/use-resource.js';
import { EmptyState, Loaded } from '../../components/states.js';
import { Table } from '../../components/table.js';
import { useFormats, useTexts } from '../../i18n/use-texts.js';
import { QualityFigures } from './figures.js';
import { qualityTexts } from './quality.texts.js';

interface Worker {
  readonly id: number;
  readonly name: string;
  readonly role: 'inspector' | 'supervisor';
  readonly organisation: string;
  readonly home_territory: string | null;
  readonly queue_limit: number | null;
  readonly away: boolean;
  readonly holds: number;
  readonly closed: number;
}

/** Who works on cases, for whoever answers for how they are worked on. */
export default function QualityPage() {
  const t = useTexts(qualityTexts);
  const format = useFormats();
  const workers = useResource<{ readonly items: readonly Worker[] }>('/api/v1/cases/workers');
  return (
    <div class="page">
      <h1>{t('title')}</h1>
      <p class="muted">{t('intro')}</p>
      <Loaded resource={workers}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('empty')}>{t('emptyWords')}</EmptyState>
          ) : (
            <section class="panel">
              <header class="panel-head">
                <h2>{t('workers')}</h2>
              </header>
              <Table
                caption={t('workers')}
                rows={items}
                rowKey={({ id }) => id}
                columns={[
                  { key: 'name', title: t('name'), isHeading: true, cell: ({ name }) => name },
                  { key: 'role', title: t('role'), cell: ({ role }) => t(`role_${role}`) },
                  {
                    key: 'organisation',
                    title: t('organisation'),
                    cell: ({ organisation }) => organisation || '–',
                  },
                  { key: 'home', title: t('home'), cell: ({ home_territory: home }) => home ?? '–' },
                  {
                    key: 'holds',
                    title: t('holds'),
                    isNumber: true,
                    cell: ({ holds }) => format.number(holds),
                  },
                  {
                    key: 'closed',
                    title: t('closed'),
                    isNumber: true,
                    cell: ({ closed }) => format.number(closed),
                  },
                  {
                    key: 'limit',
                    title: t('limit'),
                    isNumber: true,
                    cell: ({ queue_limit: limit }) => format.number(limit),
                  },
                  {
                    key: 'state',
                    title: t('state'),
                    cell: ({ away }) => (
                      <span class={away ? 'badge badge-warn' : 'badge badge-good'}>
                        {t(away ? 'away' : 'here')}
                      </span>
                    ),
                  },
                ]}
              />
            </section>
          )
        }
      </Loaded>
      <QualityFigures />
    </div>
  );
}
