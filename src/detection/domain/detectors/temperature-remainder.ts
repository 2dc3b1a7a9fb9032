import { kw, type Sentence } from '../phrases.js';
import { formatPercent } from '../text.js';
import { mayHeat, thermostat } from './steadiness.js';
import { ramp, rampLog, rounded, roundTo } from '../../../readings/domain/numeric.js';
import type { RecentLoad } from '../features.js';
import type { ThermalFit } from '../thermal-fit.js';
import type { TwoLevels } from '../two-levels.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type TemperatureRemainderSettings = Record<string, never>;

export type TemperatureRemainderObserved = {
  basis: ThermalFit['basis'] | 'none';
  floorKw: number;
  /** What is left of the floor once the part that follows is taken off, and its lower bound. */
  remainderKw: number | null;
  remainderLowKw: number | null;
  /** The parts of the floor and of the mean load that follow, and how well days agree (−1 to 1). */
  explainedFloorKw: number;
  explainedMeanKw: number;
  agreement: number;
  /** kW per °C (other homes: per unit of their movement). */
  slopeKwPerUnit: number;
  /**
   * Share of the floor that a day warmer by 1 °C adds: refrigeration about 1 %, a rig about 0.2 %. 0 without
   * weather.
   */
  warmthRatioPerC: number;
  meanKw: number;
  testedRange: number;
  /** °C of cold (18 °C − T) that the mildest tenth of the days with this floor had at most; by heated neighbours where there is no weather. */
  mildestCold: number;
  mildFloorKw: number | null;
  /** 0 to 1: how far the floor is switched between two levels by the weather (two-levels.ts). */
  switchedRatio: number;
  /**
   * Restlessness of the floor from day to day (relative) and within a day (kW): heating's, where the weather can't
   * tell.
   */
  floorSpreadRatio: number;
  quietSpreadKw: number;
};

/**
 * Where no weather can tell, a load as restless as a thermostat's speaks against with this part of the full weight.
 */
const UNTESTED_RATIO = 0.45;
/** The same where nothing tells of the cold at all: no case may rest on a load that may as well be heating. */
const UNKNOWN_RATIO = 0.8;
/** Neighbours' heating tells of the cold nearly as well as a thermometer. */
const STAND_IN_RATIO = 0.7;

/** 0 to 1: how well the weather explains the load, before anything else is looked at. */
export function explainedByWeather(thermal: ThermalFit, recent: RecentLoad): number {
  const { explainedFloorKw, explainedMeanKw, remainderLowKw, mildFloorKw } = thermal;
  const { floorKw, meanKw } = recent;
  const { agreement } = leading(thermal);
  return explainedBy({
    explainedFloorKw,
    explainedMeanKw,
    remainderLowKw,
    mildFloorKw,
    floorKw,
    meanKw,
    agreement,
  });
}

function explainedBy(
  load: Pick<ThermalFit, 'explainedFloorKw' | 'explainedMeanKw' | 'remainderLowKw'> &
    Pick<RecentLoad, 'floorKw' | 'meanKw'> & { agreement: number; mildFloorKw: number | null },
): number {
  const { floorKw, meanKw, remainderLowKw, mildFloorKw } = load;
  const share = Math.max(
    load.explainedFloorKw / Math.max(floorKw, 0.5),
    load.explainedMeanKw / Math.max(meanKw, 1),
  );
  const mildLow = mildFloorKw !== null && mildFloorKw < 0.6;
  return (
    ramp(load.agreement, 0.15, 0.5) *
    ramp(share, 0.25, 0.65) *
    (mildLow ? 1 : 0.8) *
    (1 - rampLog(remainderLowKw, 0.6, 2.5))
  );
}

/** The fit that speaks: of the floor, where any of it follows, else of the mean. */
function leading({ explainedFloorKw, floorHeating, meanHeating }: ThermalFit): ThermalFit['floorHeating'] {
  return explainedFloorKw > 0 ? floorHeating : meanHeating;
}

/**
 * What is left flat when heating and cooling are taken off; where they explain the load, evidence against mining.
 *
 * Formula: kW = rest + b · max(0, 18 °C − T) + c · max(0, T − 22 °C), both later where the home starts later,
 * slopes by Theil–Sen over days 3 to 10 apart (see
 * thermal-fit.ts); remainder = median of the recent daily floors minus the part explained, with a lower bound that
 * allows for a fifth more heating and for the slope's error. Without weather the axis is how the homes around that heat
 * electrically move together (see heating-movement.ts), and with neither the movement of comparable homes, which may
 * explain a load but proves nothing where it does not.
 * Source: electric heating falls steeply with warmth, a rig's load rises slightly: the best separator.
 * Worked example: floor 8.3 kW at −10 °C, slope 0.18 kW/°C → 28 · 0.18 = 5.04 kW of heating, remainder 3.26 kW.
 */
