import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { RefusedError } from '../config/errors.js';
import { dayFromIso, type DayNumber } from '../grid/domain/calendar.js';
import type { BanRule, Municipality, Period, QuotaRule, Rulebook, Season } from './domain/rule.js';

/** A rulebook with the file it was read from, whose notes, sources and tariff bands are shown and do not judge. */
export interface LoadedRulebook extends Rulebook {
  readonly document: RulebookDocument;
}

/**
 * Reads a rulebook file (`rulebook/ru.json` is the example).
 * @throws RefusedError one sentence that names the rule and the field that is wrong.
 */
export function loadRulebook(path: string): LoadedRulebook {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new RefusedError(`The rulebook ${path} cannot be read: ${(error as Error).message}.`);
  }
  return parseRulebook(text, path);
}

/** See {@link loadRulebook}; `name` is how messages call the file. */
export function parseRulebook(text: string, name: string): LoadedRulebook {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new RefusedError(`The rulebook ${name} is not JSON: ${(error as Error).message}.`);
  }
  const parsed = RulebookDocument.safeParse(json);
  if (!parsed.success)
    throw new RefusedError(`The rulebook ${name} is wrong: ${firstIssue(parsed.error, json)}.`);
  const document = parsed.data;
  const bans = document.rules.filter((rule) => rule.kind === 'ban' || rule.kind === 'seasonal_ban');
  const judging = bans.filter((rule) => JUDGING.has(rule.status));
  return deepFreeze({
    version: createHash('sha256').update(canonical(json)).digest('hex'),
    quotas: document.rules.flatMap((rule) =>
      rule.kind === 'quota' && JUDGING.has(rule.status) ? [quotaRule(rule)] : [],
    ),
    bans: byRegion(judging.flatMap(banRule)),
    pendingBans: byRegion(bans.filter((rule) => rule.status === 'pending').flatMap(banRule)),
    document,
  });
}

/** A superseded rule judges the days on which it held: a past month is judged by the rules valid then. */
const JUDGING = new Set<string>(['in_force', 'superseded']);

const IsoDate = z
  .string()
  .refine((text) => dayFromIso(text) !== null, { error: 'is not a date that exists (YYYY-MM-DD)' });
const MonthDay = z.string().refine((text) => dayFromIso(`2025-${text}`) !== null, {
  error: 'is not a day of the year (MM-DD)',
});
const Confidence = z.enum(['verified', 'unverified']);
const Note = z.string().min(1).nullable();
const Bilingual = z.strictObject({ ru: z.string().min(1), en: z.string().min(1) });

const PeriodText = z
  .strictObject({
    from: IsoDate,
    to: IsoDate.nullable(),
    /** Whether `to` is itself a day on which the rule holds; null when there is no end. */
    to_included: z.boolean().nullable(),
    confidence: Confidence,
    note: Note,
  })
  .refine((period) => (period.to === null) === (period.to_included === null), {
    error: 'says to_included exactly when to is stated',
    path: ['to_included'],
  })
  .refine((period) => period.to === null || period.from <= period.to, {
    error: 'ends before it begins',
    path: ['to'],
  });

const SeasonText = z.strictObject({
  first: z.strictObject({ from: IsoDate, to: IsoDate }).nullable(),
  recurring: z.strictObject({ from: MonthDay, to: MonthDay }),
  to_included: z.boolean(),
  confidence: Confidence,
  note: Note,
});

