import { median, ratioEstimate, shareEstimate, type Estimate } from './estimates.js';

/** A decision that stands, about a real case. */
export interface Look {
  readonly inspectorId: number;
  readonly organisation: string;
  /** Probability of mining when it was decided. */
  readonly score: number;
  readonly confirmed: boolean;
  /** In order of which streaks are counted, milliseconds. */
  readonly decidedAt: number;
  /** From taking the case up; null: not known. */
  readonly minutes: number | null;
  /** Whether the load fell in the days before the visit; null: no visit, or too few readings around it. */
  readonly fellBeforeVisit: boolean | null;
  /** Of a dismissal: whether the household was confirmed within a year; null of a confirmation. */
  readonly foundLater: boolean | null;
  readonly complaintUpheld: boolean;
}

/** A household looked at by two who did not know of each other. */
export interface BlindPair {
  readonly inspectorId: number;
  readonly organisation: string;
  readonly agrees: boolean;
}

/** A known case put into the queue, and what was said of it. */
export interface SeededAnswer {
  readonly inspectorId: number;
  readonly organisation: string;
  /** They asked to see the place, which is neither right nor wrong. */
  readonly askedToVisit: boolean;
  readonly right: boolean;
}

/** Times somebody was shown whose household it is, and how often none of their cases was about it. */
export interface Reads {
  readonly inspectorId: number;
  readonly organisation: string;
  readonly shown: number;
  readonly outside: number;
}

export interface Observed {
  readonly looks: readonly Look[];
  readonly blind: readonly BlindPair[];
  readonly seeded: readonly SeededAnswer[];
  readonly reads: readonly Reads[];
}

export const MEASURES = [
  'too_few_confirmed',
  'too_many_confirmed',
  'zero_finding_streak',
  'blind_disagreement',
  'seeded_wrong',
  'hasty',
  'leak',
  'repeat_after_clean',
  'complaints_upheld',
  'reads_outside_queue',
] as const;
export type Measure = (typeof MEASURES)[number];

export interface QualityOf {
  readonly looks: number;
  /** Too little has been seen to remark on anybody. */
  readonly few: boolean;
  readonly confirmed: {
    readonly observed: number;
    /** Sum of the scores, brought to what all inspectors together find. */
    readonly expected: number;
    readonly ratio: Estimate;
  };
  readonly zero_streak: {
    readonly longest: number;
    readonly current: number;
    /** Of a run as long as the longest one or longer somewhere among so many looks, at most. */
    readonly chance: number;
  };
  readonly blind_agreement: Estimate;
  readonly seeded_right: Estimate & { readonly asked_to_visit: number };
  readonly minutes: { readonly median: number | null; readonly n: number };
  readonly fell_before_visit: Estimate;
  readonly repeat_after_clean: Estimate;
  readonly complaints_upheld: Estimate;
  readonly reads_outside_queue: Estimate;
  readonly remarks: readonly Measure[];
}

export interface Quality {
  readonly everybody: QualityOf;
  readonly organisations: readonly (QualityOf & { readonly organisation: string })[];
  readonly inspectors: readonly (QualityOf & { readonly inspector: number; readonly organisation: string })[];
}

export const QUALITY_SETTINGS = Object.freeze({
  /** Below so many nobody is remarked on, whatever the numbers are: five cases say nothing of a person. */
  leastLooks: 20,
  leastPairs: 8,
  /** Imagined looks that went as everybody's do. */
  shareStrength: 8,
  ratioStrength: 5,
  /** A streak is remarked on when chance makes one as long less often. */
  streakChance: 0.001,
  /** Times faster than everybody. */
  hastyTimes: 4,
});

