import { dayFromCivil, isoFromDay, type DayNumber } from '../../grid/domain/calendar.js';
import type { BanRule, LegalSituation, Period, Place, QuotaRule, Rulebook, Sentence } from './rule.js';

/**
 * What the rulebook says of a place on a local day of its territory: whether mining is banned there, and the quota.
 * A ban of named municipalities decides only for a municipality whose code is in its list. Any other place of that region
 * is `undetermined` as long as the list, or the code of one municipality in it, is not known: it could be the missing one.
 */
export function legalSituation(rulebook: Rulebook, place: Place, day: DayNumber): LegalSituation {
  const quota = rulebook.quotas.find((rule) => isRussian(place) && holds(rule.period, day)) ?? null;
  const bans = rulebook.bans.get(place.region) ?? [];
  const found = bans.map((rule) => judge(rule, place, day)).filter((verdict) => verdict !== null);
  const banned = found.find((verdict) => verdict.status === 'banned');
  const decisive = banned ?? found.find((verdict) => verdict.status === 'undetermined');
  return {
    ban: decisive
      ? {
          status: decisive.status,
          ruleId: decisive.rule.id,
          since: banned ? unbrokenSince(bans, place, banned.period.firstDay) : decisive.period.firstDay,
          why: decisive.why,
        }
      : { status: 'free', ruleId: null, since: null, why: whyFree(rulebook, place, day, quota) },
    quota: quota && { ruleId: quota.id, limitKwh: quota.limitKwh, countedPer: quota.countedPer },
  };
}

interface Verdict {
  readonly rule: BanRule;
  readonly status: 'banned' | 'undetermined';
  /** The unbroken stretch of days that holds the day asked for. */
  readonly period: Period;
  readonly why: Sentence;
}

/** Null: the rule says nothing of this place on this day. */
function judge(rule: BanRule, place: Place, day: DayNumber): Verdict | null {
  const period = stretchHolding(rule, day);
  if (period === null) return null;
  if (rule.municipalities === null) {
    return { rule, status: 'banned', period, why: whyBanned(rule, period, rule.name) };
  }
  const { oktmo } = place;
  if (oktmo === null) return { rule, status: 'undetermined', period, why: whyNoMunicipality(rule, period) };
  const listed = rule.municipalities.find(({ codes }) =>
    codes.some((code) => covers(code.oktmo, oktmo) && (code.lastDay === null || day <= code.lastDay)),
  );
  if (listed !== undefined) {
    const name = { ru: `${rule.name.ru}, ${listed.name}`, en: `${rule.name.en}, ${listed.name}` };
    return { rule, status: 'banned', period, why: whyBanned(rule, period, name) };
  }
  const withoutCode = rule.municipalities.filter(({ codes }) => codes.length === 0);
  if (rule.listComplete && withoutCode.length === 0) return null;
  return { rule, status: 'undetermined', period, why: whyUnlisted(rule, period, withoutCode.length) };
}

/** The days around `day`, without a break, on which the rule holds; null when it does not hold on `day`. */
function stretchHolding(rule: BanRule, day: DayNumber): Period | null {
  if (!holds(rule.period, day)) return null;
  if (rule.season === null) return rule.period;
  const { first, fromMonthDay, toMonthDay } = rule.season;
  if (first !== null && first.lastDay !== null && day <= first.lastDay)
    return holds(first, day) ? first : null;

  const iso = isoFromDay(day);
  const monthDay = Number(iso.slice(5, 7)) * 100 + Number(iso.slice(8, 10));
  const crossesYear = fromMonthDay > toMonthDay;
  const inSeason = crossesYear
    ? monthDay >= fromMonthDay || monthDay <= toMonthDay
    : monthDay >= fromMonthDay && monthDay <= toMonthDay;
  if (!inSeason) return null;
  const startYear = Number(iso.slice(0, 4)) - (crossesYear && monthDay <= toMonthDay ? 1 : 0);
  const start = dayOf(startYear, fromMonthDay);
  const end = dayOf(startYear + (crossesYear ? 1 : 0), toMonthDay);
  return {
    firstDay: Math.max(start, rule.period.firstDay),
    lastDay: rule.period.lastDay === null ? end : Math.min(end, rule.period.lastDay),
  };
}

