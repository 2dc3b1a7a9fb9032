import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DayNumber } from '../grid/domain/calendar.js';
import { isoFromDay } from '../grid/domain/calendar.js';
import { ChunkWriter } from './chunk-writer.js';
import { PRESENT } from './domain/gaps.js';
import type { Place } from './domain/places.js';
import { Random } from './domain/random.js';
import { emptyLoad, type PointFacts, type PointLoad, simulatePoint } from './domain/point-load.js';
import {
  mostRowBytes,
  offsetText,
  putDailyRows,
  putLongRows,
  putWideRows,
  type RowStamps,
  rowStamps,
} from './domain/reading-rows.js';
import {
  type PointPlan,
  regionPlan,
  type RegionSettings,
  type TransformerPlan,
} from './domain/region-plan.js';
import { REGISTRY_COLUMNS, registryRow } from './domain/registry-row.js';
import { type Scene, sceneOf } from './domain/scene.js';
import { lossKw } from './domain/transformer-loss.js';

export interface RegionOptions {
  readonly points: number;
  readonly days: number;
  readonly seed: number;
  readonly outDir: string;
  /** First day; without it the days end with 31 October 2026. */
  readonly startDay?: DayNumber;
  readonly layout?: 'long' | 'wide';
  /** Unlawful miners per point; 0.02 when not given. The one whose rigs lie over several points counts once. */
  readonly minerShare?: number;
  /** Share of the points that deliver daily sums only, into a file of their own; 0 when not given. */
  readonly dailyShare?: number;
  /** Called after each transformer with the points done so far. */
  readonly onProgress?: (pointsDone: number) => void;
}

export interface RegionSummary {
  readonly points: number;
  readonly transformers: number;
  /** Hourly values written for metering points; blanks, absent hours, daily sums and balance meters are not among them. */
  readonly readings: number;
  /** Points that mine where or as they may not: `is_miner` in truth.csv. */
  readonly miners: number;
  /** Paths of the files written. */
  readonly files: readonly string[];
}

export const DEFAULT_MINER_SHARE = 0.02;

/** The default window ends before this day, 1 November 2026. */
const DEFAULT_END: DayNumber = 20_758;

/**
 * Writes a simulated region into a folder, which is made when it is missing; files of an earlier region are replaced.
 * The same options give the same bytes. Memory does not depend on the number of points.
 */
export async function simulateRegion(options: RegionOptions): Promise<RegionSummary> {
  const { points, days, seed, layout = 'long', minerShare = DEFAULT_MINER_SHARE, dailyShare = 0 } = options;
  const firstDay = options.startDay ?? DEFAULT_END - days;
  const settings: RegionSettings = { seed, points, firstDay, days, minerShare };
  const files = await openFiles(options.outDir, layout, { hours: days * 24, hasDaily: dailyShare > 0 });
  try {
    const region = new RegionWriter(settings, { layout, dailyShare }, files);
    for (const transformer of regionPlan(settings)) {
      await region.write(transformer);
      options.onProgress?.(region.points);
    }
    const { transformers, readings, miners } = region;
    return { points, transformers, readings, miners, files: Object.values(files).map(({ path }) => path) };
  } finally {
    await closeAll(Object.values(files));
  }
}

type RegionFiles = Readonly<
  Record<'registry' | 'readings' | 'transformerReadings' | 'weather' | 'truth', ChunkWriter>
> & { readonly dailyReadings?: ChunkWriter };

/** Id of a metering point or transformer, `P0000001` or `T000001`. */
const ID_BYTES = 8;

const WIDE_HOURS = Array.from({ length: 24 }, (_, hour) => `h${String(hour).padStart(2, '0')}`);
const READINGS_HEADER = {
  long: 'metering_point,start,kwh\n',
  wide: `metering_point,date,${WIDE_HOURS.join(',')}\n`,
};
const READINGS_FILE = { long: 'readings.csv', wide: 'readings_wide.csv' };
const DAILY_FILE = 'readings_daily.csv';

