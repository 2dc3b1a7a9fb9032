import type { HourBlock } from '../hour-block.js';
import { ramp, rampLog, roundTo } from '../../../readings/domain/numeric.js';
import { kw, type Sentence } from '../phrases.js';
import type { ThermalFit } from '../thermal-fit.js';
import type { TwoLevels } from '../two-levels.js';
import type { FindingOf } from '../types.js';
import { finding, type Context, type Detector } from './detector.js';
import { switchedByWeather } from './on-off.js';
import { storageDoubt } from './timed-block.js';

export type PausesAndWeatherSettings = {
  minDays: number;
  minStepKw: number;
};

export type PausesAndWeatherObserved = {
  /** A plateau over the same hours of every day, or two levels for days at a time. */
  pattern: 'daily' | 'days';
  stepKw: number;
  /** Of a daily plateau: how long it is, and the share of the hours from midnight to six in it. */
  hoursOn: number | null;
  nightRatio: number | null;
  /** kW of the plateau, and share of the mean load, that follow the cold, and how well pairs of days agree (−1 to 1). */
  coldKw: number | null;
  coldAgreement: number | null;
  meanColdRatio: number | null;
  meanAgreement: number | null;
  lengthSpreadHours: number | null;
  lengthAgreement: number | null;
  /** Of levels: days at the high one less days at the low one, in standard deviations of the cold and of the heat. */
  coldShift: number | null;
  heatShift: number | null;
  /** °C of cold (18 °C − T) that the mildest tenth of the days had at most; null when nothing tells of the cold. */
  mildestCold: number | null;
};

/**
 * Whether what pauses is switched by the weather: the daily plateau grows or lasts longer with the cold, as night storage does,
 * or the high level stands on the cold (or hot) days. A machine does neither.
 *
 * Formula: Theil–Sen of the plateau's daily level, and of its daily length, on the cold over pairs of days 3 to 10 apart
 * (thermal-fit.ts, hour-block.ts); of two levels the difference of their days' mean cold in standard deviations.
 * Source: night storage takes at the night tariff what the next day will lose; where it never gets mild it is full every
 * night, and looks like a machine: there only the registry can tell.
 * Worked example: 6 kW from 23 to 7, at 0 °C as at −15 °C → 0 kW follow the cold.
 */
export const pausesAndWeather: Detector<
  'pauses-and-weather',
  PausesAndWeatherSettings,
  PausesAndWeatherObserved
> = {
  name: 'pauses-and-weather',
  version: 1,
  defaults: { minDays: 8, minStepKw: 0.5 },

  detect(input, features, settings): FindingOf<PausesAndWeatherObserved> | null {
    const { block, levels, thermal, recent, days } = features;
    const mildestCold = thermal && thermal.basis !== 'peers' ? roundTo(thermal.mildestCold, 0) : null;
    const hasBlock = block && block.blockKw >= settings.minStepKw && block.daysSeen >= settings.minDays;
    if (hasBlock && (!levels || block.blockKw >= levels.stepKw)) {
      const observed = ofBlock(block, { mildestCold, thermal, meanKw: recent?.meanKw ?? NaN });
      return finding(this, { input, settings, from: block.fromDay, to: days, sinceDay: null, observed });
    }
    if (!levels || levels.stepKw < settings.minStepKw) return null;
    const observed = ofLevels(levels, mildestCold);
    return finding(this, { input, settings, from: levels.fromDay, to: days, sinceDay: null, observed });
  },

  strength(o, context): number {
    const follows = o.pattern === 'daily' ? followsCold(o) : switchedByWeather(o);
    const doubt = inDoubt(o, context);
    const speaks = context.pausing * rampLog(o.stepKw, 0.5, 2);
    return speaks * ((1 - follows) * (1 - doubt) - Math.max(follows, 0.4 * doubt));
  },

  say(o, logOdds): Sentence {
    const step = kw(o.stepKw);
    if (logOdds >= 0) {
      return {
        ru: `Ступень в ${step.ru} в холод и в тепло одинакова: так работает машина, а не отопление.`,
        en: `The step of ${step.en} is the same in the cold and in mild weather: as a machine runs, not heating.`,
      };
    }
    const follows = o.pattern === 'daily' ? followsCold(o) : switchedByWeather(o);
    return follows > 0.3
      ? {
          ru: `Ступень в ${step.ru} растёт или длится дольше с погодой, как у отопления (в том числе накопительного) или охлаждения.`,
          en: `The step of ${step.en} grows or lasts longer with the weather, as heating (storage heating too) or cooling does.`,
        }
      : {
          ru: `Тепла за эти дни не было или погода не известна: накопительное отопление выглядело бы так же, как ступень в ${step.ru}.`,
          en: `There was no mild weather in these days, or it is not known: night storage heating would look the same as this step of ${step.en}.`,
        };
  },
};

function ofBlock(
  block: HourBlock,
  {
    mildestCold,
    thermal,
    meanKw,
  }: { mildestCold: number | null; thermal: ThermalFit | null; meanKw: number },
): PausesAndWeatherObserved {
  return {
    pattern: 'daily',
    stepKw: block.blockKw,
    hoursOn: block.hoursOn,
    nightRatio: block.nightRatio,
    coldKw: block.coldKw,
    coldAgreement: block.coldAgreement,
    meanColdRatio: thermal && roundTo(thermal.explainedMeanKw / meanKw, 2),
    meanAgreement: thermal && roundTo(thermal.meanHeating.agreement || 0, 2),
    lengthSpreadHours: block.lengthSpreadHours,
    lengthAgreement: block.lengthAgreement,
    coldShift: null,
    heatShift: null,
    mildestCold,
  };
}

function ofLevels(
  { stepKw, coldShift, heatShift }: TwoLevels,
  mildestCold: number | null,
): PausesAndWeatherObserved {
  return {
    pattern: 'days',
    stepKw,
    hoursOn: null,
    nightRatio: null,
    coldKw: null,
    coldAgreement: null,
    meanColdRatio: null,
    meanAgreement: null,
    lengthSpreadHours: null,
    lengthAgreement: null,
    coldShift,
    heatShift,
    mildestCold,
  };
}

function followsCold(o: PausesAndWeatherObserved): number {
  return Math.max(
    ramp(o.coldAgreement ?? 0, 0.15, 0.45) * ramp((o.coldKw ?? 0) / o.stepKw, 0.12, 0.45),
    ramp(o.lengthAgreement ?? 0, 0.15, 0.45) * ramp(o.lengthSpreadHours ?? 0, 0.1, 0.4),
    ramp(o.meanAgreement ?? 0, 0.2, 0.5) * ramp(o.meanColdRatio ?? 0, 0.25, 0.6),
  );
}

/** 0 to 1: a plateau by night may be storage heating, levels for days a heater that somebody switches. */
function inDoubt({ hoursOn, nightRatio }: PausesAndWeatherObserved, context: Context): number {
  if (hoursOn !== null && nightRatio !== null) return storageDoubt({ hoursOn, nightRatio }, context);
  const unknown = Math.max(context.untested, context.winter);
  return Math.max(0.5 * unknown, context.facts.electricHeating ? 0.4 + 0.2 * unknown : 0);
}
