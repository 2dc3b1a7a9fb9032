import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Database } from '../../src/database/open-database.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { dayFromCivil, dayFromIso, isoFromDay, type DayNumber } from '../../src/grid/domain/calendar.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { ingestFile, type IngestConfig } from '../../src/uploads/ingest-file.js';

/**
 * The trial behind docs/detection.md: real homes, once as they are and once with a mining rig added to some of them,
 * go the whole way from file to score, registered where mining is banned, month after month.
 *
 * The homes are moved by whole weeks into the time of the ban (their weekdays stay, their seasons nearly). They form
 * nine districts of the same homes: in district 0 nobody mines; in district k every eighth home has a rig.
 */
export interface RigTrial {
  readonly homes: number;
  /** Scorings of a home without a rig, over all districts and months, and how many were worthy of a case. */
  readonly cleanScorings: number;
  readonly falseAlarms: readonly { readonly home: string; readonly asOf: string; readonly score: number }[];
  readonly rigs: readonly Rig[];
}

export interface Rig {
  readonly home: string;
  readonly kw: number;
  /** ISO date of the first hour; the hour itself is 14:00. */
  readonly onset: string;
  /** Days from the onset to the monthly scoring that first found it worthy of a case; null when none did. */
  readonly foundAfterDays: number | null;
  /** Of that scoring, or of the last one. */
  readonly score: number;
  readonly onsetErrorDays: number | null;
}

interface Home {
  readonly id: string;
  readonly intervalMinutes: number;
  /** Days in order, shifted; kWh per interval, NaN = missing. */
  readonly days: { readonly day: DayNumber; readonly kwh: Float64Array }[];
}

interface RigPlan {
  readonly kw: number;
  readonly onset: DayNumber;
}

/** A municipality where mining is banned all year since 7 April 2025. */
const TERRITORY = '25701000';
const ONSET_HOUR = 14;
const RIG_KW = [1, 1.7, 2.5, 3.4];
const DISTRICTS = 8;
/** A rig is put into a home that is on record for this long before and after its onset. */
const DAYS_BEFORE = 60;
const DAYS_AFTER = 60;
/** A rig that has run for less is not asked for. */
const RUNNING_DAYS = 14;
const FIRST_AS_OF = dayFromCivil(2025, 6, 1);
const MONTHS = 13;

/** Weeks from the data's own time to the trial's. */
const SHIFT_DAYS = { sgsc: 626 * 7, fontana: 469 * 7 };

export async function runRigTrial(
  database: Database,
  config: IngestConfig & { readonly rulebookFile: string },
  dataFolder: string,
  { districts = DISTRICTS, say = (_: string): unknown => undefined } = {},
): Promise<RigTrial> {
  const homes = readHomes(dataFolder);
  const shape = rigShape(dataFolder);
  const plans = planRigs(homes);
  await ingestDistricts(database, config, homes, shape, plans, districts);
  const trial = {
    homes: homes.length,
    cleanScorings: 0,
    falseAlarms: [] as RigTrial['falseAlarms'][number][],
  };
  const rigs = new Map<string, Rig>();
  const rulebook = loadRulebook(config.rulebookFile);
  for (let month = 0; month < MONTHS; month++) {
    const asOf = dayFromCivil(2025, 6 + month, 1);
    await scorePoints(database, { rulebook, now: new Date(asOf * 86_400_000), asOf });
    say(`scored as of ${isoFromDay(asOf)}`);
    for (const score of await scoresAsOf(database, asOf)) {
      const [district, home] = score.point.split(':');
      const plan = Number(district) > 0 && mines(home, Number(district), homes) ? plans.get(home) : undefined;
      if (plan === undefined) {
        trial.cleanScorings++;
        if (score.caseWorthy)
          trial.falseAlarms.push({ home: score.point, asOf: isoFromDay(asOf), score: score.score });
      } else if (
        asOf >= plan.onset + RUNNING_DAYS &&
        (rigs.get(score.point)?.foundAfterDays ?? null) === null
      ) {
        rigs.set(score.point, judge(score, plan, asOf));
      }
    }
  }
  return { ...trial, rigs: [...rigs.values()] };
}