/** Measures inspections by inspector and organisation, against everybody's. */
export function qualityOf(observed: Observed): Quality {
  const norms = normsOf(observed);
  const inspectors = [...groupsBy(observed, ({ inspectorId }) => String(inspectorId))].map(
    ([key, theirs]) => ({
      inspector: Number(key),
      organisation: organisationIn(theirs),
      ...measure(theirs, norms),
    }),
  );
  const organisations = [...groupsBy(observed, ({ organisation }) => organisation)].map(([key, theirs]) => ({
    organisation: key,
    ...measure(theirs, norms),
  }));
  return {
    everybody: { ...measure(observed, norms), remarks: [] },
    organisations: organisations.sort((a, b) => a.organisation.localeCompare(b.organisation)),
    inspectors: inspectors.sort((a, b) => a.inspector - b.inspector),
  };
}

/** What everybody does: what each is compared with, and drawn towards. */
interface Norms {
  readonly confirmedPerExpected: number;
  readonly blind: number;
  readonly seeded: number;
  readonly fell: number;
  readonly repeat: number;
  readonly complaints: number;
  readonly outside: number;
  readonly medianMinutes: number | null;
}

/** Where nothing has been seen yet. */
const UNSEEN = { blind: 0.9, seeded: 0.8, fell: 0.05, repeat: 0.05, complaints: 0.01, outside: 0.05 };

function normsOf({ looks, blind, seeded, reads }: Observed): Norms {
  const expected = sum(looks.map(({ score }) => score));
  const confirmed = count(looks, ({ confirmed: isConfirmed }) => isConfirmed);
  const answered = seeded.filter(({ askedToVisit }) => !askedToVisit);
  return {
    confirmedPerExpected: expected > 0 && confirmed > 0 ? confirmed / expected : 1,
    blind: shareOf(blind, ({ agrees }) => agrees) ?? UNSEEN.blind,
    seeded: shareOf(answered, ({ right }) => right) ?? UNSEEN.seeded,
    fell: shareOf(known(looks, 'fellBeforeVisit'), (fell) => fell) ?? UNSEEN.fell,
    repeat: shareOf(known(looks, 'foundLater'), (found) => found) ?? UNSEEN.repeat,
    complaints: shareOf(looks, ({ complaintUpheld }) => complaintUpheld) ?? UNSEEN.complaints,
    outside: ratioOf(sum(reads.map(({ outside }) => outside)), sum(reads.map(({ shown }) => shown))),
    medianMinutes: median(looks.flatMap(({ minutes }) => minutes ?? [])),
  };
}

function ratioOf(outside: number, shown: number): number {
  return shown === 0 ? UNSEEN.outside : outside / shown;
}

function measure(observed: Observed, norms: Norms): QualityOf {
  const { looks, blind, seeded, reads } = observed;
  const { shareStrength: strength, ratioStrength } = QUALITY_SETTINGS;
  const share = (of: { readonly k: number; readonly n: number }, prior: number) =>
    shareEstimate(of, { prior, strength });
  const confirmed = count(looks, (look) => look.confirmed);
  const expected = sum(looks.map(({ score }) => score)) * norms.confirmedPerExpected;
  const fell = known(looks, 'fellBeforeVisit');
  const later = known(looks, 'foundLater');
  const minutes = looks.flatMap((look) => look.minutes ?? []);
  const answered = seeded.filter(({ askedToVisit }) => !askedToVisit);
  const measured = {
    looks: looks.length,
    few: looks.length < QUALITY_SETTINGS.leastLooks,
    confirmed: {
      observed: confirmed,
      expected,
      ratio: ratioEstimate({ k: confirmed, expected, n: looks.length }, ratioStrength),
    },
    zero_streak: streakOf(looks, norms.confirmedPerExpected),
    blind_agreement: share({ k: count(blind, ({ agrees }) => agrees), n: blind.length }, norms.blind),
    seeded_right: {
      ...share({ k: count(answered, ({ right }) => right), n: answered.length }, norms.seeded),
      asked_to_visit: seeded.length - answered.length,
    },
    minutes: { median: median(minutes), n: minutes.length },
    fell_before_visit: share({ k: count(fell, (each) => each), n: fell.length }, norms.fell),
    repeat_after_clean: share({ k: count(later, (each) => each), n: later.length }, norms.repeat),
    complaints_upheld: share(
      { k: count(looks, ({ complaintUpheld }) => complaintUpheld), n: looks.length },
      norms.complaints,
    ),
    reads_outside_queue: share(
      { k: sum(reads.map(({ outside }) => outside)), n: sum(reads.map(({ shown }) => shown)) },
      norms.outside,
    ),
  };
  return { ...measured, remarks: remarksOn(measured, norms) };
}

