import type uPlot from 'uplot';
import { colourOf } from './colours.js';
import { DAY_SECONDS, runsOf, type LoadSeries } from './load-series.js';
import type { Onset } from './load-span.js';

/** The interval of the beginning, and hatching where readings were estimated: behind the curve, so that it stays whole. */
export function drawBehind(
  plot: uPlot,
  { start, minutes, isEstimated }: LoadSeries,
  onset: Onset | null,
): void {
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
