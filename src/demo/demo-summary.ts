/** What the demo found, as it is told at the end. */
export interface DemoReport {
  readonly points: number;
  readonly days: number;
  readonly seed: number;
  /** Exclusive end of what was judged, ISO date. */
  readonly asOf: string;
  readonly flagged: readonly FlaggedPoint[];
  readonly hidden: readonly HiddenLoad[];
  readonly outcomes: readonly ClassOutcome[];
}

/** Mining is suspected; a broken quota is measured, whoever used the energy and for what. */
export type FlagKind = 'mining_suspected' | 'quota_exceeded' | 'quota_forecast';

export interface FlaggedPoint {
  readonly meteringPoint: string;
  readonly kind: FlagKind;
  readonly score: number;
  /** Over the last 30 days. */
  readonly kwhPerMonth: number;
  /** ISO date since when the load is there; null when nothing dates it. */
  readonly since: string | null;
  /** Steady power suspected of mining; null when no finding measures it. */
  readonly suspectedKw: number | null;
  readonly reason: string;
}

/** Load under a transformer that no meter sees. */
export interface HiddenLoad {
  readonly transformer: string;
  readonly score: number;
  readonly since: string | null;
  readonly reason: string;
  /** Metering points under it. */
  readonly households: readonly string[];
}

/**
 * One class of the truth file: how many points it has, how many are suspected, how many only break the quota, and how many
 * are not flagged themselves but draw past the meter under a transformer that is.
 */
export interface ClassOutcome {
  readonly name: string;
  readonly isMiner: boolean;
  readonly points: number;
  readonly suspected: number;
  readonly overQuota: number;
  readonly throughTransformer: number;
}

export interface Terminal {
  readonly columns: number;
  readonly colour: boolean;
}

/** More flagged points than this are counted, not listed: the list is a taste, the API has them all. */
const LISTED = 10;
/** Where a reason starts, under the numbers it explains. */
const REASON_INDENT = 9;
const NARROWEST_REASON = 40;

/** The closing page of `gridwarden demo`: who was flagged and why, who was spared, and how that compares with the truth. */
export function renderSummary(report: DemoReport, terminal: Terminal): string {
  const paint = painter(terminal.colour);
  return [
    '',
    ...flaggedTable(report, terminal, paint),
    '',
    ...hiddenTable(report, terminal, paint),
    ...comparison(report.outcomes, paint),
    '',
    paint.dim(
      '  A flag is a suspicion with its reasons: a meter shows consumption, and only an inspector confirms.',
    ),
    '',
  ].join('\n');
}

/** Where to look next, when the service stays up. */
export function renderNextSteps(url: string, dataDir: string, colour: boolean): string {
  const paint = painter(colour);
  const lines = [
    ['the alerts, with their reasons', `curl -s '${url}/api/v1/alerts?limit=3'`],
    [
      'the same on the command line',
      `GRIDWARDEN_DATA_DIR=${dataDir} npm run gridwarden -- alerts --format csv`,
    ],
    ['the files it was made from', `${dataDir}/region`],
    ['what Prometheus scrapes', `curl -s ${url}/metrics | grep ^gridwarden_`],
    ['the API, to try in a browser', `${url}/api/docs`],
  ];
  return [
    '',
    paint.bold('  Open next'),
    ...lines.map(([what, where]) => `  ${what.padEnd(32)}${paint.cyan(where)}`),
    '',
    paint.dim(`  Listening on ${url}, for this machine only until people and keys exist. Ctrl-C stops it.`),
    '',
  ].join('\n');
}

/** A suspicion is never certain, and must not be rounded up to look so. */
function probability(score: number): string {
  return score > 0.999 ? '>0.999' : score.toFixed(3);
}

