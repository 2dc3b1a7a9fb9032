import { useEffect, useState } from 'preact/hooks';
import { useShortcuts } from '../app/keys.js';
import { Button } from '../components/button.js';
import { ChartFrame } from '../components/chart-frame.js';
import { EmptyState } from '../components/states.js';
import { useFormats, useTexts } from '../i18n/use-texts.js';
import { chartsTexts } from './charts.texts.js';
import { Legend } from './load-legend.js';
import { Plot } from './load-plot.js';
import { DAY_SECONDS, isoDay, type LoadSeries } from './load-series.js';
import { wholeDays, wholeOf, within, type Onset, type Span } from './load-span.js';
import { DayTable } from './load-table.js';
import './charts.css';

interface LoadCurveProps {
  readonly series: LoadSeries;
  readonly onset: Onset | null;
  readonly neighbours: number;
  readonly zone: string;
  /** A day that was chosen elsewhere: its week is shown. Seconds, as the series has them. */
  readonly chosenDay: number | null;
}

const SPANS = [
  { key: 'spanYear', days: 366 },
  { key: 'spanQuarter', days: 91 },
  { key: 'spanMonth', days: 31 },
  { key: 'spanWeek', days: 7 },
] as const;

/** The load over time with all that it is held against. Dragging zooms; buttons do the same for whoever can't drag. */
export function LoadCurve({ series, onset, neighbours, zone, chosenDay }: LoadCurveProps) {
  const t = useTexts(chartsTexts);
  const format = useFormats();
  const whole = wholeOf(series);
  const [span, setSpan] = useState<Span>(whole);
  const [showsTemperature, setShowsTemperature] = useState(false);
  useEffect(() => setSpan(whole), [series]);
  useEffect(() => {
    if (chosenDay !== null)
      setSpan(within(whole, { from: chosenDay - 3 * DAY_SECONDS, to: chosenDay + 4 * DAY_SECONDS }));
  }, [chosenDay]);
  const toggle = (): void => setShowsTemperature(!showsTemperature);
  useShortcuts([{ keys: 't', label: t('temperature'), run: () => series.celsius && toggle() }]);
  if (series.kw.every(Number.isNaN))
    return <EmptyState title={t('noReadings')}>{t('noReadingsWords')}</EmptyState>;
  const days = Math.round((span.to - span.from) / DAY_SECONDS);
  // A span is kept around the beginning where that is in sight, else around the middle.
  const around = (wanted: number): void => {
    const begin = onset && Date.parse(`${onset.from}T00:00:00Z`) / 1000;
    const centre =
      begin !== null && begin >= span.from && begin <= span.to ? begin : (span.from + span.to) / 2;
    const half = (wanted / 2) * DAY_SECONDS;
    setSpan(within(whole, { from: centre - half, to: centre + half }));
  };
  const shift = (by: number): void => setSpan(within(whole, { from: span.from + by, to: span.to + by }));
  const width = span.to - span.from;
  return (
    <ChartFrame
      title={t('curveTitle')}
      summary={t('curveSummary', {
        from: format.day(isoDay(whole.from)),
        to: format.day(isoDay(whole.to - 1)),
        mean: format.number(meanOf(series.kw), 2),
      })}
      tools={
        <>
          <div class="button-row" role="group" aria-label={t('span')}>
            <Button
              look="quiet"
              aria-label={t('earlier')}
              disabled={span.from <= whole.from}
              onClick={() => shift(-width / 2)}
            >
              ←
            </Button>
            {SPANS.map(({ key, days: wanted }) => (
              <Button
                key={key}
                look="quiet"
                aria-pressed={Math.abs(days - Math.min(wanted, wholeDays(whole))) <= 1}
                onClick={() => around(wanted)}
              >
                {t(key)}
              </Button>
            ))}
            <Button
              look="quiet"
              aria-label={t('later')}
              disabled={span.to >= whole.to}
              onClick={() => shift(width / 2)}
            >
              →
            </Button>
          </div>
          <Button
            look="quiet"
            shortcut="T"
            aria-pressed={showsTemperature}
            disabled={series.celsius === null}
            title={series.celsius === null ? t('noTemperature') : undefined}
            onClick={toggle}
          >
            {t('temperature')}
          </Button>
        </>
      }
      legend={
        <Legend
          onset={onset}
          neighbours={neighbours}
          showsTemperature={showsTemperature}
          zone={zone}
          hasEstimates={series.isEstimated.includes(1)}
        />
      }
      chart={
        <Plot
          series={series}
          span={span}
          onset={onset}
          showsTemperature={showsTemperature}
          onZoom={setSpan}
        />
      }
      table={() => <DayTable series={series} />}
    />
  );
}

function meanOf(values: Float32Array): number {
  let sum = 0;
  let known = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    known++;
  }
  return sum / known;
}
