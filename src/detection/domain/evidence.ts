import type { Context, Detector } from './detectors/detector.js';
import { DETECTORS, isFindingOf, type DetectorName } from './detectors/index.js';
import { blindLoad, onlyWinter, untestedCold } from './detectors/temperature-remainder.js';
import type { Sentence } from './phrases.js';
import type { DetectorInput, Evidence, EvidenceKind, Finding, Observed } from './types.js';

export type Weights = {
  readonly [N in DetectorName]: {
    readonly kind: EvidenceKind;
    readonly for: number;
    readonly against: number;
  };
};

/**
 * How far one finding can move the log-odds, for mining and against: the table to argue about. Starting values come
 * from how often real homes look that way (data of docs/detection.md); a fit to inspectors' decisions replaces them.
 *
 * - base-load: of 69 real homes under one fortnight in a hundred rests above 1 kW, a steady rig always does (+3);
 *   less where heating is electric (see below). A home that rests far below a rig can only hide one that pauses
 *   (−1.8).
 * - flatness: says less than the floor it needs (+2.2); people's rhythm speaks against (−1.2).
 * - step-up: a sudden rig-sized step of the floor that stays (+4.2 from 1 kW on, +5.2 from a whole rig on): in 2,185
 *   looks at 69 real homes, 15 days apart, no step of the floor got a tenth of that.
 * - temperature-remainder: the best separator, as a rig draws a little more in the heat and electric heating much
 *   less: hence the strongest word against (−3.5), and +2.2 when the load stayed flat through weather that should
 *   have moved it. Where nothing tells of the cold, what may be heating is doubted (−2.8), and its floor and step
 *   count for less.
 * - peers: an official indicator, "at least twice comparable objects", but size alone is not mining (+1.5, −2 where
 *   both the use and its floor are usual among comparable points).
 * - timed-block and on-off: the whole case when the load pauses (+5), as its floor then says nothing; even-days repeats
 *   part of it (+2.5). pauses-and-weather takes it back where the weather switches it (−3.5).
 * - staged-growth and load-drop: a farm that grew (+2.5), a machine's load that went (+5).
 * - mild-days, linked-points: what base-load says once more, of warm days (+1.5) or of a household's meters (+2.5).
 * - declared-load: within the declaration nothing is left to explain (−14), beyond it something is (+3).
 * - hidden-load: only the balance sees a bypass (+5); meter-events: maintenance opens covers too (+1.5).
 * - opening-hours: takes back what a shop's refrigeration adds in base-load, flatness and temperature-remainder (−3.7); without
 *   it the simulated shops are half of all false alarms. cold-onset: the same for heating of one stage (−2).
 * - photoperiod: exactly 12 or 18 hours also come by chance (−2); vehicle-charging explains its own blocks (−1.5).
 * - vacation-home (−1.2), small-steady-load (−1): what base-load denies already, with the reason. meter-swap: rigs come while the
 *   power is off as well (−0.8). occupancy-change, renovation: passing, and lightly told from machines (−0.5): real homes show
 *   such changes all the time.
 * - quota-exceeded: a broken limit, not an offence and not mining by itself (+1.5). The forecast only tells (+0.4).
 */
export const DEFAULT_WEIGHTS: Weights = Object.freeze({
  'quota-exceeded': { kind: 'measured_breach', for: 1.5, against: 0 },
  'quota-forecast': { kind: 'level', for: 0.4, against: 0 },
  'base-load': { kind: 'level', for: 3.0, against: 1.8 },
  flatness: { kind: 'shape', for: 2.2, against: 2.0 },
  'timed-block': { kind: 'pattern', for: 5.0, against: 0 },
  'on-off': { kind: 'pattern', for: 5.0, against: 0 },
  'daily-use': { kind: 'level', for: 3.0, against: 2.5 },
  'even-days': { kind: 'shape', for: 2.5, against: 0 },
  'step-up': { kind: 'onset', for: 5.2, against: 0 },
  'staged-growth': { kind: 'onset', for: 2.5, against: 0 },
  'load-drop': { kind: 'onset', for: 5.0, against: 0 },
  'temperature-remainder': { kind: 'temperature', for: 2.2, against: 3.5 },
  'pauses-and-weather': { kind: 'temperature', for: 1.5, against: 3.5 },
  'mild-days': { kind: 'temperature', for: 1.5, against: 0 },
  peers: { kind: 'comparison', for: 1.5, against: 2.0 },
  'linked-points': { kind: 'linked', for: 2.5, against: 0 },
  'moved-load': { kind: 'linked', for: 3.0, against: 0 },
  'declared-load': { kind: 'declared', for: 3.0, against: 14 },
  'hidden-load': { kind: 'balance', for: 5.0, against: 0 },
  'meter-events': { kind: 'events', for: 1.5, against: 0 },
  'opening-hours': { kind: 'innocent', for: 0, against: 3.7 },
  'vehicle-charging': { kind: 'innocent', for: 0, against: 1.5 },
  photoperiod: { kind: 'innocent', for: 0, against: 2.0 },
  'small-steady-load': { kind: 'innocent', for: 0, against: 1.0 },
  'cold-onset': { kind: 'innocent', for: 0, against: 2.0 },
  'occupancy-change': { kind: 'innocent', for: 0, against: 0.5 },
  renovation: { kind: 'innocent', for: 0, against: 0.5 },
  'vacation-home': { kind: 'innocent', for: 0, against: 1.2 },
  'meter-swap': { kind: 'innocent', for: 0, against: 0.8 },
});

