import { stringify } from 'csv-stringify/sync';
import { DOUBTS, type LearningReport } from './domain/learn-weights.js';
import type { Difference, ShadowSummary } from './domain/shadow.js';
import { STARTING_VERSION } from './domain/weight-set.js';
import type { ImportSummary } from './import-outcomes.js';
import type { StoredWeightSet } from './weight-sets.js';

export const WEIGHTS_FORMATS = ['table', 'json'] as const;
export type WeightsFormat = (typeof WEIGHTS_FORMATS)[number];
export const SHADOW_FORMATS = ['table', 'csv', 'json'] as const;
export type ShadowFormat = (typeof SHADOW_FORMATS)[number];

/** Of either list in a table; csv and json hold all. */
const TABLE_ROWS = 25;
const REFUSED_SHOWN = 50;

export function listText(sets: readonly StoredWeightSet[], format: WeightsFormat): string {
  if (format === 'json')
    return json(sets.map((set) => ({ ...set, status: statusOf(set, sets), report: undefined })));
  if (sets.length === 0) return 'No weights were fitted yet: the starting weights are in force.\n';
  const rows = sets.map((set) => [
    set.version,
    statusOf(set, sets),
    set.origin,
    set.createdAt.toISOString().slice(0, 16),
    set.report === null ? '' : `${set.report.decisions}`,
    set.report === null ? '' : verdictOf(set.report),
    set.activatedBy ?? '',
  ]);
  return table(['version', 'status', 'origin', 'created', 'decisions', 'verdict', 'adopted by'], rows);
}

/** A release's own table is in force while nothing has been adopted, without having been. */
function statusOf(set: StoredWeightSet, sets: readonly StoredWeightSet[]): string {
  const adopted = sets.some(({ status }) => status === 'active');
  return !adopted && set.version === STARTING_VERSION ? 'in force' : set.status;
}

export function setText(set: StoredWeightSet, format: WeightsFormat): string {
  if (format === 'json') return json(set);
  const { version, status, origin, createdAt, parent, report, weights, priorShift } = set;
  const head = `${version}  ${status}, ${origin}, ${createdAt.toISOString()}${parent === null ? '' : `, while ${parent} was in force`}\n`;
  if (report !== null && report.coefficients.length > 0) return `${head}${reportText(report)}`;
  const rows = Object.entries(weights).map(([name, weight]) => [
    name,
    number(weight.for),
    number(weight.against),
  ]);
  const doubts = report === null ? '' : `${doubtsText(report)}\n`;
  return `${head}${table(['detector', 'for', 'against'], rows)}${doubts}all priors ${signed(priorShift)}\n`;
}

export function reportText(report: LearningReport): string {
  const { decisions, confirmed, dismissed, targeted, audited, sampling, crossValidation } = report;
  const rows = report.coefficients.map(
    ({ detector, direction, start, fitted, standardError, decisions: spoke }) => [
      detector,
      direction,
      number(start),
      number(fitted),
      standardError === null ? 'at its bound' : `±${number(standardError)}`,
      signed(fitted - start),
      `${spoke}`,
    ],
  );
  const lines = [
    `${decisions} decisions: ${confirmed} confirmed, ${dismissed} dismissed; ${targeted} targeted, ${audited} audited`,
    ...(sampling === null
      ? []
      : [
          `sampling: an audit drew a household with ${number(sampling.auditProbability)}; ${sampling.truncated} weights cut at ` +
            `${number(sampling.cap)}, all scaled by ${number(sampling.scale)}`,
        ]),
    ...(crossValidation === null
      ? []
      : [
          `unseen decisions, log-loss: ${number(crossValidation.logLossStarting)} starting, ` +
            `${number(crossValidation.logLossFitted)} fitted, gain ${number(crossValidation.gain)} ` +
            `±${number(crossValidation.gainStandardError)} (${crossValidation.folds} folds)`,
        ]),
    ...Object.entries(report.unknownVersions).map(
      ([version, left]) => `left out: ${left} decisions made by unknown weights ${version}`,
    ),
    ...(report.unknownDetectors.length === 0
      ? []
      : [`not fitted, taken as they stand: ${report.unknownDetectors.join(', ')}`]),
    doubtsText(report),
  ];
  const columns = ['detector', 'direction', 'start', 'fitted', 'error', 'change', 'decisions'];
  return `${rows.length === 0 ? '' : table(columns, rows)}${lines.join('\n')}\n`;
}