const Country = z.strictObject({ scope: z.literal('country'), country: z.literal('RU'), name: Bilingual });
const InRegion = {
  region: z.string().regex(/^(RU-[A-Z]{2,3}|\d{8})$/, {
    error: 'is neither an ISO 3166-2 code of Russia nor an 8-digit OKTMO',
  }),
  oktmo_prefix: z.string().regex(/^\d{2,3}$/),
  name: Bilingual,
};
const WholeRegion = z.strictObject({ scope: z.literal('region'), ...InRegion });
const MunicipalityText = z.strictObject({
  name: z.string().min(1),
  codes: z.array(
    z.strictObject({ oktmo: z.string().regex(/^\d{8}$/), from: IsoDate.nullable(), to: IsoDate.nullable() }),
  ),
  note: Note,
});
const SomeMunicipalities = z
  .strictObject({
    scope: z.literal('municipalities'),
    ...InRegion,
    list_complete: z.boolean(),
    municipalities: z.array(MunicipalityText),
    note: Note,
  })
  .superRefine((territory, context) => {
    const seen = new Set<string>();
    territory.municipalities.forEach((municipality, at) => {
      for (const { oktmo } of municipality.codes) {
        const path = ['municipalities', at, 'codes'];
        if (!oktmo.startsWith(territory.oktmo_prefix)) {
          context.addIssue({
            code: 'custom',
            path,
            message: `${oktmo} is not in the region ${territory.oktmo_prefix}`,
          });
        }
        if (seen.has(oktmo))
          context.addIssue({ code: 'custom', path, message: `${oktmo} stands there twice` });
        seen.add(oktmo);
      }
    });
  });

const common = {
  id: z.string().regex(/^[A-Z0-9-]+$/),
  status: z.enum(['in_force', 'superseded', 'pending', 'withdrawn', 'not_adopted']),
  /** Null only for what never came into force. */
  period: PeriodText.nullable(),
  superseded_by: z.string().optional(),
  acts: z.array(
    z.strictObject({
      title: z.string().min(1),
      number: z.string().nullable(),
      date: IsoDate.nullable(),
      confidence: Confidence,
      note: Note,
    }),
  ),
  sources: z.array(z.string()).min(1),
  confidence: Confidence,
  /** Shown to whoever is judged by the rule. */
  note: Bilingual.nullable(),
};

const Quota = z.strictObject({
  ...common,
  kind: z.literal('quota'),
  territory: Country,
  quota: z.strictObject({
    limit_kwh: z.number().positive(),
    per: z.literal('month'),
    boundary: z.string(),
    counted_per: z.enum(['metering_point', 'household']),
    confidence: Confidence,
    note: Note,
  }),
});
const BanTerritory = z.discriminatedUnion('scope', [WholeRegion, SomeMunicipalities]);
const Ban = z.strictObject({ ...common, kind: z.literal('ban'), territory: BanTerritory });
const SeasonalBan = z.strictObject({
  ...common,
  kind: z.literal('seasonal_ban'),
  territory: BanTerritory,
  season: SeasonText,
});
const TariffBand = z.strictObject({
  ...common,
  kind: z.literal('tariff_band'),
  territory: z.discriminatedUnion('scope', [Country, WholeRegion]),
  tariff: z.strictObject({
    bands_kwh_per_month: z.array(z.number().positive()).nullable(),
    rub_per_kwh: z.array(z.number().positive()).nullable(),
    /** Its words say which registry categories the tariff is for. */
    condition: z.string().nullable(),
    condition_ru: z.string().min(1).optional(),
  }),
});
const RuleText = z.discriminatedUnion('kind', [Quota, Ban, SeasonalBan, TariffBand]);

export const RulebookDocument = z
  .strictObject({
    schema: z.literal(1),
    id: z.string(),
    title: Bilingual,
    note: z.string(),
    rules: z.array(RuleText).min(1),
    /** Shown with a judgement; they do not judge, since a meter can't see them. */
    exceptions: z.array(
      z.strictObject({
        id: z.string(),
        applies_to: z.array(z.enum(['quota', 'ban', 'seasonal_ban'])),
        text: Bilingual,
        sources: z.array(z.string()),
        note: Note,
      }),
    ),
    sources: z.record(z.string(), z.strictObject({ title: z.string(), url: z.string() })),
  })
  .superRefine((document, context) => {
    const ids = new Set<string>();
    document.rules.forEach((rule, at) => {
      const refuse = (field: string, message: string) =>
        context.addIssue({ code: 'custom', path: ['rules', at, field], message });
      if (ids.has(rule.id)) refuse('id', 'stands there twice');
      ids.add(rule.id);
      const unknown = rule.sources.find((source) => !(source in document.sources));
      if (unknown !== undefined) refuse('sources', `names ${unknown}, which is not in the list of sources`);
      if (JUDGING.has(rule.status) && rule.period === null)
        refuse('period', 'is missing, though the rule judges');
      if (rule.kind === 'quota' && rule.quota.boundary !== `> ${rule.quota.limit_kwh}`) {
        refuse(
          'quota',
          `has the boundary "${rule.quota.boundary}"; only "> ${rule.quota.limit_kwh}" can be judged`,
        );
      }
      if (rule.status !== 'superseded') return;
      if (rule.period?.to === null) refuse('period', 'has no end, though the rule is superseded');
      if (!document.rules.some(({ id }) => id === rule.superseded_by)) {
        refuse('superseded_by', 'does not name a rule of this file');
      }
    });
  });
