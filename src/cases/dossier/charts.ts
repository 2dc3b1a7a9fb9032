import { dayFromIso, monthStart } from '../../grid/domain/calendar.js';
import { CARPET_PALETTE, carpetOf } from './domain/carpet.js';
import type { DossierCurve, DossierDay } from './dossier.js';
import type { Formats } from './formats.js';
import { html, type Html } from './html.js';
import { indexedPng } from './png.js';
import { TEXTS } from './texts.js';
import type { CasePage } from '../case-page.js';

const WIDTH = 1000;
const HEIGHT = 280;
const LEFT = 46;
const BOTTOM = 26;
const TOP = 8;

/** Where a value lies on paper. */
interface Scale {
  x(index: number): number;
  y(value: number): number;
}

/** Mean load of each day, with the neighbours' band, the quota's pace, when it began, and what was not measured. */
export function curveChart(curve: DossierCurve, formats: Formats): Html {
  const { days } = curve;
  const kw = days.map(({ kwh }) => meanKw(kwh));
  const quota = paces(curve);
  const most = Math.max(
    0.1,
    ...kw
      .concat(
        quota,
        days.map(({ p90_kwh }) => meanKw(p90_kwh)),
      )
      .map((v) => v ?? 0),
  );
  const scale = scaleOf(days.length, most * 1.06);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${formats.say(TEXTS.curve)}">
    <defs>
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="3" height="6" fill="#b5730e" fill-opacity="0.55" />
      </pattern>
    </defs>
    ${grid(scale, most, formats)}${monthTicks(curve, scale, formats)}
    <path d="${bandPath(days, scale)}" fill="#9bb7d4" fill-opacity="0.5" />
    ${onsetMark(curve, scale)}
    <path
      d="${linePath(quota, scale, true)}"
      fill="none"
      stroke="#a33"
      stroke-width="1.4"
      stroke-dasharray="7 4"
    />
    <path
      d="${linePath(kw, scale)}"
      fill="none"
      stroke="#14213d"
      stroke-width="1.6"
      stroke-linejoin="round"
    />
    ${days.flatMap((day, index) => (day.estimated ? [estimateMark(index, scale)] : []))}
  </svg>`;
}

/** Day by hour: what draws without a pause is a solid band. Rows are days, the oldest first. */
export function carpetChart(curve: DossierCurve, formats: Formats): Html {
  const { pixels, days, topKw } = carpetOf(curve.hourly);
  // A year fills half a page; a few weeks are not blown up to it.
  const height = Math.min(120, Math.max(30, days / 3));
  const png = indexedPng({ width: 24, height: days }, pixels, CARPET_PALETTE).toString('base64');
  const label = formats.say(TEXTS.carpet);
  return html`<div class="carpet">
    <img alt="${label}" style="height: ${height}mm" src="data:image/png;base64,${png}" />
    <div class="hours">${[0, 6, 12, 18, 24].map((hour) => html`<span>${hour}</span>`)}</div>
    <p class="key">
      <span>0</span
      >${CARPET_PALETTE.slice(1).map(([r, g, b]) => html`<i style="background:rgb(${r} ${g} ${b})"></i>`)}<span
        >≥ ${formats.number(topKw, 1)} ${formats.say(TEXTS.kw)}</span
      >
      <i style="background:rgb(${CARPET_PALETTE[0].join(' ')})"></i><span>${formats.say(TEXTS.missing)}</span>
    </p>
  </div>`;
}

/** Months against their quota. */
export function monthsChart(months: CasePage['months'], formats: Formats): Html {
  const most = Math.max(1, ...months.flatMap(({ unit_kwh, limit_kwh }) => [unit_kwh, limit_kwh])) * 1.08;
  const scale = scaleOf(Math.max(1, months.length), most);
  const width = (WIDTH - LEFT) / Math.max(1, months.length);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${formats.say(TEXTS.months)}">
    ${grid(scale, most, formats)}
    ${months.map((month, index) => {
      const x = scale.x(index) + width * 0.15;
      const tops = month.bands.map((_, band) =>
        month.bands.slice(0, band + 1).reduce((sum, { kwh }) => sum + kwh, 0),
      );
      return html`${tops.map(
          (top, band) =>
            html`<rect
              x="${round(x)}"
              width="${round(width * 0.7)}"
              y="${round(scale.y(top))}"
              height="${round(scale.y(tops[band - 1] ?? 0) - scale.y(top))}"
              fill="${BANDS[band] ?? BANDS[BANDS.length - 1]}"
            />`,
        )}<line
          x1="${round(scale.x(index))}"
          x2="${round(scale.x(index) + width)}"
          y1="${round(scale.y(month.limit_kwh))}"
          y2="${round(scale.y(month.limit_kwh))}"
          stroke="#a33"
          stroke-width="1.6"
          stroke-dasharray="7 4"
        />
        <text x="${round(scale.x(index) + width / 2)}" y="${HEIGHT - 8}" text-anchor="middle"
          >${formats.month(month.month)}</text
        >`;
    })}
  </svg>`;
}

