/** One dashboard as a picture: its panels where Grafana would put them, drawn from the answers to their own queries. */

const COLUMN = 60;
const ROW = 38;
const GAP = 8;
const COLOURS = [
  '#3274d9',
  '#e0752d',
  '#37872d',
  '#8f3bb8',
  '#c4162a',
  '#0e9f9a',
  '#b8860b',
  '#7a7a7a',
  '#d44a9c',
  '#5a67d8',
];
const INK = '#1f2430';
const FAINT = '#6b7280';

/** `panels`: of the dashboard's JSON, each with `series` ({ name, points: [[seconds, value]] }) or `table` ({ columns, rows, isPlain: numbers as they are }). */
export function sheetSvg({ title, question, panels, from, to }) {
  const bottom = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const [width, height] = [24 * COLUMN, bottom * ROW + 64];
  const body = panels.map((panel) => place(panel, { from, to })).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="DejaVu Sans, Arial, sans-serif">
<rect width="${width}" height="${height}" fill="#f4f5f7"/>
${text(14, 28, title, { size: 20, weight: 600 })}
${text(14, 50, question, { size: 13, fill: FAINT })}
${body}
</svg>
`;
}

function place(panel, time) {
  const { x, y, w, h } = panel.gridPos;
  const box = { x: x * COLUMN + GAP / 2, y: y * ROW + 64, w: w * COLUMN - GAP, h: h * ROW - GAP };
  if (panel.type === 'row') return text(box.x + 4, box.y + 22, panel.title, { size: 15, weight: 600 });
  const inner = { x: box.x + 12, y: box.y + 36, w: box.w - 24, h: box.h - 48 };
  const draw = { timeseries: drawGraph, stat: drawFigures, table: drawTable }[panel.type];
  return `<g><rect x="${box.x}" y="${box.y}" width="${box.w}" height="${box.h}" rx="4" fill="#fff" stroke="#d5d9e0"/>
${text(box.x + 12, box.y + 22, panel.title, { size: 13, weight: 600 })}
${draw(panel, inner, time)}</g>`;
}

const MOST_LEGENDS = 12;

function drawGraph(panel, box, { from, to }) {
  const unit = panel.fieldConfig.defaults.unit;
  const stacked = panel.fieldConfig.defaults.custom?.stacking?.mode === 'normal';
  const series = stacked ? stack(panel.series) : panel.series;
  if (series.length === 0) return nothing(box);
  const named = panel.options?.legend?.showLegend === true;
  const legends = named ? legendRows(panel.series, box.w) : [];
  const plot = { x: box.x + 58, y: box.y, w: box.w - 58, h: box.h - 20 - legends.length * 16 };
  const top = niceTop(Math.max(0, ...series.flatMap(({ points }) => points.map(([, value]) => value))));
  const atX = (seconds) => plot.x + ((seconds - from) / (to - from)) * plot.w;
  const atY = (value) => plot.y + plot.h - (value / top) * plot.h;
  const lines = [0, 0.5, 1].map((share) => {
    const y = atY(top * share);
    return `<line x1="${plot.x}" x2="${plot.x + plot.w}" y1="${y}" y2="${y}" stroke="#e6e9ee"/>${text(plot.x - 6, y + 4, shown(top * share, unit), { size: 10, fill: FAINT, anchor: 'end' })}`;
  });
  const limit = thresholdOf(panel);
  if (limit !== null && limit <= top)
    lines.push(
      `<line x1="${plot.x}" x2="${plot.x + plot.w}" y1="${atY(limit)}" y2="${atY(limit)}" stroke="#c4162a" stroke-dasharray="5 4"/>`,
    );
  const curves = series.map(({ points }, index) => {
    const path = points
      .map(([seconds, value]) => `${atX(seconds).toFixed(1)},${atY(value).toFixed(1)}`)
      .join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colour(index)}" stroke-width="1.6"/>`;
  });
  const times = [from, to].map((seconds, index) =>
    text(index === 0 ? plot.x : plot.x + plot.w, plot.y + plot.h + 14, clock(seconds), {
      size: 10,
      fill: FAINT,
      anchor: index === 0 ? 'start' : 'end',
    }),
  );
  const marks = legends.flatMap((row, line) =>
    row.map(({ name, index, x }) => {
      const y = plot.y + plot.h + 32 + line * 16;
      return `<rect x="${box.x + x}" y="${y - 8}" width="10" height="4" fill="${colour(index)}"/>${text(box.x + x + 14, y - 2, name, { size: 11 })}`;
    }),
  );
  return [...lines, ...curves, ...times, ...marks].join('\n');
}

function legendRows(series, width) {
  const rows = [[]];
  let x = 0;
  series.slice(0, MOST_LEGENDS).forEach(({ name }, index) => {
    const label =
      index === MOST_LEGENDS - 1 && series.length > MOST_LEGENDS ? `… ${series.length - index} more` : name;
    const needed = 24 + label.length * 6.6;
    if (x > 0 && x + needed > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1).push({ name: label, index, x });
    x += needed;
  });
  return rows;
}