interface StoredScore {
  readonly point: string;
  readonly score: number;
  readonly caseWorthy: boolean;
  readonly since: string | null;
}

async function scoresAsOf(database: Database, asOf: DayNumber): Promise<StoredScore[]> {
  return database.dataSource.query<StoredScore[]>(
    `select m.external_id as point, s.score, s.case_worthy as "caseWorthy", s.since
     from score s join metering_point m on m.id = s.metering_point_id where s.as_of = $1`,
    [isoFromDay(asOf)],
  );
}

function judge(score: StoredScore, { kw, onset }: RigPlan, asOf: DayNumber): Rig {
  const since = score.since === null ? null : dayFromIso(score.since);
  return {
    home: score.point,
    kw,
    onset: isoFromDay(onset),
    foundAfterDays: score.caseWorthy ? asOf - onset : null,
    score: score.score,
    onsetErrorDays: score.caseWorthy && since !== null ? Math.abs(since - onset) : null,
  };
}

/** Rig k of a home is switched on in one district only, so that at most an eighth of any neighbourhood mines. */
function mines(home: string, district: number, homes: readonly Home[]): boolean {
  return homes.findIndex(({ id }) => id === home) % DISTRICTS === district - 1;
}

/** A rig for every home that is long enough on record; sizes and seasons in turn. */
function planRigs(homes: readonly Home[]): Map<string, RigPlan> {
  const plans = new Map<string, RigPlan>();
  for (const [index, { id, days }] of homes.entries()) {
    const earliest = Math.max(days[0].day + DAYS_BEFORE, FIRST_AS_OF - 30);
    const latest = days[days.length - 1].day - DAYS_AFTER;
    if (latest < earliest) continue;
    const onset = earliest + ((index * 37) % (latest - earliest + 1));
    plans.set(id, { kw: RIG_KW[index % RIG_KW.length], onset });
  }
  return plans;
}

async function ingestDistricts(
  database: Database,
  config: IngestConfig,
  homes: readonly Home[],
  shape: Float64Array,
  plans: ReadonlyMap<string, RigPlan>,
  districts: number,
): Promise<void> {
  const registry = ['metering_point,territory,tariff_category'];
  const files = new Map<number, string[]>();
  for (let district = 0; district <= districts; district++) {
    for (const home of homes) {
      registry.push(`${district}:${home.id},${TERRITORY},district-${district}`);
      const plan = district > 0 && mines(home.id, district, homes) ? plans.get(home.id) : undefined;
      const lines = files.get(home.intervalMinutes) ?? [wideHeader(home.intervalMinutes)];
      files.set(home.intervalMinutes, lines);
      for (const { day, kwh } of home.days)
        lines.push(wideRow(`${district}:${home.id}`, day, kwh, plan, shape));
    }
  }
  await ingest(database, config, 'registry', 'registry', registry);
  for (const [interval, lines] of files)
    await ingest(database, config, `homes-${interval}`, 'readings', lines);
}

async function ingest(
  database: Database,
  config: IngestConfig,
  name: string,
  kind: 'registry' | 'readings',
  lines: readonly string[],
): Promise<void> {
  const path = join(config.dataDir, `${name}.csv`);
  await writeFile(path, `${lines.join('\n')}\n`);
  const { receipt } = await ingestFile(database, config, { path, kind, utility: 'trial', zone: null });
  if (receipt.status !== 'loaded' || receipt.counts.rejected > 0) throw new Error(JSON.stringify(receipt));
}

function wideHeader(intervalMinutes: number): string {
  return [
    'metering_point',
    'date',
    ...Array.from({ length: 1440 / intervalMinutes }, (_, slot) => `h${slot}`),
  ].join(',');
}