function flaggedTable(report: DemoReport, terminal: Terminal, paint: Painter): string[] {
  const { flagged, points, days, asOf } = report;
  const title = `  ${count(flagged.length)} of ${count(points)} metering points flagged`;
  const about = `  ${days} days up to ${asOf}, simulated with seed ${report.seed}`;
  if (flagged.length === 0) return [paint.bold(title), paint.dim(about)];
  const listed = flagged.slice(0, LISTED);
  const rows = listed.flatMap((point) => [
    [
      paint.red(probability(point.score).padStart(7)),
      count(point.kwhPerMonth).padStart(9),
      (point.since ?? '–').padEnd(10),
      (point.suspectedKw === null ? '–' : point.suspectedKw.toFixed(1)).padStart(7),
      `${paint.bold(point.meteringPoint)}  ${words(point.kind)}`,
    ].join('  '),
    ...reasonLines(point.reason, terminal),
  ]);
  const rest = flagged.length - listed.length;
  return [
    paint.bold(title),
    paint.dim(about),
    '',
    paint.dim('  score   kWh/30 d  since       kW susp.  metering point, kind, main reason'),
    ...rows,
    ...(rest > 0 ? [paint.dim(`  … and ${count(rest)} more`)] : []),
  ];
}

function hiddenTable({ hidden }: DemoReport, terminal: Terminal, paint: Painter): string[] {
  if (hidden.length === 0) return [];
  return [
    paint.bold(`  ${count(hidden.length)} transformer(s) with load that no meter sees`),
    ...hidden
      .slice(0, LISTED)
      .flatMap(({ transformer, score, since, reason }) => [
        `${paint.red(probability(score).padStart(7))}  ${' '.repeat(9)}  ${(since ?? '–').padEnd(10)}  ${' '.repeat(7)}  ${paint.bold(transformer)}`,
        ...reasonLines(reason, terminal),
      ]),
    '',
  ];
}

function reasonLines(reason: string, terminal: Terminal): string[] {
  const columns = Math.max(NARROWEST_REASON, terminal.columns - REASON_INDENT);
  return wrap(reason, columns).map((line) => ' '.repeat(REASON_INDENT) + line);
}

function comparison(outcomes: readonly ClassOutcome[], paint: Painter): string[] {
  const miners = outcomes.filter(({ isMiner }) => isMiner);
  const innocent = outcomes.filter(({ isMiner }) => !isMiner);
  const width = Math.max(0, ...outcomes.map(({ name }) => words(name).length));
  const line = (name: string, good: number, points: number): string =>
    `  ${words(name).padEnd(width)}  ${count(good).padStart(6)} of ${count(points)}`;
  return [
    paint.bold(
      `  ${count(sum(miners, (outcome) => flaggedOf(outcome) + outcome.throughTransformer))} of ${count(sum(miners, ({ points }) => points))} miners found`,
    ),
    ...miners.map((outcome) => {
      const text = line(outcome.name, flaggedOf(outcome), outcome.points);
      const { throughTransformer } = outcome;
      const more = throughTransformer > 0 ? `  ${count(throughTransformer)} more by the transformer` : '';
      return flaggedOf(outcome) + throughTransformer === outcome.points
        ? paint.green(text + more)
        : text + more;
    }),
    '',
    paint.bold(
      `  ${count(sum(innocent, sparedOf))} of ${count(sum(innocent, ({ points }) => points))} innocent spared`,
    ),
    ...innocent.map((outcome) => {
      const { name, points, suspected, overQuota } = outcome;
      const notes = [line(name, sparedOf(outcome), points)];
      if (suspected > 0) notes.push(paint.red(`${count(suspected)} wrongly suspected`));
      if (overQuota > 0) notes.push(paint.yellow(`${count(overQuota)} above the quota, to be explained`));
      return notes.join('  ');
    }),
  ];
}

function flaggedOf({ suspected, overQuota }: ClassOutcome): number {
  return suspected + overQuota;
}

function sparedOf(outcome: ClassOutcome): number {
  return outcome.points - flaggedOf(outcome);
}

function sum(outcomes: readonly ClassOutcome[], of: (outcome: ClassOutcome) => number): number {
  return outcomes.reduce((total, outcome) => total + of(outcome), 0);
}

/** `electric_boiler` → `electric boiler`: the truth file's classes are identifiers. */
function words(name: string): string {
  return name.replaceAll(/[_-]/g, ' ');
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Breaks between words; a word longer than a line stays whole. */
function wrap(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1];
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

interface Painter {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

function painter(colour: boolean): Painter {
  const ansi =
    (on: number, off: number) =>
    (text: string): string =>
      colour ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return {
    bold: ansi(1, 22),
    dim: ansi(2, 22),
    red: ansi(31, 39),
    green: ansi(32, 39),
    yellow: ansi(33, 39),
    cyan: ansi(36, 39),
  };
}
