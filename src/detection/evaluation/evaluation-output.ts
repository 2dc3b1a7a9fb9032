import { isoFromDay } from '../../grid/domain/calendar.js';
import { asciiCalibration } from './domain/calibration-plot.js';
import type { CalibrationBin } from './domain/calibration.js';
import type { Delay, ReplayReport } from './domain/detection-delay.js';
import type { ClassShare, HourError } from './domain/evaluation-report.js';
import type { Interval } from './domain/intervals.js';
import type { Figure, RankingFigures } from './domain/ranking-figures.js';
import type { Share, TransformerReport } from './domain/transformer-report.js';
import type { Evaluation, Split } from './evaluate-region.js';

/** One object for programs: snake_case, null for what can't be measured (no miners, none dated). */
export function evaluationJson(evaluation: Evaluation): object {
  const { scoring, onsetError, precisionAtTop: top, ranking, calibration, heatingAlarms } = evaluation;
  return {
    points: evaluation.points,
    miners: evaluation.miners,
    prevalence: evaluation.prevalence,
    ...rankingJson(ranking),
    precision_at_100: { precision: top.precision, prevalence: top.prevalence, district_points: top.points },
    intervals: intervalsJson(ranking),
    metered: {
      miners: evaluation.metered.miners,
      ...rankingJson(evaluation.metered),
      precision_at_100: evaluation.metered.precisionAtTop.value,
      recall: shareJson(evaluation.meteredRecall),
      intervals: intervalsJson(evaluation.metered),
    },
    baselines: Object.fromEntries(
      evaluation.baselines.map(({ name, figures }) => [
        name,
        {
          ...rankingJson(figures),
          precision_at_100: figures.precisionAtTop.value,
          intervals: intervalsJson(figures),
        },
      ]),
    ),
    recall: evaluation.recall,
    false_alarm_rate: evaluation.falseAlarmRate,
    false_alarm_interval: intervalJson(evaluation.falseAlarms.interval),
    recall_by_class: mapValues(evaluation.recallByClass, shareJson),
    false_alarms_by_class: mapValues(evaluation.falseAlarmsByClass, shareJson),
    false_alarms_with_electric_heating: mapValues({ ...heatingAlarms }, shareJson),
    onset_error: {
      known: onsetError.known,
      dated: onsetError.dated,
      median_days: onsetError.medianDays,
      p90_days: onsetError.p90Days,
      within_one_day: onsetError.withinOneDay,
      hours: hoursJson(onsetError.hours),
      hours_by_class: mapValues(onsetError.hoursByClass, hoursJson),
    },
    calibration: {
      error: calibration.errorEqualWidth,
      error_equal_count: calibration.errorEqualCount,
      error_at_prevalence: calibration.errorAtPrevalence,
      equal_width: calibration.equalWidth.map(binJson),
      equal_count: calibration.equalCount.map(binJson),
    },
    transformers: evaluation.transformers && transformersJson(evaluation.transformers),
    split: evaluation.split && splitJson(evaluation.split),
    replay: evaluation.replay && replayJson(evaluation.replay),
    as_of: isoFromDay(scoring.asOf),
    scored_points: scoring.points,
    scoring_seconds: scoring.seconds,
  };
}

function rankingJson({ rocAuc, averagePrecision, recallAtFpr }: RankingFigures): object {
  return {
    roc_auc: rocAuc.value,
    average_precision: averagePrecision.value,
    recall_at_fpr: Object.fromEntries(recallAtFpr.map(({ fpr, value }) => [fpr, value])),
  };
}

function intervalsJson({ rocAuc, averagePrecision, recallAtFpr, precisionAtTop }: RankingFigures): object {
  return {
    roc_auc: intervalJson(rocAuc.interval),
    average_precision: intervalJson(averagePrecision.interval),
    recall_at_fpr: Object.fromEntries(recallAtFpr.map(({ fpr, interval }) => [fpr, intervalJson(interval)])),
    precision_at_100: intervalJson(precisionAtTop.interval),
  };
}

function intervalJson({ low, high }: Interval): [number, number] {
  return [low, high];
}

function shareJson({ points, flagged, share, interval, ranked }: ClassShare): object {
  return { points, flagged, share, interval: intervalJson(interval), above_fpr_0_002: ranked };
}

function hoursJson({ dated, medianHours, medianInterval, p90Hours }: HourError): object {
  return { dated, median: medianHours, median_interval: intervalJson(medianInterval), p90: p90Hours };
}

function binJson({ from, to, points, meanScore, minerShare, interval }: CalibrationBin): object {
  return {
    from,
    to,
    points,
    mean_score: meanScore,
    miner_share: minerShare,
    interval: intervalJson(interval),
  };
}

function transformersJson(report: TransformerReport): object {
  const share = ({ of, hits, share, interval }: Share) => ({
    of,
    hits,
    share,
    interval: intervalJson(interval),
  });
  return {
    transformers: report.transformers,
    flagged: report.flagged,
    full_bypass_recall: share(report.fullBypass),
    partial_bypass_recall: share(report.partialBypass),
    false_alarms: share(report.falseAlarms),
    top_3_suspect: share(report.topThree),
    roc_auc: report.rocAuc,
  };
}