function stack(series) {
  const below = new Map();
  return series.map(({ name, points }) => ({
    name,
    points: points.map(([seconds, value]) => {
      const sum = (below.get(seconds) ?? 0) + value;
      below.set(seconds, sum);
      return [seconds, sum];
    }),
  }));
}

function drawFigures(panel, box) {
  const { unit } = panel.fieldConfig.defaults;
  const { series } = panel;
  if (series.length === 0) return nothing(box);
  const columns = series.length > 3 ? 2 : 1;
  const lines = Math.ceil(series.length / columns);
  const size = Math.min(30, (box.h / lines) * 0.5);
  return series
    .map(({ name, points }, index) => {
      const x = box.x + (index % columns) * (box.w / columns);
      const y = box.y + (Math.floor(index / columns) + 0.62) * (box.h / lines);
      const value = shown(points.at(-1)[1], unit);
      return (
        text(x, y, value, { size, weight: 600, fill: '#37872d' }) +
        text(x + 10 + value.length * size * 0.66, y, name, { size: 12, fill: FAINT })
      );
    })
    .join('\n');
}

function drawTable(panel, box) {
  const { columns, rows, isPlain = false } = panel.table;
  if (rows.length === 0) return nothing(box);
  const { unit } = panel.fieldConfig.defaults;
  const room = Math.floor(box.h / 20) - 1;
  // A long last line says how many there are besides.
  const fitting = rows.length > room ? rows.slice(0, room - 1) : rows;
  const step = box.w / columns.length;
  const line = (cells, index, look) =>
    cells
      .map((cell, column) => {
        const isNumber = typeof rows[0][column] === 'number';
        const x = box.x + column * step + (isNumber ? step - 8 : 0);
        const label = typeof cell === 'number' && !isPlain ? shown(cell, unit) : String(cell ?? '');
        return text(x, box.y + 12 + index * 20, clip(label, step / 6.4), {
          size: 11,
          anchor: isNumber ? 'end' : 'start',
          ...look,
        });
      })
      .join('');
  return [
    line(columns, 0, { fill: FAINT }),
    ...fitting.map((cells, index) => line(cells, index + 1, {})),
    ...(fitting.length < rows.length
      ? [
          text(box.x, box.y + 12 + room * 20, `… ${rows.length - fitting.length} more`, {
            size: 11,
            fill: FAINT,
          }),
        ]
      : []),
  ].join('\n');
}

function nothing({ x, y, w, h }) {
  return text(x + w / 2, y + h / 2, 'No data', { size: 13, fill: FAINT, anchor: 'middle' });
}

function thresholdOf({ fieldConfig }) {
  const steps = fieldConfig.defaults.thresholds?.steps ?? [];
  return steps.find(({ value }) => value !== null && value !== undefined)?.value ?? null;
}

function niceTop(most) {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= most);
}

const SECONDS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
  [1e-3, 'ms'],
  [1e-6, 'µs'],
];
const SI = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
];
const SUFFIX = {
  reqps: ' req/s',
  cps: '/s',
  ops: '/s',
  Bps: 'B/s',
  bytes: 'B',
  watt: 'W',
  kwatt: 'kW',
  currencyRUB: ' ₽',
  short: '',
};

/** A number as Grafana's unit shows it, nearly. */
function shown(value, unit) {
  if (unit === 'percentunit') return `${round(value * 100)} %`;
  if (value === 0) return unit === 's' ? '0 s' : withUnit('0', '', SUFFIX[unit]);
  if (unit === 's') {
    const [size, name] = SECONDS.find(([least]) => Math.abs(value) >= least) ?? SECONDS.at(-1);
    return `${round(value / size)} ${name}`;
  }
  const [size, prefix] = SI.find(([least]) => Math.abs(value) >= least) ?? [1, ''];
  return withUnit(round(value / size), prefix, SUFFIX[unit]);
}

/** A rate is written close: 5/s. */
function withUnit(number, prefix, suffix = '') {
  const unit = `${prefix}${suffix.trim()}`;
  return unit === '' || unit.startsWith('/') ? `${number}${unit}` : `${number} ${unit}`;
}

function round(value) {
  return String(Number(value.toPrecision(3)));
}

function clock(seconds) {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}

function colour(index) {
  return COLOURS[index % COLOURS.length];
}

function clip(label, letters) {
  return label.length > letters ? `${label.slice(0, Math.max(1, letters - 1))}…` : label;
}

function text(x, y, content, { size = 12, weight = 400, fill = INK, anchor = 'start' } = {}) {
  const safe = String(content).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size.toFixed(1)}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${safe}</text>`;
}
