import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useSettings } from '../../app/settings.js';
import { useFormats, useTexts } from '../../i18n/use-texts.js';
import { transformersTexts } from './transformers.texts.js';
import type { TransformerLoad } from './types.js';

const HEIGHT = 320;

/** Mean kW by slot: what flows in, what is metered, what is left over. Gaps stay gaps. */
export function LoadChart({ load }: { readonly load: TransformerLoad }) {
  const t = useTexts(transformersTexts);
  const format = useFormats();
  const { theme } = useSettings();
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = ref.current;
    if (place === null) return;
    const colour = (name: string) => getComputedStyle(place).getPropertyValue(name).trim();
    const line = (label: string, stroke: string, width = 1.25): uPlot.Series => ({
      label,
      stroke: colour(stroke),
      width,
      points: { show: false },
    });
    const axis = { stroke: colour('--ink-2'), grid: { stroke: colour('--chart-grid'), width: 1 } };
    const plot = new uPlot(
      {
        width: place.clientWidth,
        height: HEIGHT,
        // Slots are local: the axis shows the clock of the place, and the browser's zone does not matter.
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
        legend: { show: false },
        cursor: { drag: { x: true, y: false } },
        axes: [
          {
            ...axis,
            values: (_, splits) =>
              splits.map((seconds) => format.shortDay(new Date(seconds * 1000).toISOString())),
          },
          { ...axis, size: 56, values: (_, splits) => splits.map((kw) => format.number(kw, kw % 1 ? 1 : 0)) },
        ],
        series: [
          {},
          line(t('flowsIn'), '--ink'),
          line(t('metered'), '--chart-load'),
          line(t('rest'), '--chart-quota', 1.75),
        ],
      },
      [
        timesOf(load),
        ...[load.in_kwh, load.metered_kwh, load.rest_kwh].map((kwh) => kwOf(kwh, load.minutes)),
      ] as uPlot.AlignedData,
      place,
    );
    const watcher = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT }));
    watcher.observe(place);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, [load, theme, format, t]);
  return <div ref={ref} class="load-chart" aria-hidden="true" />;
}

/** Local seconds of each slot, as if the place kept UTC. */
function timesOf({ from, minutes, in_kwh: slots }: TransformerLoad): number[] {
  const start = Date.parse(`${from}T00:00:00Z`) / 1000;
  return slots.map((_, index) => start + index * minutes * 60);
}

export function kwOf(kwh: readonly (number | null)[], minutes: number): (number | null)[] {
  return kwh.map((value) => (value === null ? null : (value * 60) / minutes));
}
