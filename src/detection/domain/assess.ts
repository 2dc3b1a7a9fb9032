import { DETECTORS, type DetectorName } from './detectors/index.js';
import type { Detector } from './detectors/detector.js';
import { weighFindings } from './evidence.js';
import { measure, Workspace, type Features } from './features.js';
import { judge, priorOf } from './score.js';
import { dataSentence } from './sentences.js';
import { DEFAULT_SETTINGS, settingsHash, type DetectionSettings } from './settings.js';
import type { DetectorInput, Evidence, Finding, Observed, PointScore } from './types.js';

/** Recorded with every run: which code and which settings a score came from. */
export const DETECTION_VERSION = `1+${settingsHash(DEFAULT_SETTINGS)}`;

/** Below this share of the window's hours missing, gaps are not worth a sentence. */
const NOTEWORTHY_MISSING_RATIO = 0.1;
const NOTEWORTHY_DAYS = 28;

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
  const evidence = [
    priorOf(input, settings.judgement),
    ...weighFindings(findings, input, settings.weights),
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

/** Little or patchy data weighs nothing and is said aloud. */
function dataGaps(features: Features): Evidence[] {
  const { days, daysPresent, missingRatio, recent } = features;
  const patchy = missingRatio > NOTEWORTHY_MISSING_RATIO || daysPresent < NOTEWORTHY_DAYS || !recent;
  if (!patchy) return [];
  return [
    {
      detector: 'data',
      kind: 'context',
      logOdds: 0,
      sentence: dataSentence({ days, daysPresent, judged: recent !== null }),
    },
  ];
}
