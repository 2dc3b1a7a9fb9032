import { useState } from 'preact/hooks';
import { useStore } from '../../app/store.js';
import { session } from '../../app/session-store.js';
import type { PageProps } from '../../app/page.js';
import { useResource } from '../../app/use-resource.js';
import { ChartFrame } from '../../components/chart-frame.js';
import { SelectField } from '../../components/fields.js';
import { EmptyState, Loaded } from '../../components/states.js';
import { Table } from '../../components/table.js';
import { useFormats, useTexts } from '../../i18n/use-texts.js';
import { kwOf, LoadChart } from './load-chart.js';
import { transformersTexts } from './transformers.texts.js';
import { badgeOf, type TransformerDetail, type TransformerLoad, type TransformerPoint } from './types.js';
import './transformers.css';

const DAY_MS = 86_400_000;
const PERIODS = [30, 90, 365] as const;

/** One transformer: in and out, what is left over, and the homes under it in the order to check them. */
export default function TransformerPage({ values }: PageProps) {
  const t = useTexts(transformersTexts);
  const format = useFormats();
  const detail = useResource<TransformerDetail>(`/api/v1/transformers/${values.id}`);
  return (
    <div class="page">
      <Loaded resource={detail}>
        {(transformer) => (
          <div class="page-parts">
            <h1>
              {t('transformer')} {transformer.transformer}
            </h1>
            <p class="muted">
              {transformer.feeder && `${t('feeder')} ${transformer.feeder} · `}
              {transformer.utility} · {t('asOf', { day: format.day(transformer.as_of) })}
            </p>
            <Residual transformer={transformer} />
            <Load id={transformer.id} />
            <Households id={transformer.id} />
          </div>
        )}
      </Loaded>
    </div>
  );
}

