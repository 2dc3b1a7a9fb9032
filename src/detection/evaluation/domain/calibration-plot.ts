import type { Calibration, CalibrationBin } from './calibration.js';

const ROWS = 10;
const COLUMNS = 40;

/** Share of miners over mean score for a terminal: `o` a bin, `.` where a calibrated score would lie. */
export function asciiCalibration({ equalWidth }: Calibration): string[] {
  const grid = Array.from({ length: ROWS + 1 }, () => Array<string>(COLUMNS + 1).fill(' '));
  for (let column = 0; column <= COLUMNS; column++) grid[Math.round((column * ROWS) / COLUMNS)][column] = '.';
  for (const { meanScore, minerShare } of equalWidth)
    grid[Math.round(minerShare * ROWS)][Math.round(meanScore * COLUMNS)] = 'o';
  const rows = grid.map((cells, row) => `  ${(row / ROWS).toFixed(1)} |${cells.join('').trimEnd()}`);
  return [
    ...rows.reverse(),
    `      ${'-'.repeat(COLUMNS + 1)}`,
    `      0${' '.repeat(COLUMNS / 2 - 1)}0.5${' '.repeat(COLUMNS / 2 - 3)}1  mean score`,
  ];
}

const SIDE = 400;
const MARGIN = 48;

/** The same as a drawing, with each bin's interval and its number of points. */
export function svgCalibration({ equalWidth, errorEqualWidth }: Calibration): string {
  const x = (value: number) => (MARGIN + value * SIDE).toFixed(1);
  const y = (value: number) => (MARGIN + (1 - value) * SIDE).toFixed(1);
  const bin = ({ meanScore, minerShare, interval, points }: CalibrationBin) =>
    `<line x1="${x(meanScore)}" y1="${y(interval.low)}" x2="${x(meanScore)}" y2="${y(interval.high)}" stroke="#1f5fa8"/>` +
    `<circle cx="${x(meanScore)}" cy="${y(minerShare)}" r="4" fill="#1f5fa8"/>` +
    `<text x="${x(meanScore)}" y="${y(interval.high)}" dy="-4" font-size="10" text-anchor="middle">${points}</text>`;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (value) =>
      `<text x="${x(value)}" y="${y(0)}" dy="16" text-anchor="middle">${value}</text>` +
      `<text x="${x(0)}" y="${y(value)}" dx="-6" dy="4" text-anchor="end">${value}</text>`,
  );
  const size = SIDE + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" font-family="sans-serif" font-size="12">`,
    `<rect width="${size}" height="${size}" fill="#fff"/>`,
    `<rect x="${MARGIN}" y="${MARGIN}" width="${SIDE}" height="${SIDE}" fill="none" stroke="#888"/>`,
    `<line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke="#888" stroke-dasharray="4"/>`,
    ...ticks,
    ...equalWidth.map(bin),
    `<text x="${x(0.5)}" y="${size - 8}" text-anchor="middle">mean score</text>`,
    `<text transform="translate(14 ${size / 2}) rotate(-90)" text-anchor="middle">share of miners</text>`,
    `<text x="${x(0.5)}" y="24" text-anchor="middle">calibration error ${errorEqualWidth.toFixed(3)}; 95 % intervals; points by bin</text>`,
    '</svg>',
    '',
  ].join('\n');
}
