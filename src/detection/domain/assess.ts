import { DETECTORS, type DetectorName } from './detectors/index.js';
import type { Detector } from './detectors/detector.js';
import { weighFindings } from './evidence.js';
import { measure, Workspace, type Features } from './features.js';
import { judge, lawOf, priorOf } from './score.js';
import type { Sentence } from './phrases.js';
import { COLD_UNKNOWN, dataSentence } from './sentences.js';
import { DEFAULT_SETTINGS, settingsHash, type DetectionSettings } from './settings.js';
import type { DetectorInput, Evidence, Finding, Observed, PointScore } from './types.js';

/** Recorded with every run: which code and which settings a score came from. */
export const DETECTION_VERSION = `2+${settingsHash(DEFAULT_SETTINGS)}`;

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
  const features = measure(input, workspace);
  const findings = findAll(input, features, settings);
  const weighed = weighFindings(findings, input, settings.weights);
  const evidence = [
    priorOf(input, settings.judgement),
    ...lawOf(input, findings, weighed, settings.judgement),
    ...weighed,
    ...dataGaps(features),
  ];
  return judge(input, findings, evidence, settings.judgement);
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
  const { days, daysPresent, missingRatio, recent } = features;
  const patchy = missingRatio > NOTEWORTHY_MISSING_RATIO || daysPresent < NOTEWORTHY_DAYS || !recent;
  const said = [
    ...(patchy ? [dataSentence({ days, daysPresent, judged: recent !== null })] : []),
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
