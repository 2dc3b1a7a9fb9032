import type { Detector } from './detectors/detector.js';
import { DETECTORS, isFindingOf, type DetectorName } from './detectors/index.js';
import { movedLoadFinding } from './detectors/moved-load.js';
import { weighFindings } from './evidence.js';
import { measureDays, measureHeating, measurePatterns, Workspace, type Features } from './features.js';
import { movedLoads } from './moved-loads.js';
import type { Sentence } from './phrases.js';
import { judge, lawOf, priorLogOdds, priorOf } from './score.js';
import { atFirstSight, atSecondSight, keepReasons, withinTheLaw } from './screen.js';
import { COLD_UNKNOWN, DAYS_ONLY, dataSentence } from './sentences.js';
import { DEFAULT_SETTINGS, settingsHash, type DetectionSettings } from './settings.js';
import type { DetectorInput, Evidence, Finding, Observed, PointScore } from './types.js';

/** Recorded with every run: which code and which settings a score came from. */
export const DETECTION_VERSION = `5+${settingsHash(DEFAULT_SETTINGS)}`;

/** Below this share of the window's hours missing, gaps are not worth a sentence. */
const NOTEWORTHY_MISSING_RATIO = 0.1;
const NOTEWORTHY_DAYS = 28;
/** No heating keeps a floor below this (a refrigerator, a few chargers). */
const NOTEWORTHY_FLOOR_KW = 0.4;

/** Serves every call that brings none: assessing is synchronous and nothing it returns points into the workspace. */
const sharedWorkspace = new Workspace();

/** One metering point, start to end: features → findings → evidence → score. Pure: the same input, the same score. */
export function assess(
  input: DetectorInput,
  settings: DetectionSettings = DEFAULT_SETTINGS,
  workspace: Workspace = sharedWorkspace,
): PointScore {
  return assessTogether([input], settings, workspace)[0];
}

/**
 * The metering points under one transformer, each as {@link assess} does, and besides what only shows between them: a load
 * that left one and came to another.
 */
export function assessTogether(
  inputs: readonly DetectorInput[],
  settings: DetectionSettings = DEFAULT_SETTINGS,
  workspace: Workspace = sharedWorkspace,
): PointScore[] {
  const lawful = inputs.map((input) =>
    withinTheLaw(input, priorLogOdds(input, settings.judgement), settings),
  );
  const examineAt = (index: number) => examine(inputs[index], settings, workspace);
  let examined = lawful.map((score, index) => score ?? examineAt(index));
  // What came to one of them may have left a neighbour that is within the law.
  if (examined.some(mayHaveMoved))
    examined = examined.map((point, index) => (point === lawful[index] ? examineAt(index) : point));
  addMoves(examined, settings);
  return examined.map((point) =>
    'findings' in point && 'gaps' in point ? conclude(point, settings) : point,
  );
}

interface Examined {
  readonly input: DetectorInput;
  readonly findings: Finding[];
  /** What is to be said of the data itself. */
  readonly gaps: readonly Evidence[];
}

function examine(
  input: DetectorInput,
  settings: DetectionSettings,
  workspace: Workspace,
): Examined | PointScore {
  const prior = priorLogOdds(input, settings.judgement);
  const features = measureDays(input, workspace);
  const quiet = atFirstSight(input, features, prior, settings.screen);
  if (quiet) return quiet;
  measureHeating(input, features);
  const heated = atSecondSight(input, features, prior, settings.screen);
  if (heated) return heated;
  measurePatterns(input, features);
  return { input, findings: findAll(input, features, settings), gaps: dataGaps(features) };
}

function conclude({ input, findings, gaps }: Examined, settings: DetectionSettings): PointScore {
  const weighed = weighFindings(findings, input, settings.weights);
  const evidence = [
    priorOf(input, settings.judgement),
    ...lawOf(input, findings, weighed, settings.judgement),
    ...weighed,
    ...gaps,
  ];
  return keepReasons(judge(input, findings, evidence, settings.judgement), settings.screen);
}

/** A load came to the point or left it. */
function mayHaveMoved(point: Examined | PointScore): boolean {
  return point.findings.some((found) => isFindingOf(found, 'load-drop') || isFindingOf(found, 'step-up'));
}

function addMoves(points: readonly (Examined | PointScore)[], settings: DetectionSettings): void {
  if (points.length < 2) return;
  const examined = points.filter((point): point is Examined => 'gaps' in point);
  const moves = movedLoads(
    examined.map(({ input: { facts }, findings }) => ({
      meteringPoint: facts.meteringPoint,
      tariffCategory: facts.tariffCategory,
      findings,
    })),
  );
  for (const [index, move] of moves) {
    const { input, findings } = examined[index];
    findings.push(movedLoadFinding(input, move, settings.detectors['moved-load']));
  }
}

function findAll(input: DetectorInput, features: Features, settings: DetectionSettings): Finding[] {
  const findings: Finding[] = [];
  for (const detector of DETECTORS as readonly Detector<DetectorName, Observed, Observed>[]) {
    const found = detector.detect(input, features, settings.detectors[detector.name]);
    if (found) findings.push(found);
  }
  return findings;
}

/** Little or patchy data and unknown cold weigh nothing themselves and are said aloud. */
function dataGaps(features: Features): Evidence[] {
  const { days, daysPresent, dailyOnly, missingRatio, recent } = features;
  const byDay = dailyOnly > daysPresent;
  const patchy =
    missingRatio > NOTEWORTHY_MISSING_RATIO ||
    daysPresent + dailyOnly < NOTEWORTHY_DAYS ||
    (!recent && !byDay);
  const said = [
    ...(byDay ? [DAYS_ONLY] : []),
    ...(patchy
      ? [dataSentence({ days, daysPresent: daysPresent + dailyOnly, judged: recent !== null })]
      : []),
    ...(isColdUnknown(features) ? [COLD_UNKNOWN] : []),
  ];
  if (said.length === 0) return [];
  const inLanguage = (language: keyof Sentence) => said.map((each) => each[language]).join(' ');
  const sentence = { ru: inLanguage('ru'), en: inLanguage('en') };
  return [{ detector: 'data', kind: 'context', logOdds: 0, sentence }];
}

/** There is a floor to explain, and nothing that felt the cold to hold it against. */
function isColdUnknown({ recent, thermal }: Features): boolean {
  if (!recent || recent.floorKw < NOTEWORTHY_FLOOR_KW) return false;
  return thermal === null || thermal.basis === 'peers';
}
