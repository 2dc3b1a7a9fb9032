import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useShortcuts } from '../app/keys.js';
import { Button } from '../components/button.js';
import { ChartFrame } from '../components/chart-frame.js';
import { EmptyState } from '../components/states.js';
import { Table } from '../components/table.js';
import { useFormats, useTexts } from '../i18n/use-texts.js';
import type { Formats } from '../i18n/formats.js';
import type { Say } from '../i18n/texts.js';
import { chartsTexts } from './charts.texts.js';
import { colourOf, useIsDark } from './colours.js';
import { coarser, dailyKwh, DAY_SECONDS, minutesFor, runsOf, type LoadSeries } from './load-series.js';
import './charts.css';

export interface Onset {
  readonly from: string;
  readonly to: string;
}

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
const CHART_HEIGHT = 280;

interface Span {
  readonly from: number;
  readonly to: number;
}

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

interface PlotProps {
  readonly series: LoadSeries;
  readonly span: Span;
  readonly onset: Onset | null;
  readonly showsTemperature: boolean;
  readonly onZoom: (span: Span) => void;
}

function Plot({ series, span, onset, showsTemperature, onZoom }: PlotProps) {
  const t = useTexts(chartsTexts);
  const format = useFormats();
  const dark = useIsDark();
  const box = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const plot = useRef<uPlot | null>(null);
  const minutes = minutesFor((span.to - span.from) / DAY_SECONDS, series.minutes);
  const shown = useMemo(() => coarser(series, minutes), [series, minutes]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const chart = new uPlot(
      optionsFor({
        shown,
        onset,
        format,
        showsTemperature,
        width: element.clientWidth,
        onZoom,
        onCursor: (at) => {
          if (readout.current)
            readout.current.textContent = at === null ? '' : readoutAt(shown, at, format, t);
        },
      }),
      dataOf(shown),
      element,
    );
    chart.setScale('x', { min: span.from, max: span.to });
    plot.current = chart;
    const observer = new ResizeObserver(() =>
      chart.setSize({ width: element.clientWidth, height: CHART_HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current = null;
      chart.destroy();
    };
  }, [shown, onset, format, dark, showsTemperature]);
  useEffect(() => plot.current?.setScale('x', { min: span.from, max: span.to }), [span]);
  return (
    <>
      <div class="load-curve" ref={box} aria-hidden="true" />
      <p class="chart-readout" ref={readout} aria-hidden="true" />
    </>
  );
}

interface PlotWishes {
  readonly shown: LoadSeries;
  readonly onset: Onset | null;
  readonly format: Formats;
  readonly showsTemperature: boolean;
  readonly width: number;
  readonly onZoom: (span: Span) => void;
  readonly onCursor: (at: number | null) => void;
}

function optionsFor({
  shown,
  onset,
  format,
  showsTemperature,
  width,
  onZoom,
  onCursor,
}: PlotWishes): uPlot.Options {
  const ink = colourOf('--ink-2');
  const grid = { stroke: colourOf('--chart-grid'), width: 1 };
  const axis = { stroke: ink, grid, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  return {
    width,
    height: CHART_HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
    scales: {
      x: { time: true },
      y: { range: (_, __, most) => [0, Math.max(most * 1.08, 0.5)] },
      celsius: {},
    },
    // The service's days are days of a fixed clock, so that x is read as if it were UTC.
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    axes: [
      {
        ...axis,
        size: 32,
        space: 64,
        values: (_, splits, __, ___, step) => splits.map((seconds) => tickText(seconds, step, format)),
      },
      {
        ...axis,
        size: 46,
        values: (_, splits) => splits.map((value) => format.number(value, splits[1] - splits[0] < 1 ? 1 : 0)),
      },
      {
        ...axis,
        scale: 'celsius',
        side: 1,
        show: showsTemperature,
        grid: { show: false },
        size: 46,
        values: (_, splits) => splits.map((value) => format.number(value)),
      },
    ],
    series: [
      {},
      { label: 'low', width: 0, points: { show: false } },
      { label: 'high', width: 0, points: { show: false } },
      {
        label: 'quota',
        stroke: colourOf('--chart-quota'),
        width: 1.5,
        dash: [6, 4],
        points: { show: false },
      },
      { label: 'load', stroke: colourOf('--chart-load'), width: 1.75, points: { show: false } },
      {
        label: 'celsius',
        scale: 'celsius',
        show: showsTemperature,
        stroke: colourOf('--chart-temperature'),
        width: 1.25,
        points: { show: false },
      },
    ],
    bands: [{ series: [2, 1], fill: colourOf('--chart-band') }],
    hooks: {
      drawClear: [(plot) => drawBehind(plot, shown, onset)],
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          if (plot.select.width < 8) return;
          const [from, to] = [plot.select.left, plot.select.left + plot.select.width].map((x) =>
            plot.posToVal(x, 'x'),
          );
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          // Closer than half a day there is nothing more to see.
          if (to - from > DAY_SECONDS / 2) onZoom({ from, to });
        },
      ],
    },
  };
}

