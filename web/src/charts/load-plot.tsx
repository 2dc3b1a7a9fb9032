import { useEffect, useMemo, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Formats } from '../i18n/formats.js';
import type { Say } from '../i18n/texts.js';
import { useFormats, useTexts } from '../i18n/use-texts.js';
import { chartsTexts } from './charts.texts.js';
import { colourOf, useIsDark } from './colours.js';
import { drawBehind } from './load-background.js';
import { rem } from './rem.js';
import { coarser, DAY_SECONDS, minutesFor, type LoadSeries } from './load-series.js';
import type { Onset, Span } from './load-span.js';

const CHART_REM = 17.5;

interface PlotProps {
  readonly series: LoadSeries;
  readonly span: Span;
  readonly onset: Onset | null;
  readonly showsTemperature: boolean;
  readonly onZoom: (span: Span) => void;
}
/** The curve on its canvas, for eyes alone; the table twin says the same. */
export function Plot({ series, span, onset, showsTemperature, onZoom }: PlotProps) {
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
      chart.setSize({ width: element.clientWidth, height: rem(CHART_REM) }),
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
  const axis = { stroke: ink, grid, ticks: { show: false }, font: `${rem(0.75)}px system-ui, sans-serif` };
  return {
    width,
    height: rem(CHART_REM),
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
        size: rem(2),
        space: rem(4),
        values: (_, splits, __, ___, step) => splits.map((seconds) => tickText(seconds, step, format)),
      },
      {
        ...axis,
        size: rem(2.9),
        values: (_, splits) => splits.map((value) => format.number(value, splits[1] - splits[0] < 1 ? 1 : 0)),
      },
      {
        ...axis,
        scale: 'celsius',
        side: 1,
        show: showsTemperature,
        grid: { show: false },
        size: rem(2.9),
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

function dataOf({ start, minutes, low, high, quotaKw, kw, celsius }: LoadSeries): uPlot.AlignedData {
  // In the middle of each slot: a mean belongs to neither end of it.
  const x = Float64Array.from(kw, (_, at) => start + (at + 0.5) * minutes * 60);
  const known = (values: Float32Array | null): (number | null)[] =>
    values === null
      ? new Array<null>(x.length).fill(null)
      : Array.from(values, (value) => (Number.isNaN(value) ? null : value));
  return [x, known(low), known(high), known(quotaKw), known(kw), known(celsius)];
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
