import { useState } from 'preact/hooks';
import { session } from '../../app/session-store.js';
import { useStore } from '../../app/store.js';
import { useResource } from '../../app/use-resource.js';
import { SelectField } from '../../components/fields.js';
import { EmptyState, Loaded } from '../../components/states.js';
import { Table } from '../../components/table.js';
import { useFormats, useSentence, useTexts, type Sentence } from '../../i18n/use-texts.js';
import { rulesTexts } from './rules.texts.js';
import './rules.css';

const KINDS = ['quota', 'ban', 'seasonal_ban', 'tariff_band'] as const;
const STATUSES = ['in_force', 'superseded', 'pending', 'withdrawn', 'not_adopted'] as const;

interface Rule {
  readonly id: string;
  readonly kind: (typeof KINDS)[number];
  readonly status: (typeof STATUSES)[number];
  readonly territory: { readonly name: Sentence; readonly municipalities?: readonly unknown[] };
  readonly period: { readonly from: string; readonly to: string | null } | null;
  readonly season?: { readonly recurring: { readonly from: string; readonly to: string } };
  readonly quota?: { readonly limit_kwh: number; readonly counted_per: 'household' | 'metering_point' };
  readonly tariff?: {
    readonly bands_kwh_per_month: readonly number[] | null;
    readonly rub_per_kwh: readonly number[] | null;
    readonly condition: string | null;
    readonly condition_ru?: string;
  };
  readonly acts: readonly { readonly title: string; readonly confidence: 'verified' | 'unverified' }[];
  readonly sources: readonly string[];
  readonly note: Sentence | null;
}

interface Rulebook {
  readonly version: string;
  readonly title: Sentence;
  readonly rules: readonly Rule[];
  readonly exceptions: readonly { readonly id: string; readonly text: Sentence }[];
  readonly sources: Readonly<Record<string, { readonly title: string; readonly url: string }>>;
}

/** The rulebook as people read it. */
export default function RulesPage() {
  const t = useTexts(rulesTexts);
  const say = useSentence();
  const who = useStore(session);
  const [kind, setKind] = useState('');
  const [status, setStatus] = useState('in_force');
  const book = useResource<Rulebook>('/api/v1/rules');
  return (
    <div class="page">
      <h1>{t('title')}</h1>
      <p class="muted">{t('intro')}</p>
      <div class="toolbar">
        <SelectField
          label={t('kind')}
          value={kind}
          options={[
            { value: '', label: t('anyKind') },
            ...KINDS.map((value) => ({ value, label: t(`kind_${value}`) })),
          ]}
          onValue={setKind}
        />
        <SelectField
          label={t('status')}
          value={status}
          options={[
            { value: '', label: t('anyStatus') },
            ...STATUSES.map((value) => ({ value, label: t(`status_${value}`) })),
          ]}
          onValue={setStatus}
        />
      </div>
      <Loaded resource={book}>
        {(rulebook) => {
          const shown = rulebook.rules.filter(
            (rule) => (!kind || rule.kind === kind) && (!status || rule.status === status),
          );
          return (
            <div class="page-parts">
              <section class="panel">
                {shown.length === 0 ? (
                  <EmptyState title={t('empty')} />
                ) : (
                  <RulesTable rules={shown} sources={rulebook.sources} />
                )}
              </section>
              {rulebook.exceptions.length > 0 && (
                <section class="panel">
                  <h2>{t('exceptions')}</h2>
                  <ul class="rule-exceptions">
                    {rulebook.exceptions.map(({ id, text }) => (
                      <li key={id}>{say(text)}</li>
                    ))}
                  </ul>
                </section>
              )}
              {who?.role === 'operator' && <p class="note">{t('change')}</p>}
              <p class="muted">
                {t('version')}: <code class="hash">{rulebook.version}</code>
              </p>
            </div>
          );
        }}
      </Loaded>
    </div>
  );
}

function RulesTable({
  rules,
  sources,
}: {
  readonly rules: readonly Rule[];
  readonly sources: Rulebook['sources'];
}) {
  const t = useTexts(rulesTexts);
  const format = useFormats();
  const say = useSentence();
  return (
    <Table
      caption={t('title')}
      rows={rules}
      rowKey={({ id }) => id}
      columns={[
        { key: 'kind', title: t('kind'), isHeading: true, cell: ({ kind }) => t(`kind_${kind}`) },
        {
          key: 'place',
          title: t('place'),
          cell: ({ territory }) => (
            <>
              {say(territory.name)}
              {territory.municipalities && (
                <small class="rule-line muted">
                  {t('municipalities', { count: territory.municipalities.length })}
                </small>
              )}
            </>
          ),
        },
        {
          key: 'status',
          title: t('status'),
          cell: ({ status }) => (
            <span class={status === 'in_force' ? 'badge badge-accent' : 'badge'}>
              {t(`status_${status}`)}
            </span>
          ),
        },
        {
          key: 'holds',
          title: t('holds'),
          cell: ({ period, season }) =>
            period === null ? (
              t('never')
            ) : (
              <>
                {format.day(period.from)} – {period.to === null ? t('noEnd') : format.day(period.to)}
                {season && (
                  <small class="rule-line">
                    {t(
                      'season',
                      monthDays(season.recurring, (iso) => format.shortDay(iso)),
                    )}
                  </small>
                )}
              </>
            ),
        },
        { key: 'says', title: t('says'), cell: (rule) => <Says rule={rule} /> },
        {
          key: 'acts',
          title: t('acts'),
          cell: ({ acts, sources: names }) => (
            <div class="rule-acts">
              {acts.map(({ title, confidence }) => (
                <p key={title}>
                  <span lang="ru">{title}</span>
                  {confidence === 'unverified' && <span class="badge badge-warn">{t('unverified')}</span>}
                </p>
              ))}
              <details>
                <summary>{t('sources')}</summary>
                <ul>
                  {names.map((name) => (
                    <li key={name}>
                      <a href={sources[name].url} rel="noreferrer" target="_blank">
                        {sources[name].title}
                      </a>
                    </li>
                  ))}
                </ul>
              </details>
            </div>
          ),
        },
      ]}
    />
  );
}

function Says({ rule: { quota, tariff, note } }: { readonly rule: Rule }) {
  const t = useTexts(rulesTexts);
  const say = useSentence();
  const format = useFormats();
  return (
    <div class="rule-says">
      {quota && (
        <p>
          {t('limit', { limit: format.number(quota.limit_kwh) })},{' '}
          {t(quota.counted_per === 'household' ? 'perHousehold' : 'perPoint')}
        </p>
      )}
      {tariff?.bands_kwh_per_month && (
        <p>{t('bands', { bands: tariff.bands_kwh_per_month.map((kwh) => format.number(kwh)).join(', ') })}</p>
      )}
      {tariff?.rub_per_kwh && (
        <p>{t('prices', { prices: tariff.rub_per_kwh.map((rub) => format.number(rub, 2)).join(' / ') })}</p>
      )}
      {tariff?.condition && (
        <p>{say({ en: tariff.condition, ru: tariff.condition_ru ?? tariff.condition })}</p>
      )}
      {note && (
        <details>
          <summary>{t('note')}</summary>
          <p>{say(note)}</p>
        </details>
      )}
    </div>
  );
}

/** `11-15` of any year; 2025 is one without a leap day. */
function monthDays(
  { from, to }: { readonly from: string; readonly to: string },
  day: (iso: string) => string,
): { from: string; to: string } {
  return { from: day(`2025-${from}`), to: day(`2025-${to}`) };
}