function doubtsText(report: LearningReport): string {
  const doubts = report.doubts.map((doubt) => `  - ${DOUBTS[doubt]}`);
  return [verdictOf(report), ...doubts].join('\n');
}

function verdictOf({ worthAdopting }: LearningReport): string {
  return worthAdopting ? 'worth adopting' : 'not worth adopting';
}

export function shadowText(summary: ShadowSummary, format: ShadowFormat): string {
  if (format === 'json') return json(summary);
  if (format === 'csv') return differencesCsv(summary.differences);
  const { points, notReproduced, becoming, ceasing, notListed } = summary;
  const lines = [
    `${points} scores weighed anew: ${summary.caseWorthyBefore} were worthy of a case, ${summary.caseWorthyAfter} would be ` +
      `(${becoming} more, ${ceasing} no longer)`,
    `scores would change by ${number(summary.meanChange)} on average and ${number(summary.largestChange)} at most`,
    ...(notReproduced === 0
      ? []
      : [
          `${notReproduced} not compared: their stored evidence does not add up to their score; score anew first`,
        ]),
  ];
  const groups = summary.groups
    .slice(0, TABLE_ROWS)
    .map(({ territory, heating, ...counts }) => [
      territory,
      heating,
      `${counts.becoming}`,
      `${counts.ceasing}`,
    ]);
  const of = (change: Difference['change']) => {
    const all = summary.differences.filter((difference) => difference.change === change);
    if (all.length === 0) return '';
    const rows = all
      .slice(0, TABLE_ROWS)
      .map(({ meteringPoint, territory, before, after }) => [
        meteringPoint,
        territory,
        before.score.toFixed(3),
        after.score.toFixed(3),
      ]);
    const more = all.length > TABLE_ROWS ? `${all.length - TABLE_ROWS} more; --format csv shows them\n` : '';
    return `\n${TITLES[change]}\n${table(['metering_point', 'territory', 'before', 'after'], rows)}${more}`;
  };
  const grouped =
    groups.length === 0 ? '' : `\n${table(['territory', 'heating', 'more cases', 'fewer cases'], groups)}`;
  const beyond = notListed > 0 ? `${notListed} changed verdicts are counted and not listed\n` : '';
  return `${lines.join('\n')}\n${grouped}${of('becomes_case_worthy')}${of('ceases_case_worthy')}${of('score')}${beyond}`;
}

const TITLES: Readonly<Record<Difference['change'], string>> = {
  becomes_case_worthy: 'would become worthy of a case',
  ceases_case_worthy: 'would no longer be worthy of a case',
  score: 'same verdict, largest changes of score',
};

function differencesCsv(differences: readonly Difference[]): string {
  const rows = differences.map(({ meteringPoint, territory, electricHeating, change, before, after }) => ({
    metering_point: meteringPoint,
    territory,
    electric_heating: electricHeating === null ? '' : String(electricHeating),
    change,
    score_before: before.score,
    score_after: after.score,
    kind_before: before.kind,
    kind_after: after.kind,
  }));
  const columns = [
    'metering_point',
    'territory',
    'electric_heating',
    'change',
    'score_before',
    'score_after',
    'kind_before',
    'kind_after',
  ];
  // A cell that a spreadsheet would run as a formula is quoted: ids come from outside.
  return stringify(rows, { header: true, columns, escape_formulas: true });
}

export function refusedText({ refused }: ImportSummary): string {
  const lines = refused
    .slice(0, REFUSED_SHOWN)
    .map(({ line, field, reason }) => `line ${line}${field === '' ? '' : `, ${field}`}: ${reason}\n`);
  const more = refused.length > REFUSED_SHOWN ? `and ${refused.length - REFUSED_SHOWN} more\n` : '';
  return lines.join('') + more;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${number(Math.abs(value))}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
