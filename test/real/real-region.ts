import { createHash } from 'node:crypto';
import { open, mkdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { dayFromCivil, isoFromDay, type DayNumber } from '../../src/grid/domain/calendar.js';
import { Random } from '../../src/simulation/domain/random.js';
import { readFontanaWeather, readMinerLogs, readRealHomes, type RealHome } from './real-homes.js';
import * as put from './rigs-in-homes.js';
import type { Addition, Added } from './rigs-in-homes.js';

/**
 * A labelled region (registry, readings, transformer readings, weather, truth) of real homes with rigs, boilers and cars
 * put into some of them: the second, independent set that detection is judged by. A home's hash says which half it is
 * in, so that what is tuned on one half's homes never sees the other's.
 *
 * Each region of the rulebook's ban is one season of one source; each of its eleven municipalities the same homes, one week
 * further on, moved by whole weeks to the window's days. A metering point is one home's window. So neighbours share their
 * real weather, and the homes of a municipality are different homes; windows of one home overlap between municipalities.
 */
export interface RealRegionOptions {
  readonly dataFolder: string;
  readonly outDir: string;
  readonly half: Half;
  readonly points: number;
  readonly days: number;
  /** Exclusive. */
  readonly endDay: DayNumber;
  readonly minerShare: number;
  readonly seed: number;
  readonly weather: boolean;
  readonly transformers: boolean;
}

export type Half = 'tune' | 'test';

export interface RealRegionSummary {
  readonly points: number;
  readonly homes: number;
  readonly transformers: number;
  readonly byClass: Readonly<Record<string, number>>;
}

export const REAL_REGION_DEFAULTS = {
  points: 1500,
  days: 90,
  endDay: dayFromCivil(2026, 10, 1),
  minerShare: 0.05,
  seed: 1,
  weather: true,
  transformers: true,
} as const;

/** @throws Error when there are fewer whole windows of real homes than points asked for. */
export async function writeRealRegion(options: RealRegionOptions): Promise<RealRegionSummary> {
  const { dataFolder, outDir, points, seed } = options;
  const minerLogs = readMinerLogs(dataFolder);
  const places = layOut(options);
  const drawn = draw(places, options);
  const classes = dealClasses(points, options, new Random(seed, 'classes'));
  const files = await RegionFiles.open(outDir, options);
  const byClass: Record<string, number> = {};
  let transformers = 0;
  try {
    let index = 0;
    for (const [place, windows] of drawn) {
      await files.writeWeather(place, options);
      for (let from = 0; from < windows.length;) {
        const size = new Random(seed, 'transformer', transformers).whole(8, 20);
        const transformer = { id: `RT${String(transformers++).padStart(4, '0')}`, place };
        const drawnKw = new Float64Array(options.days * 24);
        for (const window of windows.slice(from, from + size)) {
          const label = classes[index];
          const point = { id: `RH${String(index).padStart(5, '0')}`, window, label, index };
          index++;
          byClass[label.name] = (byClass[label.name] ?? 0) + 1;
          await files.writePoint(transformer, point, { options, minerLogs, drawnKw });
        }
        await files.writeBalance(transformer, drawnKw, options);
        from += size;
      }
    }
  } finally {
    await files.close();
  }
  const homes = new Set([...drawn.values()].flat().map(({ home }) => home.id)).size;
  return { points, homes, transformers, byClass };
}

/** Which half a home is in. */
export function halfOf(homeId: string): Half {
  return createHash('sha256').update(homeId).digest()[0] % 2 === 0 ? 'tune' : 'test';
}

interface Label {
  readonly name: string;
  readonly share: number;
  readonly isMiner: boolean;
  readonly put: Addition;
  /** What the registry says of electric heating. */
  readonly declared?: boolean;
}

const INNOCENT: readonly Label[] = [
  innocent('real_home', 62, put.nothing),
  innocent('electric_heating', 10, put.electricHeating, true),
  innocent('electric_heating_undeclared', 7, put.electricHeating, false),
  innocent('heat_pump', 2, put.heatPump, true),
  innocent('night_storage', 4, put.nightStorage, true),
  innocent('night_storage_undeclared', 3, put.nightStorage, false),
  innocent('electric_car', 6, put.electricCar),
  innocent('home_server', 4, put.homeServer),
  innocent('grow_lights', 2, put.growLights),
];

const MINERS: readonly Label[] = [
  miner('rigs_steady', 22, put.steady),
  miner('gpu_rigs', 12, put.gpu),
  miner('night_only', 10, put.nightOnly),
  miner('peak_avoiding', 10, put.peakAvoiding),
  miner('intermittent', 10, put.intermittent),
  miner('capped', 10, put.capped),
  miner('staged', 8, put.staged),
  miner('heating_replaced', 10, put.replacingHeating),
  miner('partial_bypass', 8, put.partialBypass),
];

/** Nothing but its transformer can show it. */
const FULL_BYPASS = miner('full_bypass', 6, put.fullBypass);

function innocent(name: string, share: number, addition: Addition, declared?: boolean): Label {
  return { name, share, isMiner: false, put: addition, declared };
}

function miner(name: string, share: number, addition: Addition): Label {
  return { name, share, isMiner: true, put: addition };
}

function dealClasses(points: number, options: RealRegionOptions, random: Random): Label[] {
  const miners = Math.round(points * options.minerShare);
  const kinds = options.transformers ? [...MINERS, FULL_BYPASS] : MINERS;
  return shuffled([...deal(kinds, miners), ...deal(INNOCENT, points - miners)], random);
}

/** As many of each as its share asks for, the largest remainders rounded up. */
function deal(kinds: readonly Label[], count: number): Label[] {
  const total = kinds.reduce((sum, { share }) => sum + share, 0);
  const exact = kinds.map((kind) => ({ kind, due: (kind.share / total) * count }));
  const dealt = exact.flatMap(({ kind, due }) => Array<Label>(Math.floor(due)).fill(kind));
  exact.sort((a, b) => (b.due % 1) - (a.due % 1));
  return [...dealt, ...exact.slice(0, count - dealt.length).map(({ kind }) => kind)];
}

/** A municipality: when its homes were measured, and the weather of then. */
interface Place {
  readonly code: string;
  readonly offset: string;
  readonly sourceFirstDay: DayNumber;
  readonly outdoorC: Float32Array;
  readonly windows: readonly Window[];
}

interface Window {
  readonly home: RealHome;
  readonly homeKw: Float32Array;
}

/** Where mining is banned all year: ISO code or OKTMO of the region and the digits its municipalities begin with. */
const BANNED = ['82', '26', '83', '91', '90', '96', '21', '43', '23', '74'].map((prefix) => ({
  codes: Array.from({ length: 11 }, (_, n) => `${prefix}7${String(n + 1).padStart(2, '0')}000`),
  offset: '+03:00',
}));
/** In Irkutsk oblast the ban names its municipalities. */
const IRKUTSK = {
  codes: '25701 25703 25720 25726 25732 25736 25745 25605 25607 25609 25622'
    .split(' ')
    .map((code) => `${code}000`),
  offset: '+08:00',
};
const REGIONS = [IRKUTSK, ...BANNED];
/** Of the eleven regions; the other nine hold the homes of New South Wales. */
const FONTANA_REGIONS = 2;
const LEAST_HOURS_PRESENT_SHARE = 0.85;

const SPAN = {
  sgsc: { from: dayFromCivil(2012, 6, 8), to: dayFromCivil(2014, 2, 24) },
  fontana: { from: dayFromCivil(2016, 8, 1), to: dayFromCivil(2017, 7, 31) },
};

function layOut({ dataFolder, half, days, endDay, seed }: RealRegionOptions): Place[] {
  const homes = readRealHomes(dataFolder).filter(({ id }) => halfOf(id) === half);
  const fontanaWeather = readFontanaWeather(dataFolder);
  return REGIONS.flatMap(({ codes, offset }, region) => {
    const source = region < FONTANA_REGIONS ? 'fontana' : 'sgsc';
    const ofSource =
      source === 'fontana'
        ? { nth: region, of: FONTANA_REGIONS }
        : { nth: region - FONTANA_REGIONS, of: REGIONS.length - FONTANA_REGIONS };
    const first = seasonStart(SPAN[source], ofSource, days + 7 * codes.length);
    const shiftDays = Math.floor((endDay - days - first) / 7) * 7;
    const sourceStart = endDay - days - shiftDays;
    const climate = new SyntheticClimate(seed, region, sourceStart, days + 7 * codes.length);
    return codes.map((code, week) => {
      const sourceFirstDay = sourceStart + 7 * week;
      const outdoorC =
        source === 'fontana'
          ? cut(fontanaWeather.temperatureC, sourceFirstDay * 24 - fontanaWeather.firstHour, days * 24)
          : climate.temperatureC.subarray(week * 7 * 24, (week * 7 + days) * 24);
      const windows = homes
        .filter((home) => home.source === source)
        .map((home) => ({
          home,
          homeKw: cut(home.hourlyKw, (sourceFirstDay - home.firstDay) * 24, days * 24),
        }))
        .filter(({ homeKw }) => presentShare(homeKw) >= LEAST_HOURS_PRESENT_SHARE);
      return { code, offset, sourceFirstDay, outdoorC, windows };
    });
  });
}

/** The `nth` of evenly spread starts, so that windows of `days` fit into the span. */
function seasonStart(
  { from, to }: { from: DayNumber; to: DayNumber },
  { nth, of }: { nth: number; of: number },
  days: number,
): DayNumber {
  return from + Math.round(((to - from - days) * nth) / Math.max(1, of - 1));
}

/**
 * Made up, since no temperatures came with the homes of New South Wales: a continental year whose seasons are theirs (the
 * coldest day in the middle of July), with cold spells. It drives the heating that is put in; the homes' own use knows
 * nothing of it beyond the season.
 */
class SyntheticClimate {
  readonly temperatureC: Float32Array;

  constructor(seed: number, region: number, firstDay: DayNumber, days: number) {
    const climate = new Random(seed, 'climate', region);
    const meanC = climate.between(-3, 9);
    const swingK = climate.between(13, 19);
    const dayNightK = climate.between(3, 6);
    this.temperatureC = new Float32Array(days * 24);
    let spell = 0;
    for (let day = 0; day < days; day++) {
      spell = 0.8 * spell + 2.6 * climate.gaussian();
      const season = Math.cos(((firstDay + day - MID_JULY) / 365.2425) * 2 * Math.PI);
      for (let hour = 0; hour < 24; hour++) {
        const daily = dayNightK * Math.cos(((hour - 15) / 24) * 2 * Math.PI);
        this.temperatureC[day * 24 + hour] = meanC - swingK * season + spell + daily;
      }
    }
  }
}

/** 15 July 1970. */
const MID_JULY: DayNumber = 195;

/** A seeded draw over all places, in the places' order. */
function draw(places: readonly Place[], { points, seed }: RealRegionOptions): Map<Place, readonly Window[]> {
  const pool = places.flatMap((place) => place.windows.map((window) => ({ place, window })));
  if (pool.length < points)
    throw new Error(`The real homes of this half have ${pool.length} windows, fewer than ${points} points.`);
  const taken = shuffled(pool, new Random(seed, 'windows')).slice(0, points);
  return new Map(
    places.map((place) => [place, taken.filter((each) => each.place === place).map(({ window }) => window)]),
  );
}

interface Transformer {
  readonly id: string;
  readonly place: Place;
}

interface Point {
  readonly id: string;
  readonly window: Window;
  readonly label: Label;
  readonly index: number;
}

class RegionFiles {
  private constructor(private readonly files: Readonly<Record<string, FileHandle>>) {}

  static async open(folder: string, { weather, transformers }: RealRegionOptions): Promise<RegionFiles> {
    await mkdir(folder, { recursive: true });
    const hours = Array.from({ length: 24 }, (_, hour) => `h${String(hour).padStart(2, '0')}`);
    const headers: Record<string, string> = {
      'registry.csv':
        'metering_point,household,territory,transformer,feeder,tariff_category,electric_heating,contracted_kw,' +
        'declared_load_kw,declared_purpose',
      'readings_wide.csv': `metering_point,date,${hours.join(',')}`,
      'truth.csv': 'metering_point,class,is_miner,miner_kw,onset,home,weather',
      ...(weather && { 'weather.csv': 'territory,start,temperature_c' }),
      ...(transformers && { 'transformer_readings.csv': `metering_point,date,${hours.join(',')}` }),
    };
    for (const stale of ['readings.csv', 'weather.csv', 'transformer_readings.csv'])
      await rm(join(folder, stale), { force: true });
    const files: Record<string, FileHandle> = {};
    for (const [name, header] of Object.entries(headers)) {
      files[name] = await open(join(folder, name), 'w');
      await files[name].write(`${header}\n`);
    }
    return new RegionFiles(files);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.files).map((file) => file.close()));
  }

  async writeWeather({ code, offset, outdoorC }: Place, options: RealRegionOptions): Promise<void> {
    const firstDay = options.endDay - options.days;
    const lines = Array.from(outdoorC, (celsius, hour) => {
      const day = isoFromDay(firstDay + Math.floor(hour / 24));
      return `${code},${day}T${String(hour % 24).padStart(2, '0')}:00${offset},${celsius.toFixed(1)}\n`;
    });
    await this.files['weather.csv']?.write(lines.join(''));
  }

  async writePoint(
    { id: transformer, place }: Transformer,
    { id, window, label, index }: Point,
    {
      options,
      minerLogs,
      drawnKw,
    }: { options: RealRegionOptions; minerLogs: readonly Float64Array[]; drawnKw: Float64Array },
  ): Promise<void> {
    const { days, endDay, seed } = options;
    const firstDay = endDay - days;
    const random = new Random(seed, 'point', index);
    const onsetHour = label.isMiner ? onsetOf(days, random) : 0;
    const { homeKw, home } = window;
    const added = label.put(
      { firstDay, days, outdoorC: place.outdoorC, homeKw, minerLogs, onsetHour },
      random,
    );
    const meteredKw = Float64Array.from(homeKw, (kw, hour) => Math.max(0, kw + added.meteredKw[hour]));
    // What a gap in the home's own readings hid is not known: for the transformer it counts as the added load alone.
    for (let hour = 0; hour < drawnKw.length; hour++)
      drawnKw[hour] += Math.max(0, (homeKw[hour] || 0) + added.meteredKw[hour]) + added.hiddenKw[hour];
    await this.files['readings_wide.csv'].write(wideRows(id, firstDay, meteredKw));
    await this.files['registry.csv'].write(registryLine({ id, transformer, place, label }, random));
    const onset = label.isMiner
      ? `${isoFromDay(firstDay + Math.floor(onsetHour / 24))}T${String(mod(onsetHour, 24)).padStart(2, '0')}:00${place.offset}`
      : '';
    const weather = home.source === 'fontana' ? 'real' : 'synthetic';
    await this.files['truth.csv'].write(
      `${id},${label.name},${label.isMiner},${rigKw(added)},${onset},${home.id},${weather}\n`,
    );
  }

  /** What is drawn under it, and iron and copper losses of some 3 % of the mean load. */
  async writeBalance({ id }: Transformer, drawnKw: Float64Array, options: RealRegionOptions): Promise<void> {
    const mean = drawnKw.reduce((sum, kw) => sum + kw, 0) / drawnKw.length;
    const withLoss = drawnKw.map((kw) => kw + 0.012 * mean + (0.018 * kw * kw) / mean);
    await this.files['transformer_readings.csv']?.write(
      wideRows(id, options.endDay - options.days, withLoss),
    );
  }
}