export type RulebookDocument = z.infer<typeof RulebookDocument>;

/** `rule RU-DA-BAN-2025, field period.to: is not a date that exists (YYYY-MM-DD)` */
function firstIssue(error: z.ZodError, json: unknown): string {
  const issue = error.issues[0];
  const [top, index, ...field] = issue.path;
  if (top !== 'rules' || typeof index !== 'number') {
    return `field ${issue.path.join('.') || '(the whole file)'}: ${issue.message}`;
  }
  const id = (json as { rules: { id?: unknown }[] }).rules[index]?.id;
  const rule = typeof id === 'string' ? id : `number ${index + 1}`;
  return `rule ${rule}, field ${field.join('.') || '(the whole rule)'}: ${issue.message}`;
}

function quotaRule(rule: z.infer<typeof Quota>): QuotaRule {
  return {
    id: rule.id,
    period: periodOf(rule.period!),
    limitKwh: rule.quota.limit_kwh,
    countedPer: rule.quota.counted_per,
  };
}

/** None for a rule without dates, which never held. */
function banRule(rule: z.infer<typeof Ban> | z.infer<typeof SeasonalBan>): BanRule[] {
  if (rule.period === null) return [];
  const { territory } = rule;
  const some = territory.scope === 'municipalities' ? territory : null;
  return [
    {
      id: rule.id,
      status: rule.status,
      region: territory.region,
      name: territory.name,
      period: periodOf(rule.period),
      season: rule.kind === 'seasonal_ban' ? seasonOf(rule.season) : null,
      municipalities: some && some.municipalities.map(municipalityOf),
      listComplete: some?.list_complete ?? true,
      acts: rule.acts.map((act) => act.title).join('; '),
    },
  ];
}

function periodOf(text: z.infer<typeof PeriodText>): Period {
  const lastDay = text.to === null ? null : day(text.to) - (text.to_included ? 0 : 1);
  return { firstDay: day(text.from), lastDay };
}

function seasonOf(text: z.infer<typeof SeasonText>): Season {
  // 2025 has no 29 February, so that a season ending before 1 March ends on 28 February every year.
  const last = (iso: string) => day(iso) - (text.to_included ? 0 : 1);
  const monthDay = (dayNumber: DayNumber) => {
    const date = new Date(dayNumber * 86_400_000);
    return (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
  };
  return {
    first: text.first && { firstDay: day(text.first.from), lastDay: last(text.first.to) },
    fromMonthDay: monthDay(day(`2025-${text.recurring.from}`)),
    toMonthDay: monthDay(last(`2025-${text.recurring.to}`)),
  };
}

function municipalityOf(text: z.infer<typeof MunicipalityText>): Municipality {
  return {
    name: text.name,
    codes: text.codes.map(({ oktmo, to }) => ({ oktmo, lastDay: to === null ? null : day(to) })),
  };
}

/** Of a date the schema has already accepted. */
function day(iso: string): DayNumber {
  return dayFromIso(iso)!;
}

function byRegion(rules: BanRule[]): Map<string, BanRule[]> {
  const regions = new Map<string, BanRule[]>();
  for (const rule of rules) regions.set(rule.region, [...(regions.get(rule.region) ?? []), rule]);
  return regions;
}

/** JSON with sorted keys and no spaces: the same content gives the same version, however it is laid out. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of value instanceof Map ? value.values() : Object.values(value)) deepFreeze(inner);
  }
  return value;
}
