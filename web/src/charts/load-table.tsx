import { useMemo } from 'preact/hooks';
import { Table } from '../components/table.js';
import { useFormats, useTexts } from '../i18n/use-texts.js';
import { chartsTexts } from './charts.texts.js';
import { coarser, dailyKwh, DAY_SECONDS, isoDay, type LoadSeries } from './load-series.js';

/** The curve as a table for whoever reads rather than looks: newest day first. */
export function DayTable({ series }: { readonly series: LoadSeries }) {
  const t = useTexts(chartsTexts);
  const format = useFormats();
  const days = useMemo(() => {
    const kwh = dailyKwh(series);
    const { kw, low, high, isEstimated } = coarser(series, 1440);
    return Array.from(kwh, (value, at) => ({
      day: isoDay(series.start + at * DAY_SECONDS),
      kwh: nullIfMissing(value),
      kw: nullIfMissing(kw[at]),
      low: nullIfMissing(low[at]),
      high: nullIfMissing(high[at]),
      isEstimated: isEstimated[at] === 1,
    })).reverse();
  }, [series]);
  return (
    <div class="tall-table">
      <Table
        caption={t('curveTitle')}
        rows={days}
        rowKey={({ day }) => day}
        columns={[
          { key: 'day', title: t('day'), isHeading: true, cell: ({ day }) => format.day(day) },
          {
            key: 'kwh',
            title: t('kwh'),
            isNumber: true,
            cell: ({ kwh }) => (kwh === null ? t('missing') : format.number(kwh, 1)),
          },
          { key: 'kw', title: t('meanKw'), isNumber: true, cell: ({ kw }) => format.number(kw, 2) },
          {
            key: 'peers',
            title: t('neighboursKw'),
            isNumber: true,
            cell: ({ low, high }) => `${format.number(low, 2)} – ${format.number(high, 2)}`,
          },
          { key: 'estimated', title: t('note'), cell: (row) => (row.isEstimated ? t('isEstimated') : '') },
        ]}
      />
    </div>
  );
}

function nullIfMissing(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