/** Findings of one kind say nearly the same: the strongest counts whole, each other by this much. */
export const SAME_KIND_RATIO = 0.3;

/** Each finding as signed log-odds with its sentence, strongest first. They add up: no further rule hides behind. */
export function weighFindings(
  findings: readonly Finding[],
  input: DetectorInput,
  weights: Weights = DEFAULT_WEIGHTS,
): Evidence[] {
  const context = contextOf(findings, input);
  const weighed = findings.map((found) => weighFinding(found, context, weights));
  weighed.sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
  return weighed.map((each, place) => {
    const { found, kind } = each;
    const counted = isRepeat(weighed, place) ? each.logOdds * SAME_KIND_RATIO : each.logOdds;
    return evidenceOf({ detector: found.detector, kind, logOdds: counted }, () => sentence(found, counted));
  });
}

type Direction = Pick<Evidence, 'kind' | 'logOdds'>;

/** Whether a stronger finding of the kind says the same. */
function isRepeat(weighed: readonly Direction[], place: number): boolean {
  const { kind, logOdds } = weighed[place];
  for (let i = 0; i < place; i++)
    if (weighed[i].kind === kind && weighed[i].logOdds > 0 === logOdds > 0) return true;
  return false;
}

/** Evidence whose sentence is made when somebody reads it: most scores are never read, and words cost more than weighing. */
class WeighedEvidence implements Evidence {
  private said: Sentence | null = null;

  constructor(
    readonly detector: string,
    readonly kind: Evidence['kind'],
    readonly logOdds: number,
    private readonly say: () => Sentence,
  ) {}

  get sentence(): Sentence {
    return (this.said ??= this.say());
  }

  toJSON(): Evidence {
    const { detector, kind, logOdds, sentence } = this;
    return { detector, kind, logOdds, sentence };
  }
}

export function evidenceOf(
  { detector, kind, logOdds }: Omit<Evidence, 'sentence'>,
  say: () => Sentence,
): Evidence {
  return new WeighedEvidence(detector, kind, logOdds, say);
}

type AnyDetector = Detector<DetectorName, Observed, Observed>;
const BY_NAME = new Map((DETECTORS as readonly AnyDetector[]).map((detector) => [detector.name, detector]));

/** Detectors of machines that pause: with one of them found, a load that rests is no longer a word against. */
const PAUSING: ReadonlySet<string> = new Set<DetectorName>([
  'timed-block',
  'on-off',
  'load-drop',
  'hidden-load',
]);

function contextOf(findings: readonly Finding[], { facts }: DetectorInput): Context {
  const thermal = findings.find((each) => isFindingOf(each, 'temperature-remainder'));
  const context = {
    facts,
    untested: thermal ? untestedCold(thermal.observed) : 0,
    winter: thermal ? onlyWinter(thermal.observed) : 0,
    switched: thermal?.observed.switchedRatio ?? 0,
    blind: thermal ? blindLoad(thermal.observed) : 0,
    pausing: 0,
  };
  let pausing = 0;
  for (const found of findings)
    if (PAUSING.has(found.detector)) pausing = Math.max(pausing, strengthOf(found, context));
  context.pausing = pausing;
  return context;
}

function weighFinding(
  found: Finding,
  context: Context,
  weights: Weights,
): Direction & { readonly found: Finding } {
  const name = found.detector as DetectorName;
  const strength = strengthOf(found, context);
  const weight = weights[name];
  const logOdds = strength * (strength >= 0 ? weight.for : weight.against);
  return { found, kind: weight.kind, logOdds };
}

/** As a score keeps it: what follows from a finding need not be said in words. */
export type StoredEvidence = Omit<Evidence, 'sentence'> & Partial<Pick<Evidence, 'sentence'>>;

/** What stored evidence says, in plain words. */
export function sentencesOf(
  findings: readonly Finding[],
  evidence: readonly StoredEvidence[],
): readonly Sentence[] {
  return evidence.flatMap(({ detector, logOdds, sentence: said }) => {
    const found = findings.find((each) => each.detector === detector);
    return said ? [said] : found ? [sentence(found, logOdds)] : [];
  });
}

/** What a finding says, in plain words. A load may look like mining; only an inspector establishes what it is. */
export function sentence(found: Finding, logOdds: number): Sentence {
  return BY_NAME.get(found.detector as DetectorName)!.say(found.observed, logOdds);
}

function strengthOf(found: Finding, context: Context): number {
  return BY_NAME.get(found.detector as DetectorName)!.strength(found.observed, context);
}