/** Goes back over rules that follow one another without a free day between them. */
function unbrokenSince(bans: readonly BanRule[], place: Place, since: DayNumber): DayNumber {
  for (const rule of bans) {
    const before = judge(rule, place, since - 1);
    if (before?.status === 'banned') return unbrokenSince(bans, place, before.period.firstDay);
  }
  return since;
}

/**
 * Whether a listed code is the place or holds it: `25605000` (a district) holds `25605426101` (a village in it).
 * The date from which a code is used does not matter: today's code names the place it named in a past month.
 */
function covers(listed: string, oktmo: string): boolean {
  return oktmo.startsWith(listed.endsWith('000') ? listed.slice(0, 5) : listed);
}

/** The rulebook's country is Russia: regions with an ISO code, and those that have an OKTMO only. */
function isRussian(place: Place): boolean {
  return place.region.startsWith('RU-') || /^\d{8}$/.test(place.region);
}

function holds(period: Period, day: DayNumber): boolean {
  return day >= period.firstDay && (period.lastDay === null || day <= period.lastDay);
}

function dayOf(year: number, monthDay: number): DayNumber {
  return dayFromCivil(year, Math.floor(monthDay / 100), monthDay % 100);
}

function whyBanned(rule: BanRule, period: Period, name: Sentence): Sentence {
  return {
    ru: `Майнинг здесь запрещён (${name.ru}) ${spanRu(period)}. Основание: ${rule.acts}.`,
    en: `Mining is banned here (${name.en}) ${spanEn(period)}. Act: ${rule.acts}.`,
  };
}

function whyNoMunicipality(rule: BanRule, period: Period): Sentence {
  return {
    ru:
      `Не определено: ${spanRu(period)} майнинг запрещён в части муниципалитетов (${rule.name.ru}), ` +
      'а в реестре указан только регион. Укажите ОКТМО муниципалитета.',
    en:
      `Undetermined: mining is banned in some municipalities (${rule.name.en}) ${spanEn(period)}, ` +
      'and the registry names the region only. State the OKTMO of the municipality.',
  };
}

function whyUnlisted(rule: BanRule, period: Period, withoutCode: number): Sentence {
  const gap = rule.listComplete
    ? {
        ru: `коды ОКТМО ${withoutCode} из них неизвестны`,
        en: `the OKTMO codes of ${withoutCode} of them are not known`,
      }
    : { ru: 'их полный список неизвестен', en: 'their full list is not known' };
  return {
    ru:
      `Не определено: ${spanRu(period)} майнинг запрещён в части муниципалитетов (${rule.name.ru}), ${gap.ru}. ` +
      'Сверьтесь с текстом акта.',
    en:
      `Undetermined: mining is banned in some municipalities (${rule.name.en}) ${spanEn(period)}, ${gap.en}. ` +
      'Check the text of the act.',
  };
}

function whyFree(rulebook: Rulebook, place: Place, day: DayNumber, quota: QuotaRule | null): Sentence {
  if (!isRussian(place)) {
    return {
      ru: 'В своде правил нет норм для этой территории.',
      en: 'The rulebook has no rules for this territory.',
    };
  }
  const pending = (rulebook.pendingBans.get(place.region) ?? []).some((rule) => holds(rule.period, day));
  const ru = [`Запрета майнинга здесь на ${dateRu(day)} нет.`];
  const en = [`Mining is not banned here on ${isoFromDay(day)}.`];
  if (pending) {
    ru.push('Объявленный круглогодичный запрет не применяется: подписанный акт не найден.');
    en.push('An announced year-round ban is not applied: no signed act was found.');
  }
  if (quota) {
    ru.push(`Действует лимит ${quota.limitKwh} кВт·ч в месяц; его превышение само по себе не нарушение.`);
    en.push(`The quota of ${quota.limitKwh} kWh a month holds; exceeding it is not an offence in itself.`);
  }
  return { ru: ru.join(' '), en: en.join(' ') };
}

function spanRu({ firstDay, lastDay }: Period): string {
  return lastDay === null ? `с ${dateRu(firstDay)}` : `с ${dateRu(firstDay)} по ${dateRu(lastDay)}`;
}

function spanEn({ firstDay, lastDay }: Period): string {
  const from = `from ${isoFromDay(firstDay)}`;
  return lastDay === null ? from : `${from} to ${isoFromDay(lastDay)}, last day included`;
}

/** `15.03.2031` */
function dateRu(day: DayNumber): string {
  return isoFromDay(day).split('-').reverse().join('.');
}
