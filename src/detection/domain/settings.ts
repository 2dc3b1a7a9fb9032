import { createHash } from 'node:crypto';
import { DETECTORS, type DetectorName, type DetectorSettings } from './detectors/index.js';
import { DEFAULT_WEIGHTS, type Weights } from './evidence.js';
import { DEFAULT_JUDGEMENT, type Judgement } from './score.js';
import { DEFAULT_SCREEN, type ScreenSettings } from './screen.js';

/** Everything that can change a score besides the data and the code: plain numbers, so that a run can record them. */
export interface DetectionSettings {
  readonly detectors: DetectorSettings;
  readonly weights: Weights;
  readonly judgement: Judgement;
  readonly screen: Readonly<ScreenSettings>;
}

export const DEFAULT_SETTINGS: DetectionSettings = Object.freeze({
  detectors: Object.fromEntries(
    DETECTORS.map(({ name, defaults }) => [name, Object.freeze({ ...defaults })]),
  ) as Record<DetectorName, unknown> as DetectorSettings,
  weights: DEFAULT_WEIGHTS,
  judgement: DEFAULT_JUDGEMENT,
  screen: DEFAULT_SCREEN,
});

/** First 16 hex digits of the SHA-256 of the settings and detector versions; the order of keys does not matter. */
export function settingsHash(settings: DetectionSettings = DEFAULT_SETTINGS): string {
  const versions = Object.fromEntries(DETECTORS.map(({ name, version }) => [name, version]));
  return createHash('sha256').update(canonical({ settings, versions })).digest('hex').slice(0, 16);
}

function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}
