import type { LegalSituation, Sentence } from './rule.js';

/** What was metered of one local month by the unit the quota counts over. */
export interface MonthMetering {
  /** kWh of the intervals present only. */
  readonly unitKwh: number;
  /** Hours with data, and hours of the whole month. */
  readonly hoursPresent: number;
  readonly hoursExpected: number;
}

/**
 * A month held against the quota. Missing hours are never filled in: `exceeded` follows from metered energy alone, and
 * what the missing hours could change stands beside it.
 */
export interface QuotaJudgement {
  readonly ruleId: string;
  readonly limitKwh: number;
  readonly exceeded: boolean;
  /** The month used at least this: what was metered, since missing hours can only add. */
  readonly atLeastKwh: number;
  /** Metered above the limit, kWh; 0 when not exceeded. */
  readonly overKwh: number;
  /** 0 to 1. */
  readonly completenessRatio: number;
  readonly shortfallHours: number;
  /**
   * Mean power over the missing hours above which the month did exceed the limit after all; null when it is exceeded
   * already, or nothing is missing. Worked example: 5,000 kWh metered, 100 of 720 hours missing: above 10 kW.
   */
  readonly meanKwToExceed: number | null;
}

/** The limit is exceeded by more than it: exactly 6,000 kWh is not (sources differ; the reading in the household's favour). */
export function judgeMonthlyQuota(
  month: MonthMetering,
  quota: NonNullable<LegalSituation['quota']>,
): QuotaJudgement {
  const exceeded = month.unitKwh > quota.limitKwh;
  const shortfallHours = Math.max(0, month.hoursExpected - month.hoursPresent);
  const open = !exceeded && shortfallHours > 0;
  return {
    ruleId: quota.ruleId,
    limitKwh: quota.limitKwh,
    exceeded,
    atLeastKwh: month.unitKwh,
    overKwh: exceeded ? month.unitKwh - quota.limitKwh : 0,
    completenessRatio: month.hoursExpected > 0 ? Math.min(1, month.hoursPresent / month.hoursExpected) : 0,
    shortfallHours,
    meanKwToExceed: open ? (quota.limitKwh - month.unitKwh) / shortfallHours : null,
  };
}

/** The judgement in words, which say what it does not mean. */
export function quotaSentence(judgement: QuotaJudgement): Sentence {
  const metered = Math.round(judgement.atLeastKwh);
  const limit = judgement.limitKwh;
  const percent = Math.floor(judgement.completenessRatio * 100);
  if (judgement.exceeded) {
    return {
      ru:
        `Учтено не менее ${metered} кВт·ч за месяц при лимите ${limit} (данных ${percent} %). Превышение само по себе ` +
        'не нарушение: счётчик показывает потребление, а не майнинг; причину устанавливает инспектор.',
      en:
        `At least ${metered} kWh metered in the month against the quota of ${limit} (${percent} % of the data). ` +
        'Exceeding it is not an offence in itself: a meter shows consumption, not mining; an inspector establishes the cause.',
    };
  }
  const ru = `Учтено ${metered} кВт·ч за месяц при лимите ${limit} (данных ${percent} %).`;
  const en = `${metered} kWh metered in the month against the quota of ${limit} (${percent} % of the data).`;
  if (judgement.meanKwToExceed === null) return { ru, en };
  const hours = Math.round(judgement.shortfallHours);
  const kw = judgement.meanKwToExceed.toFixed(1);
  return {
    ru: `${ru} Нет данных за ${hours} ч: лимит превышен, если в эти часы средняя мощность была выше ${kw.replace('.', ',')} кВт.`,
    en: `${en} ${hours} hours are missing: the quota was exceeded if the mean power in them was above ${kw} kW.`,
  };
}