export const temperatureRemainder: Detector<
  'temperature-remainder',
  TemperatureRemainderSettings,
  TemperatureRemainderObserved
> = {
  name: 'temperature-remainder',
  version: 2,
  defaults: {},

  detect(input, { recent, thermal, levels, days }, settings): FindingOf<TemperatureRemainderObserved> | null {
    if (!recent) return null;
    const main = thermal && leading(thermal);
    return finding(this, {
      input,
      settings,
      from: 0,
      to: days,
      sinceDay: null,
      observed: {
        basis: thermal?.basis ?? 'none',
        floorKw: roundTo(recent.floorKw, 2),
        remainderKw: thermal && rounded(thermal.remainderKw, 2),
        remainderLowKw: thermal && rounded(thermal.remainderLowKw, 2),
        explainedFloorKw: roundTo(thermal?.explainedFloorKw ?? 0, 2),
        explainedMeanKw: roundTo(thermal?.explainedMeanKw ?? 0, 2),
        agreement: roundTo(main?.agreement ?? 0, 2),
        slopeKwPerUnit: roundTo(main?.slope ?? 0, 3),
        warmthRatioPerC: roundTo(warmthRatio(thermal, recent.floorKw), 4),
        meanKw: roundTo(recent.meanKw, 2),
        testedRange: roundTo(thermal?.testedRange ?? 0, thermal?.basis === 'weather' ? 0 : 2),
        mildestCold: roundTo(thermal?.mildestCold ?? 0, 0),
        floorSpreadRatio: roundTo(recent.floorSpreadRatio, 3),
        quietSpreadKw: roundTo(recent.quietSpreadKw, 3),
        mildFloorKw: thermal && rounded(thermal.mildFloorKw, 2),
        switchedRatio: roundTo(switched(levels, recent.floorKw), 2),
      },
    });
  },

  strength: (observed, { untested, pausing }) => {
    const { basis, remainderLowKw } = observed;
    const heatingLike = Math.max(
      UNTESTED_RATIO * thermostat(observed),
      UNKNOWN_RATIO * untested * mayHeat(observed),
    );
    if (basis === 'none' || remainderLowKw === null) return -heatingLike * (1 - pausing);
    const tested = testedBy(observed);
    const left = rampLog(remainderLowKw, 0.6, 2.5) * accuses(observed);
    const explained = explainedBy({ ...observed, remainderLowKw });
    const refrigeration = ramp(observed.warmthRatioPerC, 0.004, 0.01) * ramp(-observed.agreement, 0.25, 0.55);
    // A machine that pauses makes the floor restless by itself.
    const doubt = (1 - pausing) * Math.max(0.4 * refrigeration, (1 - tested) * heatingLike);
    return (
      left * (1 - refrigeration) * (1 - observed.switchedRatio) -
      Math.max(explained, doubt, 0.6 * observed.switchedRatio)
    );
  },

  say: (o, logOdds) => {
    const explained = Math.max(o.explainedFloorKw, o.explainedMeanKw);
    if (o.basis === 'none' || o.remainderKw === null || (logOdds < 0 && explained < 0.3))
      return untested(o, logOdds);
    const follows = FOLLOWED[o.basis];
    return logOdds < 0
      ? {
          ru: `Нагрузка следует ${follows.ru}: этим объясняются ${kw(explained).ru} из ${kw(o.meanKw).ru}, как у электроотопления или охлаждения.`,
          en: `The load follows ${follows.en}: that explains ${kw(explained).en} of ${kw(o.meanKw).en}, as electric heating or cooling does.`,
        }
      : {
          ru: `Если вычесть то, что следует ${follows.ru} (${kw(o.explainedFloorKw).ru}), остаётся ровная нагрузка около ${kw(o.remainderKw).ru}.`,
          en: `With what follows ${follows.en} taken off (${kw(o.explainedFloorKw).en}), a flat load of about ${kw(o.remainderKw).en} is left.`,
        };
  },
};

function warmthRatio(thermal: ThermalFit | null, floorKw: number): number {
  if (thermal?.basis !== 'weather' || floorKw <= 0) return 0;
  return Math.max(0, -thermal.floorHeating.signedSlope) / floorKw;
}

