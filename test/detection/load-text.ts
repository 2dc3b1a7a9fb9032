import { dayFromIso, monthStart, nextMonthStart, type DayNumber } from '../../src/grid/domain/calendar.js';
import type {
  DetectorInput,
  HeatingMovement,
  HiddenLoadShare,
  MeterEvent,
  MonthUse,
  PeerGroup,
  PointFacts,
  PointWindow,
} from '../../src/detection/domain/types.js';
import type { LegalSituation } from '../../src/rulebook/domain/rule.js';

/**
 * A metering point in words:
 *
 *     90 days to 2026-06-01: home + rig 3.3 from day 50 14:00
 *     120 days to 2026-02-01: home + boiler 0.2 + gap from day 40 to day 43
 *
 * Loads: `home` (standby, evenings, weekends), `boiler K` (K kW per °C below 16 °C), `storage K` (the same heat, taken from 23 to 7),
 * `stages K` (the same heat in steps of 3 kW), `shop K` (K kW of refrigeration, 2 kW more from 9 to 21); any other word is a machine
 * that draws so many kW. Each may have `from day D [HH:00]`, `to day D`, `at HH-HH`, `every N days`, `for N of M days`, `below T`
 * (days colder than T °C). `gap` removes readings, `nothing` adds nothing.
 * Day 0 is the window's first. Noise is seeded by the text, so that a row always means the same numbers.
 */
export interface LoadText {
  readonly window: PointWindow;
  readonly temperatureC: Float32Array;
}

export function loadText(text: string): LoadText {
  const match = /^(\d+) days to (\d{4}-\d\d-\d\d): (.+)$/.exec(text.trim().replace(/\s+/g, ' '));
  if (!match) throw new Error(`not a load: ${text}`);
  const days = Number(match[1]);
  const firstDay = dayFromIso(match[2])! - days;
  const random = seeded(text);
  const outdoorC = weather(firstDay, days);
  const kw = new Float64Array(days * 24);
  const terms = match[3].split(' + ').map(parseTerm);
  for (const term of terms) if (term.name !== 'gap') add(term, { kw, firstDay, outdoorC, random });
  for (const term of terms)
    if (term.name === 'gap') kw.fill(NaN, term.fromHour, Math.min(term.toHour, kw.length));
  return { window: windowOf(firstDay, Float32Array.from(kw)), temperatureC: dailyMeans(outdoorC) };
}

/** Window of hourly kW; NaN = missing. */
export function windowOf(firstDay: DayNumber, hourlyKw: Float32Array): PointWindow {
  const days = hourlyKw.length / 24;
  const dailyKwh = new Float32Array(days).fill(NaN);
  const hoursPresent = new Uint8Array(days);
  for (let day = 0; day < days; day++) {
    const present = [...hourlyKw.subarray(day * 24, day * 24 + 24)].filter((kw) => !Number.isNaN(kw));
    hoursPresent[day] = present.length;
    if (present.length > 0) dailyKwh[day] = present.reduce((sum, kw) => sum + kw, 0);
  }
  return { firstDay, days, hourlyKw, dailyKwh, hoursPresent };
}

export const BANNED = law('banned');
export const FREE = law('free');
export const UNDETERMINED = law('undetermined');

function law(status: LegalSituation['ban']['status']): LegalSituation {
  const since = status === 'banned' ? dayFromIso('2025-04-07') : null;
  return {
    ban: { status, ruleId: status === 'banned' ? 'ban' : null, since, why: { ru: 'потому', en: 'because' } },
    quota: { ruleId: 'quota', limitKwh: 6000, countedPer: 'metering_point' },
  };
}

/** What the detectors see of a load text; `facts` and surroundings unknown unless given. */
export function inputOf(
  load: LoadText,
  given: {
    legal?: LegalSituation;
    weather?: 'known' | 'unknown';
    heating?: HeatingMovement | null;
    peers?: PeerGroup | null;
    facts?: Partial<PointFacts>;
    household?: readonly PointWindow[];
    events?: readonly MeterEvent[];
    hiddenLoad?: HiddenLoadShare;
  } = {},
): DetectorInput {
  const { window } = load;
  return {
    window,
    facts: {
      meteringPoint: 'P1',
      tariffCategory: null,
      electricHeating: null,
      contractedKw: null,
      declaredLoadKw: null,
      declaredPurpose: null,
      ...given.facts,
    },
    surroundings: {
      asOf: window.firstDay + window.days,
      temperatureC: given.weather === 'unknown' ? null : load.temperatureC,
      heating: given.heating ?? null,
      peers: given.peers ?? null,
      legal: given.legal ?? BANNED,
      months: monthsOf(window),
      household: given.household,
      events: given.events,
      hiddenLoad: given.hiddenLoad,
    },
  };
}

export function monthsOf({ firstDay, days, hourlyKw }: PointWindow): MonthUse[] {
  const months: MonthUse[] = [];
  for (let month = monthStart(firstDay); month < firstDay + days; month = nextMonthStart(month)) {
    const from = Math.max(0, month - firstDay) * 24;
    const to = Math.min(days, nextMonthStart(month) - firstDay) * 24;
    const present = [...hourlyKw.subarray(from, to)].filter((kw) => !Number.isNaN(kw));
    const kwh = present.reduce((sum, kw) => sum + kw, 0);
    months.push({
      month,
      meteredKwh: kwh,
      unitKwh: kwh,
      hoursPresent: present.length,
      hoursExpected: (nextMonthStart(month) - month) * 24,
    });
  }
  return months;
}

