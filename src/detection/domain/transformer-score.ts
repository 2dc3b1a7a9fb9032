import type {
  BalanceSettings,
  LossModel,
  Residual,
  Suspect,
  TransformerBalance,
} from '../../balance/domain/types.js';
import { isoFromDay } from '../../grid/domain/calendar.js';
import { logistic, logOdds, ramp, roundTo } from '../../readings/domain/numeric.js';
import { hours, kw, type Sentence } from './phrases.js';
import { formatHour, formatNumber, formatPercent } from './text.js';
import type { Evidence, Finding, HiddenLoadShare, PointScore } from './types.js';

export const TRANSFORMER_BALANCE = 'transformer-balance';

export type TransformerJudgement = {
  /** Share of transformers with a farm on an unmetered feed, before their balance is looked at: ours, one in fifty. */
  readonly baseRate: number;
  readonly levelFor: number;
  readonly shapeFor: number;
  readonly onsetFor: number;
  readonly against: number;
  /** A case needs this score besides the verdict. */
  readonly caseScore: number;
};

/**
 * A flat remainder beyond what the transformer can lose has no other cause than load without a meter: the level's lower
 * bound and the flatness carry the score. Weights start from the trial on simulated regions (440 honest transformers, none
 * above 0.5) and are to be refitted from inspections.
 */
export const DEFAULT_TRANSFORMER_JUDGEMENT: TransformerJudgement = Object.freeze({
  baseRate: 0.02,
  levelFor: 6,
  shapeFor: 3,
  onsetFor: 1.5,
  against: 2,
  caseScore: 0.5,
});

/** Suspects named in the finding and in the reasons. */
const NAMED = 3;

/**
 * A transformer's balance as a score of its balance meter: how likely load without a meter hangs on it, with the reasons.
 * `names` are the metering points under it, in the order the balance was given them. A transformer whose balance could not
 * be struck has no finding.
 */
export function transformerScore(
  balance: TransformerBalance,
  names: readonly string[],
  judgement: TransformerJudgement = DEFAULT_TRANSFORMER_JUDGEMENT,
): PointScore {
  const evidence = [prior(judgement), ...weigh(balance, names, judgement)];
  const score = logistic(evidence.reduce((sum, item) => sum + item.logOdds, 0));
  const isHidden = balance.verdict === 'hidden_load';
  return {
    score,
    explained: true,
    kind: isHidden ? 'hidden_load' : 'none',
    caseWorthy: isHidden && score >= judgement.caseScore,
    since: isHidden && balance.onset ? balance.firstDay + Math.floor(balance.onset.hour / 24) : null,
    findings: balance.verdict === 'unclear' ? [] : [findingOf(balance, names)],
    evidence,
  };
}

/** What the balance says of each point under the transformer, in their order; null for those it does not point at. */
export function hiddenLoadShares(
  balance: TransformerBalance,
  transformer: string,
): readonly (HiddenLoadShare | null)[] {
  const shares = new Array<HiddenLoadShare | null>(balance.confidence.points).fill(null);
  balance.suspects.forEach((suspect, at) => {
    shares[suspect.point] = {
      transformer,
      residualKw: balance.hiddenKw,
      residualLowKw: balance.hiddenLowerKw,
      sinceDay: balance.onset ? Math.floor(balance.onset.hour / 24) : null,
      confidence: balance.confidence.ratio,
      rank: at + 1,
      shareRatio: suspect.share,
      dropKw: Math.max(0, suspect.dropKw),
      points: balance.confidence.points,
    };
  });
  return shares;
}

