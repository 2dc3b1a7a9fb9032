import { isoFromDay } from '../../grid/domain/calendar.js';
import type { ClassShare } from './domain/evaluation-report.js';
import type { Evaluation } from './evaluate-region.js';

/** One object for programs: snake_case, null for what can't be measured (no miners, none dated). */
export function evaluationJson(evaluation: Evaluation): object {
  const { scoring, onsetError, precisionAtTop: top } = evaluation;
  return {
    points: evaluation.points,
    miners: evaluation.miners,
    prevalence: evaluation.prevalence,
    roc_auc: evaluation.rocAuc,
    average_precision: evaluation.averagePrecision,
    recall_at_fpr: Object.fromEntries(evaluation.recallAtFpr.map(({ fpr, recall }) => [fpr, recall])),
    precision_at_100: { precision: top.precision, prevalence: top.prevalence, district_points: top.points },
    recall: evaluation.recall,
    false_alarm_rate: evaluation.falseAlarmRate,
    recall_by_class: evaluation.recallByClass,
    false_alarms_by_class: evaluation.falseAlarmsByClass,
    onset_error: {
      known: onsetError.known,
      dated: onsetError.dated,
      median_days: onsetError.medianDays,
      p90_days: onsetError.p90Days,
      within_one_day: onsetError.withinOneDay,
    },
    as_of: isoFromDay(scoring.asOf),
    scored_points: scoring.points,
    scoring_seconds: scoring.seconds,
  };
}

/** The same for people. */
export function describeEvaluation(evaluation: Evaluation): string {
  const { scoring, onsetError, precisionAtTop: top } = evaluation;
  const lines = [
    `${evaluation.points} labelled metering points, ${evaluation.miners} of them miners (${percent(evaluation.prevalence)}); ` +
      `${scoring.points} scored as of ${isoFromDay(scoring.asOf)} in ${scoring.seconds.toFixed(1)} s`,
    '',
    'Ranking by score',
    `  ROC-AUC                        ${number(evaluation.rocAuc)}`,
    `  average precision              ${number(evaluation.averagePrecision)}`,
    ...evaluation.recallAtFpr.map(
      ({ fpr, recall }) => `  recall at ${percent(fpr).padEnd(5)} false positives  ${percent(recall)}`,
    ),
    `  precision among the first ${top.places}  ${percent(top.precision)}   in a district of ${top.points} points, ` +
      `${percent(top.prevalence)} of them miners: each labelled`,
    `${' '.repeat(41)}miner and innocent is weighted to those shares`,
    '',
    'Worthy of a case',
    `  miners found                   ${percent(evaluation.recall)}`,
    ...classLines(evaluation.recallByClass),
    `  innocents flagged              ${percent(evaluation.falseAlarmRate)}`,
    ...classLines(evaluation.falseAlarmsByClass),
    '',
    `Onset: ${onsetError.dated} of ${onsetError.known} found miners that began within the readings dated; error median ${days(onsetError.medianDays)}, ` +
      `90 % within ${days(onsetError.p90Days)}; ${onsetError.withinOneDay} within one day`,
  ];
  return `${lines.join('\n')}\n`;
}

function classLines(classes: Readonly<Record<string, ClassShare>>): string[] {
  const width = Math.max(0, ...Object.keys(classes).map((name) => name.length));
  return Object.entries(classes).map(
    ([name, { points, flagged, share }]) =>
      `    ${name.padEnd(width)}  ${percent(share).padStart(7)}  (${flagged} of ${points})`,
  );
}

function percent(share: number): string {
  return Number.isNaN(share) ? 'n/a' : `${Number((share * 100).toFixed(2))} %`;
}

function number(value: number): string {
  return Number.isNaN(value) ? 'n/a' : value.toFixed(4);
}

function days(count: number | null): string {
  return count === null ? 'n/a' : `${count} days`;
}