function splitJson({ halves }: Split): object[] {
  return halves.map(({ half, asOf, figures, recall, falseAlarmRate }) => ({
    half,
    as_of: isoFromDay(asOf),
    points: figures.points,
    miners: figures.miners,
    ...rankingJson(figures),
    precision_at_100: figures.precisionAtTop.value,
    intervals: intervalsJson(figures),
    recall,
    false_alarm_rate: falseAlarmRate,
  }));
}

function replayJson(replay: ReplayReport): object {
  const delay = ({ miners, detected, medianDays, medianInterval, p90Days, withinSevenDays }: Delay) => ({
    miners,
    detected,
    median_days: medianDays,
    // A median among the undetected has no end that JSON can carry.
    median_interval: [medianInterval.low, medianInterval.high].map((days) =>
      Number.isFinite(days) ? days : null,
    ),
    p90_days: p90Days,
    within_7_days: withinSevenDays,
  });
  return {
    from: isoFromDay(replay.from),
    to: isoFromDay(replay.to),
    step_days: replay.stepDays,
    days_to_detection: { metered: delay(replay.metered), by_class: mapValues(replay.byClass, delay) },
    innocents_ever_flagged: {
      points: replay.everFlagged.points,
      flagged: replay.everFlagged.flagged,
      interval: intervalJson(replay.everFlagged.interval),
      by_class: replay.everFlagged.byClass,
      by_day: replay.everFlagged.byDay.map(({ asOf, flagged }) => ({ as_of: isoFromDay(asOf), flagged })),
    },
    miners_flagged_before_onset: replay.flaggedBeforeOnset,
  };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

/** The same for people. */
export function describeEvaluation(evaluation: Evaluation): string {
  const { scoring, precisionAtTop: top, heatingAlarms } = evaluation;
  const lines = [
    `${evaluation.points} labelled metering points, ${evaluation.miners} of them miners (${percent(evaluation.prevalence)}); ` +
      `${scoring.points} scored as of ${isoFromDay(scoring.asOf)} in ${scoring.seconds.toFixed(1)} s. Brackets: 95 % intervals.`,
    '',
    `Ranking by score; precision among the first ${top.places} in a district of ${top.points} points, ${percent(top.prevalence)} of`,
    'them miners, each labelled miner and innocent weighted to those shares',
    ...table(RANKING_HEADER, [
      rankingRow('all miners', evaluation.ranking),
      rankingRow('metered miners', evaluation.metered),
    ]),
    'Simple methods on the same points, metered miners',
    ...table(
      RANKING_HEADER,
      evaluation.baselines.map(({ name, figures }) => rankingRow(name.replaceAll('_', ' '), figures)),
    ),
    'Miners found',
    ...table(MINER_HEADER, [
      ...Object.entries(evaluation.recallByClass).map(minerRow),
      minerRow(['overall metered', evaluation.meteredRecall]),
    ]),
    'Innocents worthy of a case',
    ...table(INNOCENT_HEADER, [
      ...Object.entries(evaluation.falseAlarmsByClass).map(innocentRow),
      innocentRow(['overall', evaluation.falseAlarms]),
      innocentRow(['heated by electricity', heatingAlarms.all]),
      innocentRow(['  registered as such', heatingAlarms.registered]),
      innocentRow(['  not registered', heatingAlarms.unregistered]),
    ]),
    ...onsetLines(evaluation),
    ...(evaluation.transformers ? transformerLines(evaluation.transformers) : []),
    ...calibrationLines(evaluation),
    ...(evaluation.split ? splitLines(evaluation.split) : []),
    ...(evaluation.replay ? replayLines(evaluation.replay) : []),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const RANKING_HEADER = [
  '',
  'ROC-AUC',
  'average precision',
  'recall at FPR 0.1 %',
  '0.2 %',
  '0.5 %',
  '1 %',
  'precision@100',
];
const MINER_HEADER = ['', 'worthy of a case', '', '', 'ranked above FPR 0.2 %', ''];
const INNOCENT_HEADER = ['', '', '', ''];

function rankingRow(name: string, figures: RankingFigures): string[] {
  return [
    name,
    plain(figures.rocAuc),
    plain(figures.averagePrecision),
    ...figures.recallAtFpr.map(percentFigure),
    percentFigure(figures.precisionAtTop),
  ];
}

function minerRow([name, share]: [string, ClassShare]): string[] {
  const { points, flagged, ranked } = share;
  return [
    name,
    ...shareCells(share),
    `${flagged} of ${points}`,
    percent(ranked / points),
    `${ranked} of ${points}`,
  ];
}

function innocentRow([name, share]: [string, ClassShare]): string[] {
  return [name, ...shareCells(share), `${share.flagged} of ${share.points}`];
}

function shareCells({ share, interval }: Pick<ClassShare, 'share' | 'interval'>): [string, string] {
  return [percent(share), percentInterval(interval)];
}

function onsetLines({ onsetError }: Evaluation): string[] {
  const { hours } = onsetError;
  return [
    `Onset: ${onsetError.dated} of ${onsetError.known} found miners that began within the readings dated; error median ${days(onsetError.medianDays)}, ` +
      `90 % within ${days(onsetError.p90Days)}; ${onsetError.withinOneDay} within one day`,
    ...(hours.dated === 0
      ? []
      : table(
          ['to the hour', 'dated', 'median error, h', '', '90 % within, h'],
          [...Object.entries(onsetError.hoursByClass), ['overall', hours] as const]
            .filter(([, { dated }]) => dated > 0)
            .map(([name, { dated, medianHours, medianInterval, p90Hours }]) => [
              name,
              String(dated),
              String(medianHours),
              `[${medianInterval.low}–${medianInterval.high}]`,
              String(p90Hours),
            ]),
        )),
    '',
  ];
}

function transformerLines(report: TransformerReport): string[] {
  const row = (name: string, { of, hits, share, interval }: Share) => [
    name,
    percent(share),
    percentInterval(interval),
    `${hits} of ${of}`,
  ];
  return [
    `Transformers: ${report.transformers} scored, ${report.flagged} worthy of a case; ROC-AUC of full bypass ${number(report.rocAuc)}`,
    ...table(
      ['', '', '', ''],
      [
        row('full bypass found', report.fullBypass),
        row('partial bypass found', report.partialBypass),
        row('flagged without any bypass', report.falseAlarms),
        row('found full bypass among first 3 suspects', report.topThree),
      ],
    ),
  ];
}

function calibrationLines({ calibration }: Evaluation): string[] {
  return [
    `Calibration, metered points: error ${number(calibration.errorEqualWidth)} over bins of equal width, ${number(calibration.errorEqualCount)} of equal count; ` +
      `${number(calibration.errorAtPrevalence)} weighted to the district`,
    ...table(
      ['scores', 'points', 'mean score', 'miners', ''],
      calibration.equalWidth.map(({ from, to, points, meanScore, minerShare, interval }) => [
        `${from.toFixed(3)}–${to.toFixed(3)}`,
        String(points),
        percent(meanScore),
        percent(minerShare),
        percentInterval(interval),
      ]),
    ),
    ...asciiCalibration(calibration),
    '',
  ];
}

function splitLines({ halves }: Split): string[] {
  return [
    'Split by household and time, metered points',
    ...table(
      [...RANKING_HEADER, 'found', 'flagged innocents'],
      halves.map(({ half, asOf, figures, recall, falseAlarmRate }) => [
        ...rankingRow(`${half} half, as of ${isoFromDay(asOf)}`, figures),
        percent(recall),
        percent(falseAlarmRate),
      ]),
    ),
  ];
}

function replayLines(replay: ReplayReport): string[] {
  const row = (name: string, delay: Delay) => [
    name,
    String(delay.miners),
    String(delay.detected),
    String(delay.withinSevenDays),
    delay.medianDays === null ? '–' : delay.medianDays.toFixed(1),
    Number.isNaN(delay.medianInterval.low)
      ? ''
      : `[${dayNumber(delay.medianInterval.low)}–${dayNumber(delay.medianInterval.high)}]`,
    delay.p90Days === null ? '–' : delay.p90Days.toFixed(1),
  ];
  const { everFlagged } = replay;
  return [
    `Days to detection: scored as of every ${replay.stepDays} days from ${isoFromDay(replay.from)} to ${isoFromDay(replay.to)}`,
    ...table(
      ['', 'began within', 'found', 'in 7 days', 'median days', '', '90 % within'],
      [
        ...Object.entries(replay.byClass).map(([name, delay]) => row(name, delay)),
        row('overall metered', replay.metered),
      ],
    ),
    `Innocents worthy of a case on any of those days: ${everFlagged.flagged} of ${everFlagged.points} ` +
      `${percentInterval(everFlagged.interval)}; miners before they mined: ${replay.flaggedBeforeOnset}`,
    ...Object.entries(everFlagged.byClass).map(([name, flagged]) => `  ${name}: ${flagged}`),
    `  as of each day: ${everFlagged.byDay.map(({ flagged }) => flagged).join(' ')}`,
  ];
}

/** Columns padded to their widest cell, the first to the left; a blank line after. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = header.every((cell) => cell === '') ? rows : [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length), 0));
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ')}`;
  return [...all.map((row) => line(row).trimEnd()), ''];
}

function plain({ value, interval }: Figure): string {
  if (Number.isNaN(value)) return 'n/a';
  return `${value.toFixed(3)} [${interval.low.toFixed(3)}–${interval.high.toFixed(3)}]`;
}

function percentFigure({ value, interval }: Figure): string {
  return Number.isNaN(value) ? 'n/a' : `${percent(value)} ${percentInterval(interval)}`;
}

function percentInterval({ low, high }: Interval): string {
  return Number.isNaN(low) ? '' : `[${Number((low * 100).toFixed(1))}–${Number((high * 100).toFixed(1))}]`;
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

function dayNumber(count: number): string {
  return Number.isFinite(count) ? count.toFixed(1) : 'never';
}