/** What a load may follow, after "follows". */
const FOLLOWED: Readonly<Record<'weather' | 'heating' | 'heating_inferred' | 'peers', Sentence>> = {
  weather: { ru: 'за погодой', en: 'the weather' },
  heating: {
    ru: 'за общим ходом потребления домов с электроотоплением вокруг',
    en: 'the common movement of the electrically heated homes around',
  },
  heating_inferred: {
    ru: 'за общим ходом потребления домов, которые меняют его вместе, как с похолоданием',
    en: 'the common movement of homes that change their use together, as with the cold',
  },
  peers: { ru: 'за общим ходом потребления соседей', en: 'the neighbours’ common movement' },
};

/** Weather that is unknown, or too even to tell. */
function untested(o: TemperatureRemainderObserved, logOdds: number): Sentence {
  if (o.warmthRatioPerC >= 0.004 && logOdds < 0) {
    return {
      ru: `Нагрузка растёт с теплом на ${formatPercent(o.warmthRatioPerC, 'ru', 1)} на градус, как у холодильного оборудования.`,
      en: `The load grows with warmth by ${formatPercent(o.warmthRatioPerC, 'en', 1)} a degree, as refrigeration does.`,
    };
  }
  const restless = {
    ru:
      logOdds < -0.05
        ? `, но её низ беспокоен (${kw(o.quietSpreadKw).ru} за сутки), как под термостатом`
        : '',
    en:
      logOdds < -0.05
        ? `, but its floor is restless (${kw(o.quietSpreadKw).en} within a day), as under a thermostat`
        : '',
  };
  return o.basis === 'none' || o.basis === 'peers'
    ? {
        ru: `Наружная температура не известна, и домов с электроотоплением для сравнения нет: отопление от прочей нагрузки не отделить${restless.ru}.`,
        en: `Outdoor temperature is not known, nor are electrically heated homes to compare with: heating can't be told apart from other load${restless.en}.`,
      }
    : {
        ru: `Холода менялись слишком мало, чтобы отделить отопление от прочей нагрузки${restless.ru}.`,
        en: `The cold changed too little to tell heating apart from other load${restless.en}.`,
      };
}

/**
 * 0 to 1: how far the cold has put the load to the test. Comparable homes do not tell: those that do not heat hardly move
 * with the cold, and a boiler among them stands out as a rig does.
 */
function testedBy({ basis, testedRange }: TemperatureRemainderObserved): number {
  if (basis === 'weather') return ramp(testedRange, 3, 10);
  return basis === 'heating' || basis === 'heating_inferred' ? movedBy(testedRange) : 0;
}

/**
 * 0 to 1: how much it says that a load stayed flat. Homes chosen by their likeness excuse one that moves with them, but
 * accuse none that does not; beside comparable homes only a machine's steadiness is left to speak.
 */
function accuses(observed: TemperatureRemainderObserved): number {
  if (observed.basis === 'heating_inferred') return 0;
  if (observed.basis === 'peers') return movedBy(observed.testedRange) * (1 - mayHeat(observed));
  // In deep winter a heater runs at its limit, as flat as a rig: mild days tell them apart.
  return testedBy(observed) * (1 - 0.7 * onlyWinter(observed));
}

/** Other homes' range of movement. */
function movedBy(testedRange: number): number {
  return STAND_IN_RATIO * ramp(testedRange, 0.1, 0.4);
}

/** 0 to 1: nothing is known of the cold, neither by weather nor by heated neighbours, or it hardly changed for them. */
export function untestedCold(observed: TemperatureRemainderObserved): number {
  return observed.basis === 'weather' ? 0 : 1 - testedBy(observed) / STAND_IN_RATIO;
}

/** 0 to 1: how sure it is that a rig's worth of the floor does not follow the cold. */
export function blindLoad(observed: TemperatureRemainderObserved): number {
  if (observed.remainderLowKw === null) return 0;
  return rampLog(observed.remainderLowKw, 0.5, 1.5) * accuses(observed) * (1 - observed.switchedRatio);
}

/** 0 to 1: the mildest days with this floor were still cold: below 8 °C it begins, at −2 °C it is full. */
export function onlyWinter({ mildestCold }: TemperatureRemainderObserved): number {
  return ramp(mildestCold, 10, 20);
}

/** The floor stands at a level of its own on the cold days, and goes back with every mild one. */
function switched(levels: TwoLevels | null, floorKw: number): number {
  if (!levels || !(floorKw > 0)) return 0;
  const often = ramp(levels.switches, 2, 6) * ramp(levels.stepKw / floorKw, 0.3, 0.7);
  return often * Math.max(ramp(levels.coldShift ?? 0, 0.8, 1.5), ramp(levels.heatShift ?? 0, 0.8, 1.5));
}
