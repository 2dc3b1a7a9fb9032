import { useState } from 'preact/hooks';
import { useResource } from '../../app/use-resource.js';
import { SelectField } from '../../components/fields.js';
import { EmptyState, Loaded } from '../../components/states.js';
import { Table } from '../../components/table.js';
import { useFormats, useSentence, useTexts, type Sentence } from '../../i18n/use-texts.js';
import { regionsTexts } from './regions.texts.js';
import { TileScheme } from './tile-scheme.js';
import './regions.css';

interface Rule {
  readonly id: string;
  readonly acts: readonly { readonly title: string }[];
}

/** As GET /api/v1/territories gives it. */
export interface Place {
  readonly code: string;
  readonly name: Sentence;
  readonly region: string;
  readonly points: number;
  readonly cases: { readonly open: number; readonly confirmed: number; readonly dismissed: number };
  readonly rule: {
    readonly ban: {
      readonly status: 'banned' | 'free' | 'undetermined';
      readonly why: Sentence;
      readonly rule: Rule | null;
    };
    readonly quota: { readonly limit_kwh: number; readonly rule: Rule | null } | null;
  };
  readonly today: string;
  readonly suspected_mw: { readonly metered: number; readonly unmetered: number };
  readonly unpaid_rub: number | null;
}

const LEVELS = ['region', 'territory'] as const;

/** Places with the rule in force there today, their cases, suspected load and money. */
export default function RegionsPage() {
  const t = useTexts(regionsTexts);
  const format = useFormats();
  const [level, setLevel] = useState<string>('region');
  const places = useResource<{ readonly items: readonly Place[] }>(`/api/v1/territories?level=${level}`);
  return (
    <div class="page">
      <h1>{t('title')}</h1>
      <p class="muted">{t('intro')}</p>
      <div class="toolbar">
        <SelectField
          label={t('level')}
          value={level}
          options={LEVELS.map((value) => ({ value, label: t(`level_${value}`) }))}
          onValue={setLevel}
        />
      </div>
      <Loaded resource={places}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('empty')}>{t('emptyWords')}</EmptyState>
          ) : (
            <div class="page-parts">
              <section class="panel">
                <PlacesTable places={items} />
                <p class="muted">
                  {t('sums')} {t('asOf', { day: format.day(items[0].today) })}
                </p>
              </section>
              <section class="panel">
                <header class="panel-head">
                  <h2>{t('scheme')}</h2>
                </header>
                <p class="visually-hidden">{t('schemeSummary')}</p>
                <TileScheme places={items} />
                <p class="muted">{t('schemeNote')}</p>
              </section>
            </div>
          )
        }
      </Loaded>
    </div>
  );
}

function PlacesTable({ places }: { readonly places: readonly Place[] }) {
  const t = useTexts(regionsTexts);
  const format = useFormats();
  const say = useSentence();
  return (
    <Table
      caption={t('title')}
      rows={places}
      rowKey={({ code }) => code}
      columns={[
        { key: 'place', title: t('place'), isHeading: true, cell: ({ name }) => say(name) },
        { key: 'rule', title: t('rule'), cell: (place) => <RuleCell place={place} /> },
        { key: 'points', title: t('homes'), isNumber: true, cell: ({ points }) => format.number(points) },
        {
          key: 'open',
          title: t('open'),
          isNumber: true,
          cell: ({ cases }) => format.number(cases.open),
        },
        {
          key: 'confirmed',
          title: t('confirmed'),
          isNumber: true,
          cell: ({ cases }) => format.number(cases.confirmed),
        },
        {
          key: 'dismissed',
          title: t('dismissed'),
          isNumber: true,
          cell: ({ cases }) => format.number(cases.dismissed),
        },
        {
          key: 'metered',
          title: t('metered'),
          isNumber: true,
          cell: ({ suspected_mw: mw }) => format.number(mw.metered, 3),
        },
        {
          key: 'unmetered',
          title: t('unmetered'),
          isNumber: true,
          cell: ({ suspected_mw: mw }) => format.number(mw.unmetered, 3),
        },
        {
          key: 'money',
          title: t('money'),
          isNumber: true,
          cell: ({ unpaid_rub: rub }) =>
            rub === null ? <span class="muted">{t('moneyUnknown')}</span> : format.number(rub),
        },
      ]}
    />
  );
}

const BADGES = { banned: 'badge badge-danger', free: 'badge', undetermined: 'badge badge-warn' } as const;

function RuleCell({ place: { rule } }: { readonly place: Place }) {
  const t = useTexts(regionsTexts);
  const format = useFormats();
  const say = useSentence();
  const { ban, quota } = rule;
  const acts = [...(ban.rule?.acts ?? []), ...(quota?.rule?.acts ?? [])].map(({ title }) => title);
  return (
    <div class="rule-cell">
      <span class={BADGES[ban.status]}>{t(`ban_${ban.status}`)}</span>
      {quota && <span>{t('quota', { limit: format.number(quota.limit_kwh) })}</span>}
      <details>
        <summary>{t('details')}</summary>
        <p>{say(ban.why)}</p>
        {[...new Set(acts)].map((title) => (
          <p key={title} lang="ru">
            {title}
          </p>
        ))}
      </details>
    </div>
  );
}