const BANDS = ['#9bb7d4', '#4f7cac', '#1f3a5f'];

function meanKw(kwh: number | null): number | null {
  return kwh === null ? null : kwh / 24;
}

/** kW that would just use the month's quota up, day by day; null where there is none. */
function paces({ days, quota }: DossierCurve): (number | null)[] {
  const ofMonth = new Map(quota.map(({ month, kwh_per_day }) => [dayFromIso(month), kwh_per_day / 24]));
  return days.map(({ day }) => ofMonth.get(monthStart(dayFromIso(day)!)) ?? null);
}

function scaleOf(count: number, most: number): Scale {
  return {
    x: (index) => LEFT + (index / count) * (WIDTH - LEFT),
    y: (value) => TOP + (1 - value / most) * (HEIGHT - TOP - BOTTOM),
  };
}

function grid(scale: Scale, most: number, formats: Formats): Html[] {
  const step = niceStep(most / 6);
  const lines = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
  const digits = step < 1 ? 1 : 0;
  return lines.map(
    (value) =>
      html`<line
          x1="${LEFT}"
          x2="${WIDTH}"
          y1="${round(scale.y(value))}"
          y2="${round(scale.y(value))}"
          stroke="#d5d8de"
        />
        <text x="${LEFT - 6}" y="${round(scale.y(value) + 4)}" text-anchor="end"
          >${formats.number(value, digits)}</text
        >`,
  );
}

/** 1, 2 or 5 times a power of ten, not below what is asked for. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5, 10].find((times) => times * power >= least) ?? 10);
}

function monthTicks({ days }: DossierCurve, scale: Scale, formats: Formats): Html[] {
  return days.flatMap(({ day }, index) =>
    day.endsWith('-01')
      ? [
          html`<line
              x1="${round(scale.x(index))}"
              x2="${round(scale.x(index))}"
              y1="${TOP}"
              y2="${HEIGHT - BOTTOM}"
              stroke="#eceef1"
            />
            <text x="${round(scale.x(index) + 3)}" y="${HEIGHT - 8}">${formats.tick(day)}</text>`,
        ]
      : [],
  );
}

function onsetMark({ onset, from }: DossierCurve, scale: Scale): Html | null {
  if (onset === null) return null;
  const at = (day: string) => Math.max(0, dayFromIso(day)! - dayFromIso(from)!);
  const [first, last] = [scale.x(at(onset.from)), scale.x(at(onset.to) + 1)];
  return html`<rect
    x="${round(first)}"
    width="${round(Math.max(2, last - first))}"
    y="${TOP}"
    height="${HEIGHT - TOP - BOTTOM}"
    fill="#e9a23b"
    fill-opacity="0.3"
  />`;
}

function estimateMark(index: number, scale: Scale): Html {
  const width = scale.x(index + 1) - scale.x(index);
  return html`<rect
    x="${round(scale.x(index))}"
    width="${round(width)}"
    y="${HEIGHT - BOTTOM - 12}"
    height="12"
    fill="url(#hatch)"
  />`;
}

/** Broken where values are missing; `steps` holds a value over its whole day. */
function linePath(values: readonly (number | null)[], scale: Scale, steps = false): string {
  let isDrawing = false;
  return values
    .map((value, index) => {
      if (value === null) return ((isDrawing = false), '');
      const move = isDrawing ? 'L' : 'M';
      isDrawing = true;
      const y = round(scale.y(value));
      if (steps) return `${move}${round(scale.x(index))} ${y}L${round(scale.x(index + 1))} ${y}`;
      const next = values[index + 1] ?? null;
      // A day between two gaps would be no line at all.
      const alone = move === 'M' && next === null ? 'h1.5' : '';
      return `${move}${round(scale.x(index + 0.5))} ${y}${alone}`;
    })
    .join('');
}

/** The band's areas, one for each stretch of days that has one. */
function bandPath(days: readonly DossierDay[], scale: Scale): string {
  const stretches: number[][] = [];
  days.forEach(({ p10_kwh }, index) => {
    if (p10_kwh === null) return;
    if (index === 0 || days[index - 1].p10_kwh === null) stretches.push([]);
    stretches[stretches.length - 1].push(index);
  });
  return stretches
    .map((indexes) => {
      const at = (index: number, kwh: number | null) =>
        `${round(scale.x(index + 0.5))} ${round(scale.y((kwh ?? 0) / 24))}`;
      const upper = indexes.map((index) => at(index, days[index].p90_kwh));
      const lower = [...indexes].reverse().map((index) => at(index, days[index].p10_kwh));
      return `M${upper.join('L')}L${lower.join('L')}Z`;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