function findingOf(balance: TransformerBalance, names: readonly string[]): Finding {
  const { firstDay, days, confidence, loss, residual, onset } = balance;
  const suspects = balance.suspects.slice(0, NAMED).flatMap((suspect, at) =>
    Object.entries({
      '': names[suspect.point],
      ShareRatio: suspect.share,
      DropKw: suspect.dropKw,
      DropDay: suspect.dropDay === null ? null : isoFromDay(firstDay + suspect.dropDay),
      RiseKw: suspect.riseKw,
      CompletesRatio: suspect.completes,
      FloorKw: suspect.floorKw,
      TamperEvents: suspect.tamperEvents,
    }).map(([name, value]) => [`suspect${at + 1}${name}`, value] as const),
  );
  return {
    detector: TRANSFORMER_BALANCE,
    version: balance.version,
    window: { from: isoFromDay(firstDay), to: isoFromDay(firstDay + days) },
    settings: balance.settings satisfies BalanceSettings,
    observed: {
      verdict: balance.verdict,
      hiddenKw: balance.hiddenKw,
      hiddenLowerKw: balance.hiddenLowerKw,
      hiddenUpperKw: balance.hiddenUpperKw,
      residualFloorKw: residual?.floorKw ?? null,
      residualMeanKw: residual?.meanKw ?? null,
      flatnessRatio: residual?.flatnessRatio ?? null,
      scatterKw: residual?.scatterKw ?? null,
      nightRiseKw: residual?.nightRiseKw ?? null,
      onset: onset && isoHour(firstDay, onset.hour),
      onsetEarliest: onset && isoHour(firstDay, onset.earliestHour),
      onsetLatest: onset && isoHour(firstDay, onset.latestHour),
      stepKw: onset && roundTo(onset.stepKw, 2),
      noLoadKw: loss?.noLoadKw ?? null,
      quadraticPerKw: loss?.quadraticPerKw ?? null,
      meanLossKw: loss?.meanLossKw ?? null,
      meanInflowKw: loss?.meanInflowKw ?? null,
      points: confidence.points,
      pointsNeverRead: confidence.pointsNeverRead,
      coverageRatio: confidence.coverageRatio,
      hoursUsed: confidence.hoursUsed,
      hoursExpected: confidence.hours,
      clockSkewHours: confidence.clockSkewHours,
      confidenceRatio: confidence.ratio,
      ...Object.fromEntries(suspects),
    },
    since: onset && isoFromDay(firstDay + Math.floor(onset.hour / 24)),
  };
}

function prior({ baseRate }: TransformerJudgement): Evidence {
  return evidence('context', logOdds(baseRate), {
    ru: `До взгляда на баланс вероятность безучётной нагрузки под трансформатором принята ${formatPercent(baseRate, 'ru', 1)}.`,
    en: `Before looking at the balance the chance of unmetered load under the transformer is put at ${formatPercent(baseRate, 'en', 1)}.`,
  });
}

function weigh(
  balance: TransformerBalance,
  names: readonly string[],
  judgement: TransformerJudgement,
): Evidence[] {
  const { verdict } = balance;
  const told = [
    verdict === 'hidden_load' ? hidden(balance, judgement) : [],
    verdict === 'hidden_load' ? [] : [nothingHidden(balance, judgement)],
    doubts(balance, verdict === 'hidden_load' ? judgement.against : 0),
    balance.suspects.length > 0 ? [suspectsNamed(balance, names)] : [],
  ].flat();
  return told.sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
}

function hidden(balance: TransformerBalance, judgement: TransformerJudgement): Evidence[] {
  const { hiddenKw, hiddenLowerKw, hiddenUpperKw, firstDay, onset, confidence, settings } = balance;
  const { flatnessRatio, meanKw, variableKw } = balance.residual!;
  const { meanLossKw } = balance.loss!;
  const level = 0.5 + 0.5 * ramp(hiddenLowerKw, settings.minSteadyKw, 4);
  const shape = ramp(flatnessRatio, 0.5, 0.9);
  const found = [
    evidence('level', judgement.levelFor * level, {
      ru:
        `Через трансформатор постоянно уходит на ${kw(hiddenKw).ru} больше, чем учли счётчики под ним ` +
        `(от ${kw(hiddenLowerKw).ru} до ${kw(hiddenUpperKw).ru}); технические потери (${kw(meanLossKw).ru}) уже вычтены.`,
      en:
        `${kw(hiddenKw).en} more than the meters under it account for leave the transformer all the time ` +
        `(between ${kw(hiddenLowerKw).en} and ${kw(hiddenUpperKw).en}); technical loss (${kw(meanLossKw).en}) is taken off.`,
    }),
    evidence('shape', judgement.shapeFor * shape, {
      ru: `Остаток ровный: его дно составляет ${formatPercent(flatnessRatio, 'ru')} среднего (${kw(meanKw).ru}); так работает оборудование без перерыва, а не дом.`,
      en: `The remainder is flat: its floor is ${formatPercent(flatnessRatio, 'en')} of its mean (${kw(meanKw).en}); machines that never pause run like that, homes do not.`,
    }),
  ];
  if (onset) {
    const at = isoHour(firstDay, onset.hour);
    const spread = onset.latestHour - onset.earliestHour;
    found.push(
      evidence('onset', judgement.onsetFor * (1 - ramp(spread, 6, 72)), {
        ru: `Остаток скачком вырос на ${kw(roundTo(onset.stepKw, 2)).ru}: ${formatHour(at, 'ru')} (разброс: ${hours(spread).ru}).`,
        en: `The remainder rose at once by ${kw(roundTo(onset.stepKw, 2)).en}: ${formatHour(at, 'en')} (known to within ${hours(spread).en}).`,
      }),
    );
  } else {
    found.push(
      evidence('context', 0, {
        ru: 'Остаток был уже в начале этих данных: когда он появился, по ним не установить.',
        en: 'The remainder was there when these data begin: they do not tell when it appeared.',
      }),
    );
  }
  if (variableKw >= 0.5 && confidence.pointsNeverRead === 0) {
    found.push(
      evidence('context', 0, {
        ru: `Сверх ровной части не учтено ещё в среднем ${kw(variableKw).ru}, как у жилого дома: возможно, есть точка, которой нет в реестре.`,
        en: `Beyond the flat part another ${kw(variableKw).en} on average go unmetered, as a home's would: a point may be missing from the registry.`,
      }),
    );
  }
  return found;
}