function wideRow(
  id: string,
  day: DayNumber,
  kwh: Float64Array,
  plan: RigPlan | undefined,
  shape: Float64Array,
): string {
  const perDay = kwh.length;
  const cells = Array.from(kwh, (value, slot) => {
    if (Number.isNaN(value)) return '';
    const hour = Math.floor((slot * 24) / perDay);
    const running = plan !== undefined && (day > plan.onset || (day === plan.onset && hour >= ONSET_HOUR));
    const rigKw = running ? plan.kw * shape[(day * 24 + hour) % shape.length] : 0;
    return (value + (rigKw * 24) / perDay).toFixed(3);
  });
  return [id, isoFromDay(day), ...cells].join(',');
}

function readHomes(folder: string): Home[] {
  const homes = new Map<string, Home>();
  const text = (file: string) =>
    gunzipSync(readFileSync(join(folder, 'households', file)))
      .toString()
      .trimEnd();
  const home = (id: string, intervalMinutes: number) => {
    const found = homes.get(id) ?? { id, intervalMinutes, days: [] };
    homes.set(id, found);
    return found;
  };
  for (const line of text('sgsc-half-hourly.csv.gz').split('\n').slice(1)) {
    const [id, date, ...cells] = line.split(',');
    const kwh = Float64Array.from(cells, (cell) => (cell === '' ? NaN : Number(cell)));
    home(id, 30).days.push({ day: dayFromIso(date)! + SHIFT_DAYS.sgsc, kwh });
  }
  for (const line of text('fontana-hourly-long.csv.gz').split('\n').slice(1)) {
    const [id, start, kwh] = line.split(',');
    const { days } = home(id, 60);
    const day = dayFromIso(start.slice(0, 10))! + SHIFT_DAYS.fontana;
    if (days.at(-1)?.day !== day) days.push({ day, kwh: new Float64Array(24).fill(NaN) });
    days.at(-1)!.kwh[Number(start.slice(11, 13))] = kwh === '' ? NaN : Number(kwh);
  }
  return [...homes.values()].filter(({ days }) => days.length > 0);
}

/** Hourly power of a real miner relative to its median: a shape, scaled to the size of a rig. */
function rigShape(folder: string): Float64Array {
  const lines = gunzipSync(readFileSync(join(folder, 'miner', 'bitaxe_power.csv.gz')))
    .toString()
    .trimEnd()
    .split('\n');
  const watts = lines
    .slice(1)
    .map((line) => line.split(','))
    .filter(([, name]) => name === 'Gamma-1')
    .map((fields) => Number(fields[2]));
  const median = [...watts].sort((a, b) => a - b)[watts.length >> 1];
  const hours = Math.floor(watts.length / 60);
  return Float64Array.from({ length: hours }, (_, hour) => {
    const minutes = watts.slice(hour * 60, hour * 60 + 60);
    return minutes.reduce((sum, value) => sum + value, 0) / minutes.length / median;
  });
}

/** The table of docs/detection.md. */
export function trialTable({ homes, cleanScorings, falseAlarms, rigs }: RigTrial): string {
  const rows = RIG_KW.map((kw) => {
    const ofSize = rigs.filter((rig) => rig.kw === kw);
    const errors = ofSize
      .flatMap(({ onsetErrorDays }) => (onsetErrorDays === null ? [] : [onsetErrorDays]))
      .sort((a, b) => a - b);
    const withinDay = errors.filter((error) => error <= 1).length;
    const median = errors.length > 0 ? errors[errors.length >> 1] : '–';
    const days = ofSize.flatMap(({ foundAfterDays }) => (foundAfterDays === null ? [] : [foundAfterDays]));
    const soon = days.filter((after) => after <= RUNNING_DAYS + 31).length;
    return `| ${kw} kW | ${ofSize.length} | ${soon} | ${days.length} | ${withinDay} of ${errors.length} | ${median} | ${errors.at(-1) ?? '–'} |`;
  });
  const flagged = new Set(falseAlarms.map(({ home }) => home.split(':')[1]));
  return [
    '| rig | homes | found at the first monthly scoring | found | onset within a day | median error, days | largest |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    `${homes} real homes; ${cleanScorings} monthly scorings without a rig: ${falseAlarms.length} worthy of a case` +
      (flagged.size > 0 ? ` (homes ${[...flagged].join(', ')})` : ''),
  ].join('\n');
}
