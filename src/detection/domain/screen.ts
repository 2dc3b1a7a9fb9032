import { judgingQuota } from './detectors/quota-exceeded.js';
import { explainedByWeather } from './detectors/temperature-remainder.js';
import type { Features } from './features.js';
import { logistic, logOdds, quantile, rampLog } from '../../readings/domain/numeric.js';
import { hoursOfDay } from '../../readings/domain/order-statistics.js';
import type { DetectionSettings } from './settings.js';
import type { DetectorInput, PointScore, PointWindow } from './types.js';

export type ScreenSettings = {
  /** A floor on a quarter of the last days, or a level of the last days, below this is no rig's, kW. */
  quietKw: number;
  /** The same of a plateau, which holds the household's own load besides; */
  quietPlateauKw: number;
  /** and how restless a plateau may be at most: mean over its hours of (70th − 30th percentile), as a share of it. */
  unevenRatio: number;
  /** Share of a quota from which a month is worth a look. */
  quotaRatio: number;
  /** Days looked at for floors, and for plateaus. */
  floorDays: number;
  blockDays: number;
  /** Log-odds of a load that has nothing to explain, at rest and just below the bounds above. */
  restLogOdds: number;
  edgeLogOdds: number;
  /** From this strength on (0 to 1), the weather explains a load so well that nothing else can accuse it. */
  heatingFrom: number;
  /** Log-odds of such a load. */
  heatingLogOdds: number;
  /** What such a load may come to beside the weather at most, kW: in the cold, where the fit leaves some of the heating over, */
  heatedRestKw: number;
  /** and on mild days, where it leaves nothing. */
  mildRestKw: number;
  /** Below this probability, and without a kind, nobody will ask why: findings and evidence are not kept. */
  explainedFrom: number;
};

/**
 * Bounds: the smallest GPU rig draws 0.5 kW and more by itself; 95 % of 52 Australian homes rest below 0.21 kW. Log-odds: of
 * the rigs in the regions of docs/detection.md one in some hundred is put aside here, each by its own size.
 */
export const DEFAULT_SCREEN: Readonly<ScreenSettings> = Object.freeze({
  quietKw: 0.42,
  quietPlateauKw: 0.55,
  unevenRatio: 1,
  quotaRatio: 0.6,
  floorDays: 60,
  blockDays: 21,
  restLogOdds: -5.5,
  edgeLogOdds: -3,
  heatingFrom: 0.85,
  heatingLogOdds: -4.5,
  heatedRestKw: 1.2,
  mildRestKw: 0.6,
  explainedFrom: 0.01,
});

/**
 * The score of a load that is lawful whatever it is: mining is free where it is, no month is near the quota nor any of the last weeks
 * as heavy as such a month's, and the registry, the meter and the transformer have nothing to say. Null when its hours are to
 * be looked at.
 */
export function withinTheLaw(
  input: DetectorInput,
  priorLogOdds: number,
  { screen, judgement }: Pick<DetectionSettings, 'screen' | 'judgement'>,
): PointScore | null {
  const quota = judgingQuota(input.surroundings.legal);
  if (!quota || hasContext(input, screen)) return null;
  // A month that has hardly begun, or has gaps, says too little of what it will come to.
  if (heaviestWeek(input.window) * 31 > screen.quotaRatio * quota.limitKwh) return null;
  return unexplained(priorLogOdds + judgement.withinQuotaLogOdds);
}

/**
 * The score of a load that has nothing in it to explain; null when it is worth the detectors. Most homes end
 * here, for a tenth of the time. Nothing rests, stands or ran lately at a rig's level, no month is near a quota, and the
 * registry, the meter and the transformer have nothing to say.
 *
 * Formula: level = max(75th percentile of the daily floors of the last 60 days, median of the last six), quiet below 0.42 kW;
 * plateau = highest of the five-hour plateaus of the last 21 days, where an hour counts with its 30th percentile, quiet below
 * 0.55 kW, or where its hours spread from day to day as much as they hold, as evenings do.
 */
export function atFirstSight(
  input: DetectorInput,
  features: Features,
  priorLogOdds: number,
  settings: ScreenSettings = DEFAULT_SCREEN,
): PointScore | null {
  if (hasContext(input, settings)) return null;
  const levelKw = floorLevel(features, settings);
  if (!(levelKw < settings.quietKw)) return null;
  const nearness = nearPlateau(input, features, settings);
  if (nearness !== nearness) return null;
  const near = Math.max(rampLog(levelKw, 0.1, settings.quietKw), nearness);
  return unexplained(
    priorLogOdds + settings.restLogOdds + near * (settings.edgeLogOdds - settings.restLogOdds),
  );
}

/**
 * The score of a load that the weather explains whole: it follows the cold, and neither on mild days nor at the lower bound of
 * what the fit leaves over is there anything of a rig's size.
 * Most of those who heat electrically end here, before patterns are looked for. Null when it is worth the detectors.
 *
 * @param features with `recent` and `thermal` measured.
 */
export function atSecondSight(
  input: DetectorInput,
  features: Features,
  priorLogOdds: number,
  settings: ScreenSettings = DEFAULT_SCREEN,
): PointScore | null {
  const { recent, thermal } = features;
  if (!recent || !thermal || thermal.basis === 'peers' || thermal.basis === 'heating_inferred') return null;
  const { remainderKw, remainderLowKw, mildFloorKw } = thermal;
  const isLeft = !(
    remainderLowKw < settings.quietKw &&
    remainderKw < settings.heatedRestKw &&
    mildFloorKw < settings.mildRestKw
  );
  if (isLeft || hasContext(input, settings)) return null;
  const isExplained = explainedByWeather(thermal, recent) >= settings.heatingFrom;
  return isExplained ? unexplained(priorLogOdds + settings.heatingLogOdds) : null;
}