/** Two in five began before the window; the others leave a week before them and a fortnight after. */
function onsetOf(days: number, random: Random): number {
  if (random.chance(0.4)) return -24 * random.whole(10, 300) + random.whole(0, 23);
  return random.whole(8 * 24, (days - 14) * 24);
}

function rigKw({ rigKw: kw }: Added): string {
  return kw > 0 ? kw.toFixed(2) : '';
}

/** The registry errs as real ones do: heating forgotten, and miners who say that they heat. */
function registryLine(
  { id, transformer, place, label }: { id: string; transformer: string; place: Place; label: Label },
  random: Random,
): string {
  const claimed = label.name === 'heating_replaced' ? 0.6 : label.isMiner ? 0.12 : 0.01;
  const heating = random.chance(0.03) ? '' : (label.declared ?? random.chance(claimed));
  const tariff = heating === true ? 'electric_heating' : 'rural';
  const contracted = random.pick([5.5, 10, 15, 15]);
  return `${id},HH-${id},${place.code},${transformer},F-${place.code},${tariff},${heating},${contracted},,\n`;
}

function wideRows(id: string, firstDay: DayNumber, kw: Float64Array): string {
  const lines: string[] = [];
  for (let day = 0; day * 24 < kw.length; day++) {
    const hours = kw.subarray(day * 24, day * 24 + 24);
    if (hours.every(Number.isNaN)) continue;
    const cells = Array.from(hours, (each) => (Number.isNaN(each) ? '' : each.toFixed(3)));
    lines.push(`${id},${isoFromDay(firstDay + day)},${cells.join(',')}\n`);
  }
  return lines.join('');
}

/** `count` values from `from` on; NaN outside. */
function cut(values: Float32Array, from: number, count: number): Float32Array {
  const out = new Float32Array(count).fill(NaN);
  const start = Math.max(0, from);
  const end = Math.min(values.length, from + count);
  if (end > start) out.set(values.subarray(start, end), start - from);
  return out;
}

function presentShare(values: Float32Array): number {
  return values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0) / values.length;
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.whole(0, i);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}