function nothingHidden(balance: TransformerBalance, { against }: TransformerJudgement): Evidence {
  const { residual, loss, confidence, hiddenKw } = balance;
  const measured = residual && loss ? { mean: kw(residual.meanKw), night: kw(hiddenKw) } : null;
  switch (balance.verdict) {
    case 'night_load':
      return evidence('pattern', -against / 2, {
        ru: `По ночам не учтено на ${measured!.night.ru} больше, чем днём: так ведут себя уличное освещение, ночной обогрев и ночная работа оборудования; по балансу их не различить.`,
        en: `By night ${measured!.night.en} more go unmetered than by day: street lights, night storage heating and machines run by night do that; the balance can't tell them apart.`,
      });
    case 'household_like':
      return evidence('shape', -against, {
        ru: `Не учтено в среднем ${measured!.mean.ru}, но неровно, как у жилого дома: похоже на точку без показаний или не внесённую в реестр, а не на ферму.`,
        en: `${measured!.mean.en} on average go unmetered, but they rise and fall as a home's do: it looks like a point that is not read or not registered, not like a farm.`,
      });
    case 'inconsistent':
      return evidence('context', 0, {
        ru: `Счётчики под трансформатором учли больше, чем в него вошло (в среднем ${measured!.mean.ru}): проверьте привязку точек и коэффициенты трансформации.`,
        en: `The meters under the transformer account for more than enters it (${measured!.mean.en} on average): check which points hang on it and the transformer ratios.`,
      });
    case 'unclear':
      return evidence('context', 0, {
        ru: `Баланс не свести: пригодны ${hours(confidence.hoursUsed).ru} из ${confidence.hours}, точек с показаниями ${confidence.points - confidence.pointsNeverRead} из ${confidence.points}.`,
        en: `The balance can't be struck: ${hours(confidence.hoursUsed).en} of ${confidence.hours} serve, ${confidence.points - confidence.pointsNeverRead} of ${confidence.points} points have readings.`,
      });
    default:
      return holds(residual!, loss!, against);
  }
}

/** More than this, kW, is not "nothing left", even if it can't be told from losses. */
const WORTH_TELLING_KW = 0.5;

function holds(residual: Residual, loss: LossModel, against: number): Evidence {
  const [lost, left, sure] = [loss.meanLossKw, residual.meanKw, Math.max(0, residual.floorLowerKw)].map(kw);
  if (residual.meanKw >= WORTH_TELLING_KW) {
    return evidence('context', 0, {
      ru: `Сверх технических потерь (${lost.ru}) ровно остаётся в среднем ${left.ru}, но с учётом погрешностей, возможных потерь и точек без показаний достоверно лишь ${sure.ru}: для вывода мало.`,
      en: `Beyond technical loss (${lost.en}) ${left.en} are left on average, and flat, but with meter errors, possible losses and points without readings only ${sure.en} are certain: too little to conclude from.`,
    });
  }
  return evidence('level', -against, {
    ru: `Баланс сходится: сверх технических потерь (${lost.ru}) остаётся в среднем ${left.ru}.`,
    en: `The balance holds: beyond technical loss (${lost.en}) ${left.en} are left on average.`,
  });
}

