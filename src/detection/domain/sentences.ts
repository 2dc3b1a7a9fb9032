import { isoFromDay } from '../../grid/domain/calendar.js';
import type { LegalSituation } from '../../rulebook/domain/rule.js';
import type { DetectorName, ObservedOf } from './detectors/index.js';
import {
  formatDate,
  formatHour,
  formatMonth,
  formatNumber,
  formatPercent,
  pluralEn,
  pluralRu,
} from './text.js';
import type { Finding, PointFacts } from './types.js';

/** The same statement, with the same numbers, for Russian- and English-speaking inspectors. */
export interface Sentence {
  readonly ru: string;
  readonly en: string;
}

/**
 * What a finding says, in plain words. `logOdds` chooses the reading (for mining or for an innocent cause) where the
 * same numbers are told differently. A load may look like mining; only an inspector establishes what it is.
 */
export function sentence(found: Finding, logOdds: number): Sentence {
  const tell = SENTENCES[found.detector as DetectorName] as (
    observed: Finding['observed'],
    logOdds: number,
  ) => Sentence;
  return tell(found.observed, logOdds);
}

/** What the law of the place makes of the load, and the chance before looking at it. */
export function placeSentence(
  { ban, quota }: LegalSituation,
  facts: PointFacts,
  probability: number,
): Sentence {
  const start = {
    ru: `До взгляда на нагрузку вероятность майнинга принята ${formatPercent(probability, 'ru', 1)}.`,
    en: `Before looking at the load the chance of mining is put at ${formatPercent(probability, 'en', 1)}.`,
  };
  if (ban.status === 'banned') {
    const since = ban.since === null ? null : formatBanStart(ban.since);
    return {
      ru: `Майнинг здесь запрещён${since ? ` с ${since.ru}` : ''}: судит запрет, а не квота. ${start.ru}`,
      en: `Mining is banned here${since ? ` since ${since.en}` : ''}: the ban judges, not the quota. ${start.en}`,
    };
  }
  const unsure = ban.status === 'undetermined';
  const opening = unsure
    ? {
        ru: 'Действует ли здесь запрет, не установлено; судим как при разрешённом майнинге.',
        en: 'Whether a ban holds here is not established; judged as where mining is free.',
      }
    : { ru: 'Майнинг здесь не запрещён.', en: 'Mining is not banned here.' };
  const lawful = quota
    ? {
        ru: `До ${formatNumber(quota.limitKwh, 'ru')} кВт·ч в месяц он законен, как бы ни выглядела нагрузка.`,
        en: `Up to ${formatNumber(quota.limitKwh, 'en')} kWh a month it is lawful, whatever the load looks like.`,
      }
    : { ru: 'Квота здесь не задана.', en: 'No quota is set here.' };
  const declared = declaredSentence(facts);
  return {
    ru: [opening.ru, lawful.ru, declared?.ru, start.ru].filter(Boolean).join(' '),
    en: [opening.en, lawful.en, declared?.en, start.en].filter(Boolean).join(' '),
  };
}

/** Whether the registry says that this point mines, openly. */
export function isMiningPurpose(declaredPurpose: string | null): boolean {
  return declaredPurpose !== null && /mining|майнинг/i.test(declaredPurpose);
}

function declaredSentence({ declaredPurpose, declaredLoadKw }: PointFacts): Sentence | null {
  if (!isMiningPurpose(declaredPurpose) || declaredLoadKw === null) return null;
  return {
    ru: `В реестре заявлен майнинг на ${kw(declaredLoadKw).ru}: на эту нагрузку квота граждан не распространяется.`,
    en: `The registry declares mining of ${kw(declaredLoadKw).en}: the quota of individuals does not cover that load.`,
  };
}

/** Little or patchy data, said openly. */
export function dataSentence(data: { days: number; daysPresent: number; judged: boolean }): Sentence {
  const { days, daysPresent, judged } = data;
  const known = {
    ru: `Полных дней в данных: ${daysPresent} из ${days}`,
    en: `Full days of data: ${daysPresent} of ${days}`,
  };
  return judged
    ? { ru: `${known.ru}; выводы менее надёжны.`, en: `${known.en}; conclusions are less certain.` }
    : {
        ru: `${known.ru}; за последние две недели их слишком мало, чтобы судить о виде нагрузки.`,
        en: `${known.en}; the last two weeks hold too few to judge the shape of the load.`,
      };
}