async function openFiles(
  folder: string,
  layout: 'long' | 'wide',
  { hours, hasDaily }: { readonly hours: number; readonly hasDaily: boolean },
): Promise<RegionFiles> {
  await mkdir(folder, { recursive: true });
  // An earlier region's readings in the other layout would be taken for this one's.
  await rm(join(folder, READINGS_FILE[layout === 'long' ? 'wide' : 'long']), { force: true });
  if (!hasDaily) await rm(join(folder, DAILY_FILE), { force: true });
  const rowsOfOne = mostRowBytes(hours, ID_BYTES);
  const opened: ChunkWriter[] = [];
  const create = async (name: string, header: string, largest = 0) => {
    const file = await ChunkWriter.open(join(folder, name), largest);
    opened.push(file);
    await file.text(header);
    return file;
  };
  try {
    return {
      registry: await create('registry.csv', `${REGISTRY_COLUMNS.join(',')}\n`),
      readings: await create(READINGS_FILE[layout], READINGS_HEADER[layout], rowsOfOne),
      ...(hasDaily && {
        dailyReadings: await create(DAILY_FILE, 'metering_point,date,kwh\n', rowsOfOne),
      }),
      transformerReadings: await create('transformer_readings.csv', READINGS_HEADER.long, rowsOfOne),
      weather: await create('weather.csv', 'territory,start,temperature_c\n'),
      truth: await create('truth.csv', 'metering_point,class,is_miner,miner_kw,onset\n'),
    };
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** Closes every file even when one fails; the first failure is thrown. */
async function closeAll(files: readonly ChunkWriter[]): Promise<void> {
  const closed = await Promise.allSettled(files.map((file) => file.close()));
  for (const result of closed) if (result.status === 'rejected') throw result.reason;
}

/** What the points of one place share. */
interface Setting {
  readonly scene: Scene;
  readonly stamps: RowStamps;
}

/** Simulates transformer by transformer, and keeps nothing of one when the next begins. */
class RegionWriter {
  points = 0;
  transformers = 0;
  readings = 0;
  miners = 0;

  private readonly settings: RegionSettings;
  private readonly files: RegionFiles;
  private readonly putRows: typeof putLongRows;
  private readonly dailyShare: number;
  private readonly rowBytes: number;
  private readonly places = new Map<Place, Setting>();
  private readonly load: PointLoad;
  private readonly wattHours: Uint32Array;
  /** What all households under the transformer at hand draw, kW by hour. */
  private readonly drawnKw: Float64Array;
  private readonly allPresent: Uint8Array;

  constructor(
    settings: RegionSettings,
    { layout, dailyShare }: { readonly layout: 'long' | 'wide'; readonly dailyShare: number },
    files: RegionFiles,
  ) {
    const hours = settings.days * 24;
    this.settings = settings;
    this.files = files;
    this.dailyShare = dailyShare;
    this.putRows = layout === 'long' ? putLongRows : putWideRows;
    this.rowBytes = mostRowBytes(hours, ID_BYTES);
    this.load = emptyLoad(hours);
    this.wattHours = new Uint32Array(hours);
    this.drawnKw = new Float64Array(hours);
    this.allPresent = new Uint8Array(hours).fill(PRESENT);
  }

  async write(transformer: TransformerPlan): Promise<void> {
    const setting = await this.settingOf(transformer.place);
    this.drawnKw.fill(0);
    for (const point of transformer.points) {
      const facts = simulatePoint(this.settings.seed, setting.scene, point, this.load);
      this.measure();
      await this.writeFacts(transformer, point, facts);
      if (this.isDailyOnly(point)) await this.writeDaily(point, setting);
      else if (!point.isUnread) await this.writeReadings(point, setting);
      this.points++;
    }
    await this.writeBalance(transformer, setting);
    this.transformers++;
  }

  /** Scene and stamps of a place, made and its weather written when its first transformer comes. */
  private async settingOf(place: Place): Promise<Setting> {
    const known = this.places.get(place);
    if (known) return known;
    const scene = sceneOf(this.settings.seed, place, this.settings.firstDay, this.settings.days);
    const setting = { scene, stamps: rowStamps(scene) };
    this.places.set(place, setting);
    await this.writeWeather(scene);
    return setting;
  }

  private async writeWeather({ place, firstDay, hours, outdoorC }: Scene): Promise<void> {
    for (let hour = 0; hour < hours; hour++) {
      await this.files.weather.text(
        `${place.code},${hourText(firstDay, hour, place)},${outdoorC[hour].toFixed(1)}\n`,
      );
    }
  }

  /** Adds the point to what its transformer carries, and turns what passed the meter into whole watt-hours. */
  private measure(): void {
    const { drawnKw, wattHours } = this;
    const { meteredKw, hiddenKw } = this.load;
    for (let hour = 0; hour < wattHours.length; hour++) {
      drawnKw[hour] += meteredKw[hour] + hiddenKw[hour];
      wattHours[hour] = Math.round(1000 * Math.max(0, meteredKw[hour]));
    }
  }

  private async writeFacts(transformer: TransformerPlan, point: PointPlan, facts: PointFacts): Promise<void> {
    const { seed, firstDay } = this.settings;
    const { mining } = facts;
    if (!point.isUnregistered) {
      const row = registryRow(seed, transformer, point, facts);
      await this.files.registry.text(`${REGISTRY_COLUMNS.map((column) => row[column]).join(',')}\n`);
    }
    const name = point.miner?.name ?? point.archetype.name;
    const kw = mining ? mining.kw.toFixed(2) : '';
    const onset = mining ? hourText(firstDay, mining.onsetHour, transformer.place) : '';
    await this.files.truth.text(`${point.id},${name},${point.isUnlawful},${kw},${onset}\n`);
    if (point.isUnlawful) this.miners++;
  }

  private async writeReadings(point: PointPlan, { stamps }: Setting): Promise<void> {
    const { readings } = this.files;
    const { delivery } = this.load;
    await readings.reserve(this.rowBytes);
    readings.at = this.putRows(
      readings.bytes,
      readings.at,
      Buffer.from(point.id),
      stamps,
      this.wattHours,
      delivery,
    );
    for (let hour = 0; hour < delivery.length; hour++) if (delivery[hour] === PRESENT) this.readings++;
  }

  private isDailyOnly({ index, isUnread }: PointPlan): boolean {
    const { dailyShare, settings } = this;
    return dailyShare > 0 && !isUnread && new Random(settings.seed, 'daily', index).chance(dailyShare);
  }

  private async writeDaily({ id }: PointPlan, { stamps }: Setting): Promise<void> {
    const file = this.files.dailyReadings!;
    await file.reserve(this.rowBytes);
    file.at = putDailyRows(file.bytes, file.at, Buffer.from(id), stamps, this.wattHours, this.load.delivery);
  }

  /** What goes into the transformer: all that is drawn under it, metered or not, and its loss. */
  private async writeBalance({ id, transformer }: TransformerPlan, { stamps }: Setting): Promise<void> {
    const { transformerReadings: file } = this.files;
    for (let hour = 0; hour < this.drawnKw.length; hour++) {
      const drawnKw = this.drawnKw[hour];
      this.wattHours[hour] = Math.round(1000 * (drawnKw + lossKw(transformer, drawnKw)));
    }
    await file.reserve(this.rowBytes);
    file.at = putLongRows(file.bytes, file.at, Buffer.from(id), stamps, this.wattHours, this.allPresent);
  }
}

/** An hour of the window or before it in the place's time, `2026-11-01T07:00+08:00`. */
function hourText(firstDay: DayNumber, hour: number, { offsetMinutes }: Place): string {
  const day = Math.floor(hour / 24);
  const hourOfDay = String(hour - day * 24).padStart(2, '0');
  return `${isoFromDay(firstDay + day)}T${hourOfDay}:00${offsetText(offsetMinutes)}`;
}