/** What stands out of chance, once there is enough to say so. Remarks are questions to ask, not findings. */
function remarksOn(of: Omit<QualityOf, 'remarks'>, norms: Norms): Measure[] {
  const { leastLooks, leastPairs, streakChance, hastyTimes } = QUALITY_SETTINGS;
  const isAbove = ({ lower, n }: Estimate, norm: number, least: number) => n >= least && lower > norm;
  const isBelow = ({ upper, n }: Estimate, norm: number, least: number) => n >= least && upper < norm;
  const { median: usual } = of.minutes;
  const stands: Record<Measure, boolean> = {
    too_few_confirmed: isBelow(of.confirmed.ratio, 1, leastLooks),
    too_many_confirmed: isAbove(of.confirmed.ratio, 1, leastLooks),
    zero_finding_streak: !of.few && of.zero_streak.chance < streakChance,
    blind_disagreement: isBelow(of.blind_agreement, norms.blind, leastPairs),
    seeded_wrong: isBelow(of.seeded_right, norms.seeded, leastPairs),
    hasty:
      of.minutes.n >= leastLooks &&
      usual !== null &&
      norms.medianMinutes !== null &&
      usual * hastyTimes < norms.medianMinutes,
    leak: isAbove(of.fell_before_visit, norms.fell, leastPairs),
    repeat_after_clean: isAbove(of.repeat_after_clean, norms.repeat, leastPairs),
    complaints_upheld: isAbove(of.complaints_upheld, norms.complaints, leastLooks),
    reads_outside_queue: isAbove(of.reads_outside_queue, norms.outside, leastLooks),
  };
  return MEASURES.filter((measureName) => stands[measureName]);
}

/**
 * The longest run of looks in which nothing was confirmed. Chance makes one at least as probable as each of its looks finding
 * nothing, times the places where it could begin.
 */
function streakOf(looks: readonly Look[], calibration: number): QualityOf['zero_streak'] {
  const inOrder = [...looks].sort((a, b) => a.decidedAt - b.decidedAt);
  let [longest, current, chance, running] = [0, 0, 1, 1];
  for (const { confirmed, score } of inOrder) {
    if (confirmed) [current, running] = [0, 1];
    else {
      current++;
      running *= 1 - Math.min(0.99, score * calibration);
      longest = Math.max(longest, current);
      chance = Math.min(chance, running);
    }
  }
  return { longest, current, chance: Math.min(1, chance * inOrder.length) };
}

function groupsBy(
  { looks, blind, seeded, reads }: Observed,
  key: (of: { readonly inspectorId: number; readonly organisation: string }) => string,
): Map<string, Observed> {
  const keys = new Set([...looks, ...blind, ...seeded, ...reads].map(key));
  return new Map(
    [...keys].map((each) => [
      each,
      {
        looks: looks.filter((one) => key(one) === each),
        blind: blind.filter((one) => key(one) === each),
        seeded: seeded.filter((one) => key(one) === each),
        reads: reads.filter((one) => key(one) === each),
      },
    ]),
  );
}

/** Of whom they act for now, or acted for last. */
function organisationIn({ looks, blind, seeded, reads }: Observed): string {
  const all = [...reads, ...blind, ...seeded, ...looks];
  return all[all.length - 1]?.organisation ?? '';
}

function known<Key extends 'fellBeforeVisit' | 'foundLater'>(looks: readonly Look[], key: Key): boolean[] {
  return looks.flatMap((look) => look[key] ?? []);
}

function count<T>(all: readonly T[], is: (one: T) => boolean): number {
  return all.filter(is).length;
}

/** Null without any. */
function shareOf<T>(all: readonly T[], is: (one: T) => boolean): number | null {
  return all.length === 0 ? null : count(all, is) / all.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
