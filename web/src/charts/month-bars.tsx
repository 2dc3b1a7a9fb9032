import { ChartFrame } from '../components/chart-frame.js';
import { Table } from '../components/table.js';
import { useFormats, useTexts } from '../i18n/use-texts.js';
import { chartsTexts } from './charts.texts.js';
import './charts.css';

export interface MonthBar {
  readonly month: string;
  readonly limit_kwh: number;
  readonly metered_kwh: number;
  readonly unit_kwh: number;
  readonly coverage_ratio: number;
  readonly exceeded: boolean;
  readonly bands: readonly {
    readonly from_kwh: number;
    readonly kwh: number;
    readonly rub_per_kwh: number | null;
  }[];
}

/** Room above the tallest bar for its number. */
const HEADROOM = 1.12;

/** Where the bars do not fit, the newest are in sight. */
function showNewest(bars: HTMLElement | null): void {
  if (bars !== null) bars.scrollLeft = bars.scrollWidth;
}

/** Each month's energy in the tariff's bands, with the quota of then as a line across. */
export function MonthBars({ months }: { readonly months: readonly MonthBar[] }) {
  const t = useTexts(chartsTexts);
  const format = useFormats();
  const most =
    Math.max(...months.map(({ unit_kwh: kwh, limit_kwh: limit }) => Math.max(kwh, limit)), 1) * HEADROOM;
  const bands = months.at(-1)?.bands ?? [];
  if (months.length === 0)
    return (
      <section class="panel">
        <h2>{t('monthsTitle')}</h2>
        <p class="muted">{t('monthsEmpty')}</p>
      </section>
    );
  return (
    <ChartFrame
      title={t('monthsTitle')}
      summary={t('monthsSummary')}
      chart={
        <div class="bars" aria-hidden="true" ref={showNewest}>
          {months.map((each) => (
            <div key={each.month} class="bar">
              <div class="bar-body">
                <span class="bar-limit" style={{ bottom: `${(each.limit_kwh / most) * 100}%` }} />
                <div class="bar-stack" style={{ height: `${(each.unit_kwh / most) * 100}%` }}>
                  <span class={each.exceeded ? 'bar-number bar-exceeded' : 'bar-number'}>
                    {format.number(each.unit_kwh)}
                  </span>
                  {each.bands.map(({ from_kwh: from, kwh }, band) => (
                    <span
                      key={from}
                      class={`bar-band bar-band-${Math.min(band, 2)}`}
                      style={{ flexGrow: kwh }}
                    />
                  ))}
                </div>
              </div>
              <span class="bar-month">{format.barMonth(each.month)}</span>
            </div>
          ))}
        </div>
      }
      legend={
        <ul class="legend">
          {bands.map(({ from_kwh: from, rub_per_kwh: price }, band) => (
            <li key={from} class={`legend-bar-${Math.min(band, 2)}`}>
              {price === null
                ? t('bandFrom', { from: format.number(from) })
                : t('bandPrice', { from: format.number(from), price: format.number(price, 2) })}
            </li>
          ))}
          <li class="legend-quota">{t('limit')}</li>
        </ul>
      }
      table={() => (
        <Table
          caption={t('monthsTitle')}
          rows={months}
          rowKey={({ month }) => month}
          columns={[
            { key: 'month', title: t('month'), isHeading: true, cell: ({ month }) => format.month(month) },
            {
              key: 'metered',
              title: t('metered'),
              isNumber: true,
              cell: (row) => format.number(row.metered_kwh),
            },
            { key: 'unit', title: t('counted'), isNumber: true, cell: (row) => format.number(row.unit_kwh) },
            ...bands.map((_, band) => ({
              key: `band-${band}`,
              title: t('band', { number: band + 1 }),
              isNumber: true,
              cell: (row: MonthBar) => format.number(row.bands[band]?.kwh ?? null),
            })),
            { key: 'limit', title: t('limit'), isNumber: true, cell: (row) => format.number(row.limit_kwh) },
            {
              key: 'complete',
              title: t('complete'),
              isNumber: true,
              cell: (row) => format.percent(row.coverage_ratio),
            },
            { key: 'exceeded', title: t('note'), cell: (row) => (row.exceeded ? t('exceeded') : '') },
          ]}
        />
      )}
    />
  );
}
