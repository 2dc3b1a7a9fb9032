import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ChartFrame } from '../components/chart-frame.js';
import { Table } from '../components/table.js';
import { useFormats, useTexts } from '../i18n/use-texts.js';
import { chartsTexts } from './charts.texts.js';
import { carpetColours, carpetGradient, useIsDark } from './colours.js';
import { DAY_SECONDS, type LoadSeries } from './load-series.js';
import './charts.css';

interface CarpetProps {
  readonly series: LoadSeries;
  /** Seconds, as the series has them. */
  readonly onDay: (day: number) => void;
}

/** Of all readings this share is below the darkest colour: one heat gun shall not pale everything else. */
const MOST_SHARE = 0.985;

/** Days across, hours down, load as colour: what never rests is a solid band. */
export function Carpet({ series, onDay }: CarpetProps) {
  const t = useTexts(chartsTexts);
  const format = useFormats();
  const dark = useIsDark();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [said, setSaid] = useState('');
  const slots = 1440 / series.minutes;
  const days = series.kw.length / slots;
  const most = useMemo(() => quantile(series.kw, MOST_SHARE), [series]);
  useEffect(() => {
    if (canvas.current !== null) paint(canvas.current, { series, slots, days, most, dark });
  }, [series, most, dark]);
  const dayAt = (event: MouseEvent): { day: number; slot: number } => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect();
    const share = (value: number, count: number): number =>
      Math.min(Math.max(Math.floor(value * count), 0), count - 1);
    return {
      day: share((event.clientX - left) / width, days),
      slot: share((event.clientY - top) / height, slots),
    };
  };
  const say = (event: MouseEvent): void => {
    const { day, slot } = dayAt(event);
    const at = new Date((series.start + day * DAY_SECONDS + slot * series.minutes * 60) * 1000).toISOString();
    const kw = series.kw[day * slots + slot];
    setSaid(
      `${format.moment(at, 'UTC')}: ${Number.isNaN(kw) ? t('missing') : t('kw', { value: format.number(kw, 2) })}`,
    );
  };
  return (
    <ChartFrame
      title={t('carpetTitle')}
      summary={t('carpetSummary', { most: format.number(most, 1) })}
      chart={
        <div class="carpet">
          <div class="carpet-hours" aria-hidden="true">
            {['0:00', '6:00', '12:00', '18:00', '24:00'].map((hour) => (
              <span key={hour}>{hour}</span>
            ))}
          </div>
          <div class="carpet-body">
            <canvas
              ref={canvas}
              width={days}
              height={slots}
              aria-hidden="true"
              onMouseMove={say}
              onMouseLeave={() => setSaid('')}
              onClick={(event) => onDay(series.start + dayAt(event).day * DAY_SECONDS)}
            />
            <div class="carpet-months" aria-hidden="true">
              {monthsOf(series, days).map(({ iso, share }) => (
                <span key={iso} style={{ left: `${share * 100}%` }}>
                  {format.shortMonth(iso)}
                </span>
              ))}
            </div>
          </div>
        </div>
      }
      legend={
        <div class="carpet-legend">
          <span>0</span>
          <span class="carpet-scale" style={{ backgroundImage: carpetGradient(dark) }} />
          <span>{t('kw', { value: format.number(most, 1) })}</span>
          <span class="muted carpet-said">{said || t('carpetHint')}</span>
        </div>
      }
      table={() => <HoursTable series={series} />}
    />
  );
}

interface Painting {
  readonly series: LoadSeries;
  readonly slots: number;
  readonly days: number;
  readonly most: number;
  readonly dark: boolean;
}

/** One pixel a reading; the style sheet stretches it, without smoothing. */
function paint(canvas: HTMLCanvasElement, { series, slots, days, most, dark }: Painting): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const image = context.createImageData(days, slots);
  const colours = carpetColours(dark);
  for (let day = 0; day < days; day++)
    for (let slot = 0; slot < slots; slot++) {
      const kw = series.kw[day * slots + slot];
      // What is missing stays transparent: the ground shows a hatching.
      if (Number.isNaN(kw)) continue;
      const colour = Math.min(Math.max(Math.round((kw / most) * 255), 0), 255) * 3;
      const pixel = (slot * days + day) * 4;
      image.data[pixel] = colours[colour];
      image.data[pixel + 1] = colours[colour + 1];
      image.data[pixel + 2] = colours[colour + 2];
      image.data[pixel + 3] = 255;
    }
  context.putImageData(image, 0, 0);
}

/** The twin: what is to be seen in the carpet is which hours rest, month by month. */
function HoursTable({ series }: { readonly series: LoadSeries }) {
  const t = useTexts(chartsTexts);
  const format = useFormats();
  const rows = useMemo(() => monthHours(series), [series]);
  return (
    <Table
      caption={t('carpetTable')}
      isCaptionShown
      rows={rows}
      rowKey={({ month }) => month}
      columns={[
        { key: 'month', title: t('month'), isHeading: true, cell: ({ month }) => format.shortMonth(month) },
        ...Array.from({ length: 24 }, (_, hour) => ({
          key: String(hour),
          title: String(hour),
          isNumber: true,
          cell: ({ hours }: { readonly hours: readonly (number | null)[] }) => format.number(hours[hour], 1),
        })),
      ]}
    />
  );
}

function monthHours({ kw, minutes, start }: LoadSeries): { month: string; hours: (number | null)[] }[] {
  const sums = new Map<string, { sum: Float64Array; known: Float64Array }>();
  for (let at = 0; at < kw.length; at++) {
    if (Number.isNaN(kw[at])) continue;
    const month = new Date((start + at * minutes * 60) * 1000).toISOString().slice(0, 7);
    const hour = Math.floor(((at * minutes) / 60) % 24);
    const entry = sums.get(month) ?? { sum: new Float64Array(24), known: new Float64Array(24) };
    sums.set(month, entry);
    entry.sum[hour] += kw[at];
    entry.known[hour]++;
  }
  return [...sums].map(([month, { sum, known }]) => ({
    month: `${month}-01`,
    hours: Array.from(sum, (value, hour) => (known[hour] === 0 ? null : value / known[hour])),
  }));
}

/** Where each month begins, as a share of the width; not the first and last ones, which would stick out. */
function monthsOf({ start }: LoadSeries, days: number): { iso: string; share: number }[] {
  const months: { iso: string; share: number }[] = [];
  for (let day = 0; day < days; day++) {
    const iso = new Date((start + day * DAY_SECONDS) * 1000).toISOString();
    if (iso.slice(8, 10) === '01' && day < days - days / 16) months.push({ iso, share: day / days });
  }
  return months;
}

function quantile(values: Float32Array, share: number): number {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  return known.length === 0 ? 1 : Math.max(known[Math.floor((known.length - 1) * share)], 0.5);
}