/** What makes the balance less certain; `weight` log-odds against when nothing of it can be trusted. */
function doubts({ confidence }: TransformerBalance, weight: number): Evidence[] {
  const found: Evidence[] = [];
  const { coverageRatio, pointsNeverRead, clockSkewHours, correlation, correlationUnshifted } = confidence;
  if (coverageRatio < 0.98) {
    const unread = pointsNeverRead > 0;
    found.push(
      evidence('context', -weight * ramp(1 - coverageRatio, 0.05, 0.4), {
        ru:
          `Показаний под трансформатором ${formatPercent(coverageRatio, 'ru', 1)}` +
          (unread ? `, без единого показания точек: ${pointsNeverRead}` : '') +
          '; короткие пробелы заполнены обычной нагрузкой точки, часы с длинными не учтены.',
        en:
          `${formatPercent(coverageRatio, 'en', 1)} of the readings under the transformer are there` +
          (unread ? `, points without a single one: ${pointsNeverRead}` : '') +
          '; short gaps are filled with the usual load of the point, hours with long ones are left out.',
      }),
    );
  }
  if (clockSkewHours !== 0) {
    const ahead = clockSkewHours > 0;
    const size = hours(Math.abs(clockSkewHours));
    found.push(
      evidence('context', 0, {
        ru: `Часы балансового счётчика ${ahead ? 'спешат' : 'отстают'} на ${size.ru} против счётчиков под ним; это исправлено (корреляция кривых ${formatNumber(correlationUnshifted, 'ru')} до поправки, ${formatNumber(correlation, 'ru')} после).`,
        en: `The balance meter's clock is ${size.en} ${ahead ? 'ahead of' : 'behind'} those of the meters under it; that is corrected (the curves correlate at ${formatNumber(correlationUnshifted, 'en')} before and ${formatNumber(correlation, 'en')} after).`,
      }),
    );
  }
  return found;
}

function suspectsNamed({ suspects }: TransformerBalance, names: readonly string[]): Evidence {
  const listed = suspects.slice(0, NAMED);
  const list = (language: 'ru' | 'en') =>
    listed
      .map(
        (suspect) =>
          `${names[suspect.point]} (${formatPercent(suspect.share, language)}${because(suspect)[language]})`,
      )
      .join('; ');
  return evidence('context', 0, {
    ru: `Кого проверить первым, с долей ответственности: ${list('ru')}. Это порядок осмотра, а не вывод.`,
    en: `Whom to check first, with the share of responsibility: ${list('en')}. It is an order of visits, not a conclusion.`,
  });
}

function because({ completesSigmas, dropSigmas, dropKw, riseKw, tamperAtStep }: Suspect): Sentence {
  if (tamperAtStep > 0)
    return { ru: ', счётчик сообщил о вмешательстве', en: ', its meter reported tampering' };
  if (completesSigmas >= 5)
    return { ru: ', остаток повторяет его кривую', en: ', the remainder repeats its curve' };
  if (riseKw >= 0.7)
    return {
      ru: `, учтённая нагрузка тогда же выросла на ${kw(riseKw).ru}`,
      en: `, its metered load rose by ${kw(riseKw).en} at once`,
    };
  if (dropSigmas >= 3 && dropKw > 0)
    return {
      ru: `, учтённая нагрузка тогда же упала на ${kw(dropKw).ru}`,
      en: `, its metered load fell by ${kw(dropKw).en} then`,
    };
  return { ru: '', en: '' };
}

function evidence(kind: Evidence['kind'], weight: number, sentence: Sentence): Evidence {
  return { detector: TRANSFORMER_BALANCE, kind, logOdds: roundTo(weight, 3) || 0, sentence };
}

function isoHour(firstDay: number, hour: number): string {
  const day = Math.floor(hour / 24);
  return `${isoFromDay(firstDay + day)}T${String(hour - day * 24).padStart(2, '0')}:00`;
}