/** What the operator can mend: with the weather loaded, heating and other load part. */
export const COLD_UNKNOWN: Sentence = Object.freeze({
  ru: 'Наружная температура за эти дни не загружена, а домов с электроотоплением, которые её заменили бы, рядом нет: отопление не отличить от другой постоянной нагрузки. Загрузите погоду.',
  en: "Outdoor temperature is not loaded for these days, and there are no electrically heated homes around to stand in for it: heating can't be told apart from other steady load. Load the weather.",
});

const SENTENCES: {
  readonly [N in DetectorName]: (observed: ObservedOf<N>, logOdds: number) => Sentence;
} = {
  'quota-exceeded': (o) => {
    const missing = o.hoursExpected - o.hoursPresent;
    return {
      ru:
        `За ${formatMonth(o.month, 'ru')} учтено ${kwh(o.unitKwh).ru} ${unit(o.countedPer).ru}: на ${kwh(o.overKwh).ru} больше ` +
        `квоты ${kwh(o.limitKwh).ru}${inARow(o.monthsInARow).ru}. Нет данных за ${hours(missing).ru}; они не достраиваются. ` +
        'Само по себе превышение не нарушение: причину предстоит установить.',
      en:
        `${kwh(o.unitKwh).en} were metered ${unit(o.countedPer).en} in ${formatMonth(o.month, 'en')}: ${kwh(o.overKwh).en} above the ` +
        `quota of ${kwh(o.limitKwh).en}${inARow(o.monthsInARow).en}. ${hours(missing).en} of data are missing and not filled in. ` +
        'Exceeding it is not an offence in itself: the cause is to be established.',
    };
  },

  'quota-forecast': (o) => ({
    ru:
      `С начала месяца учтено ${kwh(o.unitKwh).ru} ${unit(o.countedPer).ru}; при ${kwh(o.dailyKwh).ru} в день квота ${kwh(o.limitKwh).ru} ` +
      `будет пройдена ${formatDate(o.crossing, 'ru')} (не раньше ${formatDate(o.earliest, 'ru')}, ` +
      `${o.latest ? `не позже ${formatDate(o.latest, 'ru')}` : 'а может и не быть пройдена'}).`,
    en:
      `${kwh(o.unitKwh).en} metered ${unit(o.countedPer).en} so far this month; at ${kwh(o.dailyKwh).en} a day the quota of ${kwh(o.limitKwh).en} ` +
      `will be passed on ${formatDate(o.crossing, 'en')} (not before ${formatDate(o.earliest, 'en')}, ` +
      `${o.latest ? `not after ${formatDate(o.latest, 'en')}` : 'and perhaps not at all'}).`,
  }),

  'base-load': (o, logOdds) =>
    logOdds < 0
      ? {
          ru: `Нагрузка регулярно опускается до ${kw(o.floorKw).ru}: круглосуточно работающей установке под этим не спрятаться.`,
          en: `The load regularly falls to ${kw(o.floorKw).en}: a rig that runs round the clock can't hide below that.`,
        }
      : {
          ru:
            `Ни днём, ни ночью нагрузка почти не опускается ниже ${kw(o.floorKw).ru} (как ${formatNumber(o.rigUnits, 'ru', 1)} типовой ` +
            `установки); так уже ${days(o.heldDays).ru}.`,
          en:
            `By day and by night the load hardly ever falls below ${kw(o.floorKw).en} (that of ${formatNumber(o.rigUnits, 'en', 1)} typical ` +
            `rigs); so it has been for ${days(o.heldDays).en}.`,
        },

  flatness: (o, logOdds) => (logOdds < 0 ? rhythm(o) : steadyShape(o)),

  'step-up': (o) => {
    const share = {
      ru:
        o.series === 'floor'
          ? 'Постоянная часть нагрузки'
          : 'Средняя за день нагрузка (с ежедневными перерывами)',
      en:
        o.series === 'floor'
          ? 'The part of the load that never pauses'
          : 'The daily mean load (with daily pauses)',
    };
    return {
      ru:
        `${share.ru} выросла на ${kw(o.stepKw).ru} (с ${kw(o.beforeKw).ru} до ${kw(o.afterKw).ru}) ${formatHour(o.onset, 'ru')} ` +
        `по поясному времени (между ${formatHour(o.earliest, 'ru')} и ${formatHour(o.latest, 'ru')}) и с тех пор не опускалась: ${days(o.daysSince).ru}.`,
      en:
        `${share.en} rose by ${kw(o.stepKw).en} (from ${kw(o.beforeKw).en} to ${kw(o.afterKw).en}) on ${formatHour(o.onset, 'en')} ` +
        `standard time (between ${formatHour(o.earliest, 'en')} and ${formatHour(o.latest, 'en')}) and has stayed up for ${days(o.daysSince).en}.`,
    };
  },

  'temperature-remainder': (o, logOdds) => {
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

  peers: (o, logOdds) => {
    const usual = logOdds < 0 ? { ru: ': ничего необычного', en: ': nothing unusual' } : { ru: '', en: '' };
    const points = {
      ru: `${o.peers} ${pluralRu(o.peers, 'сопоставимой точки', 'сопоставимых точек', 'сопоставимых точек')}`,
      en: `${o.peers} comparable ${pluralEn(o.peers, 'point', 'points')}`,
    };
    return {
      ru: `В среднем ${kwh(o.dailyKwh).ru} в день, медиана ${points.ru} ${kwh(o.peersDailyKwh).ru}: отношение ${formatNumber(o.timesPeers, 'ru', 1)}${usual.ru}.`,
      en: `${kwh(o.dailyKwh).en} a day on average, the median of ${points.en} is ${kwh(o.peersDailyKwh).en}: a ratio of ${formatNumber(o.timesPeers, 'en', 1)}${usual.en}.`,
    };
  },
};

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
function untested(o: ObservedOf<'temperature-remainder'>, logOdds: number): Sentence {
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

/** A block of hours, or the swings of people's days. */
function rhythm(o: ObservedOf<'flatness'>): Sentence {
  const swing = {
    ru: `постоянная часть только ${formatPercent(o.flatShareRatio, 'ru')} энергии`,
    en: `only ${formatPercent(o.flatShareRatio, 'en')} of the energy flows all the time`,
  };
  const block = `${o.blockHours}`;
  if (o.blockHours <= 9) {
    return {
      ru: `Нагрузка собрана в ${block} ${pluralRu(o.blockHours, 'час', 'часа', 'часов')} суток, ${swing.ru}: так бывает при зарядке, накопительном отоплении, бане, обычной жизни семьи.`,
      en: `The load gathers in ${block} ${pluralEn(o.blockHours, 'hour', 'hours')} of the day, ${swing.en}: as with charging, storage heating, a sauna, or family life.`,
    };
  }
  return {
    ru: `Выше середины нагрузка держится ${block} ${pluralRu(o.blockHours, 'час', 'часа', 'часов')} в сутки и затем спадает, ${swing.ru}: так бывает при освещении по таймеру, в магазине, при обычной жизни семьи.`,
    en: `The load is up for ${block} ${pluralEn(o.blockHours, 'hour', 'hours')} of the day and then falls, ${swing.en}: as with lights on a timer, a shop, or family life.`,
  };
}

function steadyShape(o: ObservedOf<'flatness'>): Sentence {
  return {
    ru:
      `Нагрузка ровная: ${formatPercent(o.flatShareRatio, 'ru')} энергии идёт без перерыва, коэффициент заполнения ` +
      `${formatNumber(o.loadFactorRatio, 'ru')}, ото дня ко дню её нижний уровень колеблется на ${formatPercent(o.floorSpreadRatio, 'ru')}.`,
    en:
      `The load is flat: ${formatPercent(o.flatShareRatio, 'en')} of the energy flows without a pause, load factor ` +
      `${formatNumber(o.loadFactorRatio, 'en')}, from day to day its floor varies by ${formatPercent(o.floorSpreadRatio, 'en')}.`,
  };
}

function kw(value: number): Sentence {
  return { ru: `${formatNumber(value, 'ru')} кВт`, en: `${formatNumber(value, 'en')} kW` };
}

function kwh(value: number): Sentence {
  return { ru: `${formatNumber(value, 'ru', 1)} кВт·ч`, en: `${formatNumber(value, 'en', 1)} kWh` };
}

function days(count: number): Sentence {
  return {
    ru: `${count} ${pluralRu(count, 'день', 'дня', 'дней')}`,
    en: `${count} ${pluralEn(count, 'day', 'days')}`,
  };
}

function hours(count: number): Sentence {
  return {
    ru: `${count} ${pluralRu(count, 'час', 'часа', 'часов')}`,
    en: `${count} ${pluralEn(count, 'hour', 'hours')}`,
  };
}

function unit(countedPer: 'metering_point' | 'household'): Sentence {
  return countedPer === 'household'
    ? { ru: 'по домохозяйству', en: 'for the household' }
    : { ru: 'по точке учёта', en: 'at the metering point' };
}

function inARow(months: number): Sentence {
  if (months < 2) return { ru: '', en: '' };
  return {
    ru: `, ${months}-й месяц подряд`,
    en: `, for ${months} months in a row`,
  };
}

function formatBanStart(day: number): Sentence {
  const iso = isoFromDay(day);
  return { ru: formatDate(iso, 'ru'), en: formatDate(iso, 'en') };
}