/** The interval of the beginning, and hatching where readings were estimated: behind the curve, so that it stays whole. */
function drawBehind(plot: uPlot, { start, minutes, isEstimated }: LoadSeries, onset: Onset | null): void {
  const { ctx, bbox } = plot;
  const xOf = (seconds: number): number => plot.valToPos(seconds, 'x', true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  if (onset !== null) {
    const [from, to] = [
      Date.parse(`${onset.from}T00:00:00Z`) / 1000,
      Date.parse(`${onset.to}T00:00:00Z`) / 1000 + DAY_SECONDS,
    ];
    ctx.fillStyle = colourOf('--chart-onset-fill');
    ctx.fillRect(xOf(from), bbox.top, Math.max(xOf(to) - xOf(from), 3), bbox.height);
    ctx.strokeStyle = colourOf('--chart-onset');
    ctx.setLineDash([4, 4]);
    ctx.beginPath();
    ctx.moveTo(xOf(from), bbox.top);
    ctx.lineTo(xOf(from), bbox.top + bbox.height);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  ctx.strokeStyle = colourOf('--line-strong');
  ctx.lineWidth = 1;
  for (const [from, to] of runsOf(isEstimated)) {
    const [left, right] = [xOf(start + from * minutes * 60), xOf(start + to * minutes * 60)];
    if (right >= bbox.left && left <= bbox.left + bbox.width) hatch(ctx, bbox, left, right);
  }
  ctx.restore();
}

function hatch(
  ctx: CanvasRenderingContext2D,
  { top, height }: uPlot.BBox,
  left: number,
  right: number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, Math.max(right - left, 2), height);
  ctx.clip();
  ctx.beginPath();
  for (let x = left - height; x < right; x += 9) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.globalAlpha = 0.55;
  ctx.stroke();
  ctx.restore();
}

function dataOf({ start, minutes, low, high, quotaKw, kw, celsius }: LoadSeries): uPlot.AlignedData {
  // In the middle of each slot: a mean belongs to neither end of it.
  const x = Float64Array.from(kw, (_, at) => start + (at + 0.5) * minutes * 60);
  const known = (values: Float32Array | null): (number | null)[] =>
    values === null
      ? new Array<null>(x.length).fill(null)
      : Array.from(values, (value) => (Number.isNaN(value) ? null : value));
  return [x, known(low), known(high), known(quotaKw), known(kw), known(celsius)];
}

function Legend({
  onset,
  neighbours,
  showsTemperature,
  zone,
  hasEstimates,
}: {
  readonly onset: Onset | null;
  readonly neighbours: number;
  readonly showsTemperature: boolean;
  readonly zone: string;
  readonly hasEstimates: boolean;
}) {
  const t = useTexts(chartsTexts);
  const format = useFormats();
  return (
    <ul class="legend">
      <li class="legend-load">{t('load')}</li>
      <li class="legend-band">
        {neighbours === 0 ? t('noNeighbours') : t('neighbours', { count: neighbours })}
      </li>
      <li class="legend-quota">{t('quota')}</li>
      {onset && (
        <li class="legend-onset">
          {onset.from === onset.to
            ? t('onsetDay', { from: format.day(onset.from) })
            : t('onset', { from: format.day(onset.from), to: format.day(onset.to) })}
        </li>
      )}
      {hasEstimates && <li class="legend-estimated">{t('estimated')}</li>}
      {showsTemperature && <li class="legend-temperature">{t('temperature')}</li>}
      <li class="muted legend-plain">{t('clock', { zone: format.zoneName(zone) })}</li>
    </ul>
  );
}

function DayTable({ series }: { readonly series: LoadSeries }) {
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

function readoutAt(
  { start, minutes, kw, low, high, quotaKw, celsius }: LoadSeries,
  at: number,
  format: Formats,
  t: Say<typeof chartsTexts.en>,
): string {
  const iso = new Date((start + at * minutes * 60) * 1000).toISOString();
  const when = minutes >= 1440 ? format.day(iso) : format.moment(iso, 'UTC');
  const load = Number.isNaN(kw[at]) ? t('missing') : t('kw', { value: format.number(kw[at], 2) });
  const peers = Number.isNaN(low[at])
    ? ''
    : ` · 10–90 %: ${format.number(low[at], 2)}–${format.number(high[at], 2)}`;
  const pace = Number.isNaN(quotaKw[at]) ? '' : ` · ⋯ ${format.number(quotaKw[at], 2)}`;
  const degrees = celsius && !Number.isNaN(celsius[at]) ? ` · ${format.number(celsius[at], 0)} °C` : '';
  return `${when}: ${load}${peers}${pace}${degrees}`;
}

function tickText(seconds: number, step: number, format: Formats): string {
  const iso = new Date(seconds * 1000).toISOString();
  if (step >= 27 * DAY_SECONDS) return format.shortMonth(iso);
  return step >= DAY_SECONDS ? format.shortDay(iso) : iso.slice(11, 16);
}

function wholeOf({ start, minutes, kw }: LoadSeries): Span {
  return { from: start, to: start + kw.length * minutes * 60 };
}

function wholeDays({ from, to }: Span): number {
  return Math.round((to - from) / DAY_SECONDS);
}

/** Moved, and cut where it is longer, so that it lies within the whole. */
function within(whole: Span, { from, to }: Span): Span {
  const width = Math.min(to - from, whole.to - whole.from);
  const start = Math.min(Math.max(from, whole.from), whole.to - width);
  return { from: start, to: start + width };
}

function meanOf(values: Float32Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

function nullIfMissing(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function isoDay(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