/**
 * In whole units of log-odds, rounded down: what is finer nobody can ask the reasons of, and the score of a load that goes on as
 * before stays the same from day to day, so that it need not be written again.
 */
function unexplained(finerLogOdds: number): PointScore {
  return {
    score: logistic(Math.floor(finerLogOdds)),
    explained: false,
    kind: 'none',
    caseWorthy: false,
    since: null,
    findings: [],
    evidence: [],
  };
}

/** Keeps the reasons of a score that somebody may ask about, and lets go of the others'. */
export function keepReasons(score: PointScore, { explainedFrom }: ScreenSettings): PointScore {
  return score.kind === 'none' && score.score < explainedFrom ? unexplained(logOdds(score.score)) : score;
}

/** kWh a day in the heaviest of the last four weeks, over the hours that were read. */
function heaviestWeek({ dailyKwh, hoursPresent, minutesPresent, days }: PointWindow): number {
  let heaviest = 0;
  for (let end = days; end > Math.max(0, days - 28); end -= 7) {
    let kwh = 0;
    let hours = 0;
    for (let day = Math.max(0, end - 7); day < end; day++) {
      if (!(dailyKwh[day] >= 0)) continue;
      kwh += dailyKwh[day];
      hours += minutesPresent === undefined ? hoursPresent[day] : minutesPresent[day] / 60;
    }
    if (hours > 0) heaviest = Math.max(heaviest, (kwh / hours) * 24);
  }
  return heaviest;
}

function hasContext({ facts, surroundings }: DetectorInput, { quotaRatio }: ScreenSettings): boolean {
  const { household, events, hiddenLoad, legal, months } = surroundings;
  if (facts.declaredLoadKw !== null || hiddenLoad || household?.length || events?.length) return true;
  const { quota } = legal;
  if (!quota) return false;
  // Of the running month, what it comes to when it goes on as it began.
  return months.some(
    ({ unitKwh, hoursPresent, hoursExpected }) =>
      unitKwh * (hoursExpected / Math.max(hoursPresent, 0.2 * hoursExpected)) > quotaRatio * quota.limitKwh,
  );
}

function floorLevel({ days, dailyFloorKw }: Features, settings: ScreenSettings): number {
  const often = quantile(dailyFloorKw, Math.max(0, days - settings.floorDays), days, 0.75);
  const lately = quantile(dailyFloorKw, Math.max(0, days - 6), days, 0.5);
  // Without a single full day there is nothing to screen by.
  return Math.max(often, lately === lately ? lately : often);
}

/**
 * How near the load comes to a plateau of a rig's size, 0 to 1 (the share of days that every hour of the nearest one reaches
 * it); NaN where one may be a rig's, or where too little is known.
 */
function nearPlateau(
  { window }: DetectorInput,
  { days, workspace: { lowKw, usualKw } }: Features,
  settings: ScreenSettings,
): number {
  const shares = usualKw;
  hoursOfDay.take(window.hourlyKw, Math.max(0, days - settings.blockDays), days);
  for (let hour = 0; hour < 24; hour++) {
    const seen = hoursOfDay.daysWith(hour);
    shares[hour] = seen < LEAST_DAYS ? NaN : hoursOfDay.daysFrom(hour, settings.quietPlateauKw) / seen;
  }
  let most = 0;
  for (let start = 0; start < 24; start++) {
    const share = lowestOf(shares, start);
    if (share !== share) return NaN;
    if (share > most) most = share;
  }
  if (most < 1 - LOW_QUANTILE) return most / (1 - LOW_QUANTILE);
  for (let hour = 0; hour < 24; hour++) {
    lowKw[hour] = 0;
    if (shares[hour] < 1 - LOW_QUANTILE) continue;
    lowKw[hour] = hoursOfDay.quantile(hour, LOW_QUANTILE);
    usualKw[hour] = hoursOfDay.quantile(hour, 1 - LOW_QUANTILE);
  }
  for (let start = 0; start < 24; start++) {
    const level = lowestOf(lowKw, start);
    if (level < settings.quietPlateauKw) continue;
    let spreadKw = 0;
    for (let i = start; i < start + PLATEAU_HOURS; i++) spreadKw += usualKw[i % 24] - lowKw[i % 24];
    if (spreadKw / PLATEAU_HOURS < settings.unevenRatio * level) return NaN;
  }
  return 1;
}

/** Lowest of the plateau's hours, around midnight too; NaN where one is unknown. */
function lowestOf(hours: Float64Array, start: number): number {
  let lowest = Infinity;
  for (let i = start; i < start + PLATEAU_HOURS; i++) {
    const value = hours[i % 24];
    if (value !== value) return NaN;
    if (value < lowest) lowest = value;
  }
  return lowest;
}

/** An hour that fewer days have says nothing of a plateau. */
const LEAST_DAYS = 5;
/** A plateau's hour counts with this quantile of its days, and spreads up to the opposite one. */
const LOW_QUANTILE = 0.3;
/** Shorter than any night or off-peak pattern, longer than most cooking and washing. */
const PLATEAU_HOURS = 5;