interface Term {
  readonly name: string;
  readonly size: number;
  readonly fromHour: number;
  readonly toHour: number;
  readonly atHours: readonly [number, number];
  /** Of each so many days the first ones. */
  readonly daysOn: number;
  readonly everyDays: number;
  readonly belowC: number;
}

function parseTerm(text: string): Term {
  const match =
    /^(\w+)(?: ([\d.]+))?(?: from day (\d+)(?: (\d\d):00)?)?(?: to day (\d+))?(?: at (\d\d)-(\d\d))?(?: every (\d+) days| for (\d+) of (\d+) days)?(?: below (-?\d+))?$/.exec(
      text,
    );
  if (!match) throw new Error(`not a load term: ${text}`);
  const [, name, size, fromDay = '0', fromHour = '0', toDay = '9999', at0 = '0', at1 = '24'] = match;
  const [every, daysOn = '1', ofDays = every ?? '1', below = '99'] = match.slice(8);
  return {
    name,
    size: Number(size ?? 1),
    fromHour: Number(fromDay) * 24 + Number(fromHour),
    toHour: Number(toDay) * 24,
    atHours: [Number(at0), Number(at1)],
    daysOn: Number(daysOn),
    everyDays: Number(ofDays),
    belowC: Number(below),
  };
}

interface Scene {
  readonly kw: Float64Array;
  readonly firstDay: DayNumber;
  readonly outdoorC: Float64Array;
  readonly random: () => number;
}

function add(term: Term, { kw, firstDay, outdoorC, random }: Scene): void {
  for (let hour = term.fromHour; hour < Math.min(term.toHour, kw.length); hour++) {
    if (!runs(term, hour) || dailyMean(outdoorC, hour) >= term.belowC) continue;
    const coldK = Math.max(0, 16 - outdoorC[hour]);
    kw[hour] += draw(term, {
      hourOfDay: hour % 24,
      weekday: (firstDay + Math.floor(hour / 24)) % 7,
      coldK,
      random,
    });
  }
}

function runs({ atHours: [from, to], daysOn, everyDays, name }: Term, hour: number): boolean {
  const hourOfDay = hour % 24;
  const [start, end] = name === 'storage' ? [23, 7] : [from, to];
  const within = start < end ? hourOfDay >= start && hourOfDay < end : hourOfDay >= start || hourOfDay < end;
  return within && Math.floor(hour / 24) % everyDays < daysOn;
}

function draw(
  { name, size }: Term,
  now: { hourOfDay: number; weekday: number; coldK: number; random: () => number },
): number {
  const { hourOfDay, coldK, random } = now;
  const jitter = (ratio: number) => 1 + ratio * (random() + random() - 1);
  switch (name) {
    case 'nothing':
      return 0;
    case 'home': {
      const awake = hourOfDay >= 7 && hourOfDay < 9 ? 0.5 : hourOfDay >= 18 && hourOfDay < 23 ? 0.7 : 0.15;
      return 0.08 + 0.06 * random() + awake * random() * (now.weekday > 4 ? 1.4 : 1);
    }
    case 'boiler':
      return size * coldK * jitter(0.3);
    case 'storage':
      return size * coldK * 3 * jitter(0.05);
    case 'stages':
      return 3 * Math.floor((size * coldK) / 3 + random());
    case 'shop':
      return size * jitter(0.1) + (hourOfDay >= 9 && hourOfDay < 21 ? 2 * jitter(0.3) : 0);
    case 'constant':
      return size;
    default:
      return size * jitter(0.03);
  }
}

/** Siberian hours: −18 °C in January, +18 °C in July, spells of several days, ±5 °C within the day. */
function weather(firstDay: DayNumber, days: number): Float64Array {
  const hours = new Float64Array(days * 24);
  const random = seeded('weather');
  let spell = 0;
  // Starting at a fixed day keeps the weather of a date the same in every window.
  const epoch = dayFromIso('2024-01-01')!;
  for (let day = epoch; day < firstDay + days; day++) {
    spell = 0.75 * spell + 7 * (random() - 0.5) + 4 * (random() - 0.5);
    if (day < firstDay) continue;
    const season = -18 * Math.cos((2 * Math.PI * (day - epoch - 15)) / 365.25);
    for (let hour = 0; hour < 24; hour++) {
      hours[(day - firstDay) * 24 + hour] = season + spell + 5 * Math.cos((2 * Math.PI * (hour - 15)) / 24);
    }
  }
  return hours;
}

function dailyMeans(hours: Float64Array): Float32Array {
  return Float32Array.from({ length: hours.length / 24 }, (_, day) => dailyMean(hours, day * 24));
}

/** Of the day that holds `hour`. */
function dailyMean(hours: Float64Array, hour: number): number {
  const start = hour - (hour % 24);
  return hours.subarray(start, start + 24).reduce((sum, value) => sum + value, 0) / 24;
}

/** Uniform 0 to 1 (mulberry32), seeded by a text. */
export function seeded(text: string): () => number {
  let state = [...text].reduce(
    (hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619),
    2_166_136_261,
  );
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