function Residual({ transformer }: { readonly transformer: TransformerDetail }) {
  const t = useTexts(transformersTexts);
  const format = useFormats();
  const { balance, verdict, since } = transformer;
  const { residual, confidence, onset } = balance;
  const facts: [string, string][] = [
    [t('hidden'), format.number(transformer.hidden_kw, 1)],
    [
      '',
      t('bounds', {
        low: format.number(transformer.hidden_lower_kw, 1),
        high: format.number(transformer.hidden_upper_kw, 1),
      }),
    ],
    [t('since'), since === null ? t('sinceBefore') : format.day(since)],
  ];
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{t('residualTitle')}</h2>
        <span class={badgeOf(verdict)}>{t(`verdict_${verdict}`)}</span>
      </header>
      <dl class="fact-grid">
        <Fact name={facts[0][0]} value={`${facts[0][1]} (${facts[1][1]})`} />
        <Fact name={facts[2][0]} value={facts[2][1]} />
        {onset && (
          <Fact
            name={t('residualOnset')}
            value={onsetText(balance.firstDay, onset, (iso) => format.day(iso))}
          />
        )}
        {residual && (
          <>
            <Fact name={`${t('residualFlat')}, ${t('kw')}`} value={format.number(residual.floorKw, 1)} />
            <Fact name={`${t('residualMean')}, ${t('kw')}`} value={format.number(residual.meanKw, 1)} />
            <Fact name={t('residualFlatness')} value={format.percent(residual.flatnessRatio)} />
            <Fact name={t('residualScatter')} value={format.number(residual.scatterKw, 2)} />
            <Fact name={t('residualFollows')} value={format.number(residual.followsHomes, 2)} />
          </>
        )}
        {balance.loss && <Fact name={t('lossMean')} value={format.number(balance.loss.meanLossKw, 1)} />}
        <Fact name={t('coverage')} value={format.percent(confidence.coverageRatio)} />
        <Fact
          name={t('clock')}
          value={
            confidence.clockSkewHours === 0
              ? t('clockRight')
              : t('clockHours', { count: Math.abs(confidence.clockSkewHours) })
          }
        />
        <Fact name={t('confidence')} value={format.percent(transformer.confidence)} />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Hours of the window, as the days they fall on. */
function onsetText(
  firstDay: number,
  { earliestHour, latestHour }: { readonly earliestHour: number; readonly latestHour: number },
  day: (iso: string) => string,
): string {
  const dayAt = (hour: number) =>
    day(new Date((firstDay + Math.floor(hour / 24)) * DAY_MS).toISOString().slice(0, 10));
  const [from, to] = [dayAt(earliestHour), dayAt(latestHour)];
  return from === to ? from : `${from} – ${to}`;
}

function Load({ id }: { readonly id: number }) {
  const t = useTexts(transformersTexts);
  const [days, setDays] = useState<string>('90');
  // A year by hours is more than a line can show.
  const resolution = days === '365' ? 'day' : 'hour';
  const newest = useResource<TransformerLoad>(`/api/v1/transformers/${id}/load?resolution=${resolution}`);
  const to = newest.data?.to ?? null;
  const from =
    to === null ? null : new Date(Date.parse(to) - Number(days) * DAY_MS).toISOString().slice(0, 10);
  const load = useResource<TransformerLoad>(
    from === null ? null : `/api/v1/transformers/${id}/load?resolution=${resolution}&from=${from}&to=${to}`,
  );
  return (
    <Loaded resource={load.data === null && newest.error !== null ? newest : load}>
      {(loaded) =>
        loaded.in_kwh.every((kwh) => kwh === null) ? (
          <section class="panel">
            <h2>{t('loadTitle')}</h2>
            <EmptyState title={t('noLoad')} />
          </section>
        ) : (
          <LoadFrame
            load={fromFirstReading(loaded)}
            tools={
              <SelectField
                label={t('range')}
                value={days}
                options={PERIODS.map((period) => ({ value: String(period), label: t(`days${period}`) }))}
                onValue={setDays}
              />
            }
          />
        )
      }
    </Loaded>
  );
}

/** Without the days before the first reading: a new transformer does not lie at the end of an empty chart. */
function fromFirstReading(load: TransformerLoad): TransformerLoad {
  const slotsPerDay = 1440 / load.minutes;
  const day = Math.floor(load.in_kwh.findIndex((kwh) => kwh !== null) / slotsPerDay);
  const first = day * slotsPerDay;
  return {
    ...load,
    from: new Date(Date.parse(load.from) + day * DAY_MS).toISOString().slice(0, 10),
    in_kwh: load.in_kwh.slice(first),
    metered_kwh: load.metered_kwh.slice(first),
    loss_kwh: load.loss_kwh.slice(first),
    rest_kwh: load.rest_kwh.slice(first),
    read_ratio: load.read_ratio.slice(first),
  };
}

const MOST_TABLE_ROWS = 400;

function LoadFrame({
  load,
  tools,
}: {
  readonly load: TransformerLoad;
  readonly tools: preact.ComponentChildren;
}) {
  const t = useTexts(transformersTexts);
  const format = useFormats();
  const isDaily = load.minutes >= 1440;
  return (
    <ChartFrame
      title={`${t('loadTitle')}, ${t('kw')}, ${t(isDaily ? 'byDay' : 'byHour')}`}
      summary={t('loadSummary', { unit: t(isDaily ? 'day' : 'hour') })}
      tools={tools}
      chart={<LoadChart load={load} />}
      legend={
        <>
          <p class="load-legend" aria-hidden="true">
            <span>
              <i class="legend-in" />
              {t('flowsIn')}
            </span>
            <span>
              <i class="legend-metered" />
              {t('metered')}
            </span>
            <span>
              <i class="legend-rest" />
              {t('rest')}
            </span>
          </p>
          <p class="muted">{t('loadNote', { zone: format.zoneName(load.zone) })}</p>
        </>
      }
      table={() => <LoadTable load={load} />}
    />
  );
}

/** The newest slots first. */
function LoadTable({ load }: { readonly load: TransformerLoad }) {
  const t = useTexts(transformersTexts);
  const format = useFormats();
  const [flowsIn, metered, loss, rest] = [load.in_kwh, load.metered_kwh, load.loss_kwh, load.rest_kwh].map(
    (kwh) => kwOf(kwh, load.minutes),
  );
  const start = Date.parse(`${load.from}T00:00:00Z`);
  const rows = flowsIn.map((_, index) => flowsIn.length - 1 - index).slice(0, MOST_TABLE_ROWS);
  const kw = (values: readonly (number | null)[]) => (slot: number) => format.number(values[slot], 2);
  return (
    <Table
      caption={`${t('loadTitle')}, ${t('kw')}`}
      rows={rows}
      rowKey={(slot) => slot}
      columns={[
        {
          key: 'when',
          title: t('when'),
          isHeading: true,
          cell: (slot) => {
            const iso = new Date(start + slot * load.minutes * 60_000).toISOString();
            return load.minutes >= 1440 ? format.day(iso) : format.moment(iso, 'UTC');
          },
        },
        { key: 'in', title: t('flowsIn'), isNumber: true, cell: kw(flowsIn) },
        { key: 'metered', title: t('metered'), isNumber: true, cell: kw(metered) },
        { key: 'loss', title: t('loss'), isNumber: true, cell: kw(loss) },
        { key: 'rest', title: t('rest'), isNumber: true, cell: kw(rest) },
        {
          key: 'read',
          title: t('read'),
          isNumber: true,
          cell: (slot) => format.percent(load.read_ratio[slot]),
        },
      ]}
    />
  );
}

function Households({ id }: { readonly id: number }) {
  const t = useTexts(transformersTexts);
  const format = useFormats();
  const who = useStore(session);
  const seesCases = who?.role !== 'utility';
  const points = useResource<{ readonly items: readonly TransformerPoint[] }>(
    `/api/v1/transformers/${id}/points`,
  );
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{t('householdsTitle')}</h2>
      </header>
      <Loaded resource={points}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('noHouseholds')} />
          ) : (
            <>
              <p class="muted">{t('householdsNote')}</p>
              <Table
                caption={t('householdsTitle')}
                rows={items}
                rowKey={(point) => point.id}
                columns={[
                  { key: 'rank', title: t('rank'), isNumber: true, cell: ({ rank }) => format.number(rank) },
                  {
                    key: 'point',
                    title: t('point'),
                    isHeading: true,
                    cell: ({ metering_point: point }) =>
                      seesCases ? <a href={`/cases?text=${encodeURIComponent(point)}`}>{point}</a> : point,
                  },
                  { key: 'household', title: t('household'), cell: ({ household }) => household ?? '–' },
                  {
                    key: 'share',
                    title: t('share'),
                    isNumber: true,
                    cell: ({ share }) =>
                      share !== null && (
                        <>
                          {format.percent(share)}
                          <svg
                            class="share-bar"
                            viewBox="0 0 100 1"
                            preserveAspectRatio="none"
                            aria-hidden="true"
                          >
                            <rect width={share * 100} height="1" />
                          </svg>
                        </>
                      ),
                  },
                  {
                    key: 'drop',
                    title: t('drop'),
                    isNumber: true,
                    cell: ({ drop_kw: kw }) => format.number(kw, 1),
                  },
                  {
                    key: 'score',
                    title: t('score'),
                    isNumber: true,
                    cell: ({ score }) => format.percent(score),
                  },
                  {
                    key: 'month',
                    title: t('monthKwh'),
                    isNumber: true,
                    cell: ({ month_kwh: kwh }) => format.number(kwh),
                  },
                ]}
              />
            </>
          )
        }
      </Loaded>
    </section>
  );
}
