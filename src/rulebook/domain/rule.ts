import type { DayNumber } from '../../grid/domain/calendar.js';

export type RuleKind = 'quota' | 'ban' | 'seasonal_ban' | 'tariff_band';

/**
 * Where a rule stands. `in_force` judges within its period; so does `superseded`, because a past month is judged by the
 * rules valid then. The others are kept to be read and never judge.
 */
export type RuleStatus = 'in_force' | 'superseded' | 'pending' | 'withdrawn' | 'not_adopted';

/** A sentence in the two languages of the pages and reports. */
export interface Sentence {
  readonly ru: string;
  readonly en: string;
}

/** A place as the registry knows it (see grid/domain/territories.ts). */
export interface Place {
  /** ISO 3166-2 code of the region; its 8-digit OKTMO where ISO has no Russian code. */
  readonly region: string;
  /** 8 or 11 digits; null when only the region is known. */
  readonly oktmo: string | null;
}

/** Days on which something holds, both ends included; `lastDay` null = no end stated. */
export interface Period {
  readonly firstDay: DayNumber;
  readonly lastDay: DayNumber | null;
}

/** A season that returns every year, as `MMDD` numbers, both ends included; from > to crosses the new year. */
export interface Season {
  /** The first season, where the act dates it apart from the recurring ones. */
  readonly first: Period | null;
  readonly fromMonthDay: number;
  readonly toMonthDay: number;
}

export interface Municipality {
  readonly name: string;
  /** Its OKTMO codes. Empty: not known. `lastDay` is set on a code that afterwards named another place. */
  readonly codes: readonly { readonly oktmo: string; readonly lastDay: DayNumber | null }[];
}

export interface BanRule {
  readonly id: string;
  readonly status: RuleStatus;
  readonly region: string;
  readonly name: Sentence;
  readonly period: Period;
  /** Null: all year. */
  readonly season: Season | null;
  /** Null: the whole region. */
  readonly municipalities: readonly Municipality[] | null;
  /** False: the act names more municipalities than are known here. */
  readonly listComplete: boolean;
  /** Titles of its legal acts. */
  readonly acts: string;
}

export interface QuotaRule {
  readonly id: string;
  readonly period: Period;
  readonly limitKwh: number;
  readonly countedPer: 'metering_point' | 'household';
}

/** The rules as the judging functions use them, made once from the file and never changed. */
export interface Rulebook {
  /** SHA-256 of the file's content, independent of its layout: names the rules that a score was judged by. */
  readonly version: string;
  readonly quotas: readonly QuotaRule[];
  /** Bans that judge within their period, by region. */
  readonly bans: ReadonlyMap<string, readonly BanRule[]>;
  /** Bans that were announced and are not law as far as is known, by region. */
  readonly pendingBans: ReadonlyMap<string, readonly BanRule[]>;
}

/** What the rulebook says of one place on one local day. Where the ban holds, it prevails over the quota. */
export interface LegalSituation {
  /** `undetermined`: a municipal ban may hold, but the municipality or its code is not known: never judged as banned. */
  readonly ban: {
    readonly status: 'banned' | 'free' | 'undetermined';
    readonly ruleId: string | null;
    /** First day of the period in which the ban holds without a break up to the day asked for; null when free. */
    readonly since: DayNumber | null;
    readonly why: Sentence;
  };
  /** The quota in force on that day, also where a ban prevails over it; null before it began and outside Russia. */
  readonly quota: {
    readonly ruleId: string;
    readonly limitKwh: number;
    readonly countedPer: 'metering_point' | 'household';
  } | null;
}
