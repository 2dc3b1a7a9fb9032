import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dayFromCivil } from '../../src/grid/domain/calendar.js';
import { regionPlan, type TransformerPlan } from '../../src/simulation/domain/region-plan.js';
import { lossKw } from '../../src/simulation/domain/transformer-loss.js';
import {
  type RegionOptions,
  type RegionSummary,
  simulateRegion,
} from '../../src/simulation/simulate-region.js';

const POINTS = 420;
const DAYS = 21;
const HOURS = DAYS * 24;
const START = dayFromCivil(2026, 10, 1);
const SETTINGS = { seed: 11, points: POINTS, days: DAYS, firstDay: START, minerShare: 0.05 };

const scratch = mkdtempSync(path.join(tmpdir(), 'gridwarden-region-'));
let region: Region;

beforeAll(async () => {
  region = await simulated('first');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a region folder', () => {
  it('holds exactly the five files, and the summary counts them', () => {
    expect(region.summary.files.map((file) => path.basename(file)).sort()).toEqual([
      'readings.csv',
      'registry.csv',
      'transformer_readings.csv',
      'truth.csv',
      'weather.csv',
    ]);
    expect(region.summary).toMatchObject({ points: POINTS, transformers: plans().length });
    expect(region.truth).toHaveLength(POINTS);
    expect(region.summary.miners).toBe(region.truth.filter(({ is_miner }) => is_miner === 'true').length);
    // Farms over several points count once.
    const farmers = plans().flatMap(({ points }) =>
      points.filter((point) => (point.farm?.member ?? 0) === 0),
    );
    expect(farmers.filter(({ isUnlawful }) => isUnlawful)).toHaveLength(POINTS * SETTINGS.minerShare);
    expect(region.summary.miners).toBeGreaterThanOrEqual(POINTS * SETTINGS.minerShare);
  });

  it('has the columns that readers rely on', () => {
    expect(region.header).toEqual({
      'registry.csv':
        'metering_point,household,territory,transformer,feeder,tariff_category,electric_heating,contracted_kw,declared_load_kw,declared_purpose',
      'readings.csv': 'metering_point,start,kwh',
      'transformer_readings.csv': 'metering_point,start,kwh',
      'weather.csv': 'territory,start,temperature_c',
      'truth.csv': 'metering_point,class,is_miner,miner_kw,onset',
    });
  });

  it('has points × days × 24 readings, but for blanks, absent hours and meters nobody reads', () => {
    const read = plans().flatMap(({ points }) => points.filter(({ isUnread }) => !isUnread));
    const rows = region.readings;
    const values = rows.filter(({ kwh }) => kwh !== '');
    expect(values).toHaveLength(region.summary.readings);
    expect(new Set(rows.map(({ metering_point }) => metering_point)).size).toBe(read.length);
    expect(new Set(rows.map(({ metering_point, start }) => `${metering_point} ${start}`)).size).toBe(
      rows.length,
    );
    const missing = read.length * HOURS - values.length;
    expect(missing).toBeGreaterThan(0);
    expect(missing).toBeLessThan(0.01 * read.length * HOURS);
    expect(rows.length).toBeGreaterThan(values.length);
    expect(rows.length).toBeLessThan(read.length * HOURS);
    expect(values.filter(({ kwh }) => !(Number(kwh) >= 0))).toHaveLength(0);
  });

  it('gives each start the offset of its place, from the first local midnight on', () => {
    const offsets: Record<string, string> = { 'RU-NVS': '+07:00', 'RU-DA': '+03:00' };
    for (const { place, points } of plans()) {
      const offset = offsets[place.code] ?? '+08:00';
      const first = region.readings.find(({ metering_point }) => metering_point === points[0].id);
      expect(first!.start).toBe(`2026-10-01T00:00${offset}`);
    }
  });

  it('has hourly weather for every place that has a transformer', () => {
    const places = new Set(plans().map(({ place }) => place.code));
    expect(new Set(region.weather.map(({ territory }) => territory))).toEqual(places);
    expect(region.weather).toHaveLength(places.size * HOURS);
  });
});

describe('the truth', () => {
  it('says kW and onset of miners and of nobody else', () => {
    const lawful = ['registered_miner', 'miner_within_quota'];
    for (const row of region.truth) {
      const mines = row.is_miner === 'true' || lawful.includes(row.class!);
      expect(row.miner_kw !== '').toBe(mines);
      expect(/^\d{4}-\d{2}-\d{2}T\d{2}:00\+0[378]:00$/.test(row.onset!)).toBe(mines);
    }
  });

  it('has onsets inside the window and before it, none after, each in the time of its place', () => {
    const onsets = region.truth.filter(({ is_miner }) => is_miner === 'true').map(({ onset }) => onset!);
    // Seven in ten begin inside; of some twenty miners, hardly ever fewer than four in ten do.
    expect(onsets.filter((onset) => onset >= '2026-10-01').length).toBeGreaterThan(0.4 * onsets.length);
    expect(onsets.some((onset) => onset < '2026-10-01')).toBe(true);
    expect(onsets.every((onset) => onset < '2026-10-18')).toBe(true);
    for (const { metering_point, onset } of region.truth.filter((row) => row.onset !== '')) {
      const reading = region.readings.find((row) => row.metering_point === metering_point);
      expect(onset!.slice(-6)).toBe(reading!.start!.slice(-6));
    }
  });

  it('shows in the readings: a steady miner’s load rises by the rigs in the hour of the onset', () => {
    // Without electric heating: a thermostat backs off by what the rigs give off.
    const unheated = plans().flatMap(({ points }) => points.filter(({ archetype }) => !archetype.heating));
    const ids = new Set(unheated.map(({ id }) => id));
    const steady = region.truth.filter(
      (row) => row.class === 'rigs_steady' && row.onset! > '2026-10-02' && ids.has(row.metering_point!),
    );
    expect(steady.length).toBeGreaterThan(0);
    for (const { metering_point, onset, miner_kw } of steady) {
      const rows = region.readings.filter((row) => row.metering_point === metering_point && row.kwh !== '');
      const floor = (wanted: (start: string) => boolean) =>
        percentile(
          rows.filter(({ start }) => wanted(start!)).map(({ kwh }) => Number(kwh)),
          0.25,
        );
      const rise = floor((start) => start >= onset!) - floor((start) => start < onset!);
      expect(rise / Number(miner_kw)).toBeGreaterThan(0.85);
    }
  });
});

describe('the registry', () => {
  it('has mistakes in it: forgotten points, unread meters, blanks, heating wrongly or not declared', () => {
    const registered = new Set(region.registry.map(({ metering_point }) => metering_point));
    const read = new Set(region.readings.map(({ metering_point }) => metering_point));
    expect([...read].filter((id) => !registered.has(id))).not.toHaveLength(0);
    expect([...registered].filter((id) => !read.has(id))).not.toHaveLength(0);
    expect(region.registry.some(({ electric_heating }) => electric_heating === '')).toBe(true);
    expect(
      region.registry.some(({ contracted_kw, household }) => contracted_kw === '' || household === ''),
    ).toBe(true);
    const heats = new Map(
      region.truth.map((row) => [row.metering_point, row.class!.startsWith('electric_boiler')]),
    );
    const wrong = (said: string, is: boolean) =>
      region.registry.filter((row) => row.electric_heating === said && heats.get(row.metering_point) === is);
    expect(wrong('false', true)).not.toHaveLength(0);
    expect(wrong('true', false)).not.toHaveLength(0);
  });

  it('knows the declared loads: of miners where only the quota holds, and of data centres', () => {
    const declared = region.registry.filter(({ declared_load_kw }) => declared_load_kw !== '');
    const miners = declared.filter((row) => truthOf(row.metering_point!).miner_kw !== '');
    expect(miners).not.toHaveLength(0);
    for (const { metering_point, territory, declared_load_kw } of miners) {
      expect(territory).toBe('RU-NVS');
      const { class: name, is_miner, miner_kw } = truthOf(metering_point!);
      const over = Number(miner_kw) / Number(declared_load_kw);
      expect([name, is_miner]).toEqual(
        over > 1.1 ? ['declared_exceeded', 'true'] : ['registered_miner', 'false'],
      );
      if (is_miner === 'true') expect(over).toBeGreaterThan(1.58);
      expect(over).toBeLessThan(3.05);
    }
    for (const row of declared.filter((row) => !miners.includes(row))) {
      expect(row).toMatchObject({ tariff_category: 'commercial', declared_purpose: 'data_centre' });
      expect(truthOf(row.metering_point!)).toMatchObject({
        class: 'data_centre_declared',
        is_miner: 'false',
      });
    }
  });

  it('names a place, a transformer and a feeder that exist, and no household in two places', () => {
    const places = new Map<string, string>();
    for (const row of region.registry) {
      expect(row.territory).toMatch(/^(25\d{6}|RU-NVS|RU-DA)$/);
      if (row.household === '') continue;
      expect(places.get(row.household!) ?? row.transformer).toBe(row.transformer);
      places.set(row.household!, row.transformer!);
    }
  });
});

describe('a transformer’s balance', () => {
  it('closes: what goes in, less what is metered, less the loss, is what is drawn before the meters', () => {
    let hiddenFarms = 0;
    for (const plan of plans()) {
      // Where a meter is not read, the rest is its household's use: the balance can't close, and must not.
      if (plan.points.some(({ isUnread }) => isUnread)) continue;
      const { residualKw, hours } = residual(plan);
      expect(hours).toBeGreaterThan(HOURS / 4);
      const hides = plan.points.filter(({ miner }) => miner !== null && miner.metered.rigs < 1);
      hiddenFarms += hides.length;
      const most = hides.reduce((sum, { id, miner }) => {
        // A full bypass takes a part of the household's own load along: up to 1 kW on average.
        return sum + Number(truthOf(id).miner_kw) * (1 - miner!.metered.rigs) * 1.05 + 1;
      }, 0);
      if (hides.length === 0) expect(Math.abs(residualKw)).toBeLessThan(0.002);
      expect(residualKw).toBeLessThan(most + 0.002);
      if (hides.length > 0) expect(residualKw).toBeGreaterThan(0.3);
    }
    expect(hiddenFarms).toBeGreaterThan(0);
  });

  /** Mean kW over the last hours in which every point of the transformer has a reading. */
  function residual({ id, points, transformer }: TransformerPlan): { residualKw: number; hours: number } {
    const ids = new Set(points.map((point) => point.id));
    const metered = new Map<string, { kw: number; count: number }>();
    for (const { metering_point, start, kwh } of region.readings) {
      if (!ids.has(metering_point!) || kwh === '') continue;
      const hour = metered.get(start!) ?? { kw: 0, count: 0 };
      metered.set(start!, { kw: hour.kw + Number(kwh), count: hour.count + 1 });
    }
    const residuals = region.transformerReadings
      .filter((row) => row.metering_point === id && metered.get(row.start!)?.count === ids.size)
      .map(({ start, kwh }) => drawnKw(transformer, Number(kwh)) - metered.get(start!)!.kw);
    return {
      residualKw: residuals.reduce((sum, kw) => sum + kw, 0) / residuals.length,
      hours: residuals.length,
    };
  }

  /** Undoes the loss: the load whose sum with its own loss is what went in, by halving. */
  function drawnKw(transformer: TransformerPlan['transformer'], inKw: number): number {
    let low = 0;
    let high = inKw;
    while (high - low > 1e-9) {
      const middle = (low + high) / 2;
      if (middle + lossKw(transformer, middle) < inKw) low = middle;
      else high = middle;
    }
    return low;
  }
});

describe('the same options', () => {
  it('give the same bytes', async () => {
    const again = await simulated('again');
    expect(again.hashes).toEqual(region.hashes);
  });

  it('with another seed give other bytes', async () => {
    const other = await simulated('other', { seed: 12 });
    for (const file of Object.keys(region.hashes)) expect(other.hashes[file]).not.toBe(region.hashes[file]);
  });

  it('with more points begin with the same ones', async () => {
    const smaller = await simulated('smaller', { points: 150 });
    const ids = new Set(smaller.truth.map(({ metering_point }) => metering_point!));
    for (const name of ['truth.csv', 'registry.csv', 'readings.csv']) {
      const shared = linesOf('first', name).filter((line) => ids.has(line.slice(0, line.indexOf(','))));
      expect(linesOf('smaller', name).slice(1).join('\n') === shared.join('\n')).toBe(true);
    }
  });

  it('in the wide layout give the same values, and take the long file away', async () => {
    const long = await simulated('layouts', { points: 60 });
    const wide = await simulateRegion({ ...options('layouts'), points: 60, layout: 'wide' });
    expect(() => readFileSync(path.join(scratch, 'layouts', 'readings.csv'))).toThrow('ENOENT');
    expect(wide.readings).toBe(long.summary.readings);
    const values = new Map(
      long.readings.map((row) => [`${row.metering_point} ${row.start!.slice(0, 13)}`, row.kwh]),
    );
    const cells = rowsOf('layouts', 'readings_wide.csv').flatMap(({ metering_point, date, ...hours }) =>
      Object.entries(hours).map(([hour, kwh]) => ({
        key: `${metering_point} ${date}T${hour.slice(1)}`,
        kwh,
      })),
    );
    expect(cells.filter(({ kwh }) => kwh !== '')).toHaveLength(wide.readings);
    expect(cells.filter(({ key, kwh }) => (values.get(key) ?? '') !== kwh)).toHaveLength(0);
  });
});

describe('with daily sums', () => {
  it('some points deliver these only, and each is the sum of its hours', async () => {
    const { summary, readings } = await simulated('daily', { points: 90, days: 3, dailyShare: 0.3 });
    expect(summary.files.map((file) => path.basename(file))).toContain('readings_daily.csv');
    const daily = rowsOf('daily', 'readings_daily.csv');
    const ids = new Set(daily.map(({ metering_point }) => metering_point));
    expect(ids.size).toBeGreaterThan(15);
    expect(ids.size).toBeLessThan(40);
    expect(readings.filter(({ metering_point }) => ids.has(metering_point))).toHaveLength(0);
    const hourly = (await simulated('hourly', { points: 90, days: 3 })).readings;
    for (const { metering_point, date, kwh } of daily.slice(0, 20)) {
      const hours = hourly.filter(
        (row) => row.metering_point === metering_point && row.start!.startsWith(date!),
      );
      expect(hours).toHaveLength(24);
      expect(hours.reduce((sum, row) => sum + Number(row.kwh), 0)).toBeCloseTo(Number(kwh), 6);
    }
  });
});

describe('without miners', () => {
  it('nobody mines but those who may', async () => {
    const { summary, truth } = await simulated('honest', { points: 150, days: 2, minerShare: 0 });
    expect(summary.miners).toBe(0);
    expect(truth.every(({ is_miner }) => is_miner === 'false')).toBe(true);
  });
});

describe('a folder that can’t be written', () => {
  it('is an error that says so', async () => {
    const file = path.join(scratch, 'a-file');
    writeFileSync(file, '');
    await expect(simulateRegion({ ...options('unused'), outDir: path.join(file, 'region') })).rejects.toThrow(
      /ENOTDIR/,
    );
  });
});

type Row = Record<string, string | undefined>;

interface Region {
  readonly summary: RegionSummary;
  readonly header: Record<string, string>;
  readonly hashes: Record<string, string>;
  readonly registry: Row[];
  readonly readings: Row[];
  readonly transformerReadings: Row[];
  readonly weather: Row[];
  readonly truth: Row[];
}

function options(folder: string): RegionOptions {
  const { firstDay, ...settings } = SETTINGS;
  return { ...settings, startDay: firstDay, outDir: path.join(scratch, folder) };
}

async function simulated(folder: string, changes: Partial<RegionOptions> = {}): Promise<Region> {
  const summary = await simulateRegion({ ...options(folder), ...changes });
  const texts = summary.files.map((file) => [path.basename(file), readFileSync(file, 'utf8')] as const);
  const rows = (name: string) => rowsOf(folder, name);
  return {
    summary,
    header: Object.fromEntries(texts.map(([name, text]) => [name, text.slice(0, text.indexOf('\n'))])),
    hashes: Object.fromEntries(
      texts.map(([name, text]) => [name, createHash('sha256').update(text).digest('hex')]),
    ),
    registry: rows('registry.csv'),
    readings: rows('readings.csv'),
    transformerReadings: rows('transformer_readings.csv'),
    weather: rows('weather.csv'),
    truth: rows('truth.csv'),
  };
}

/** Every row must have as many cells as the header: the fields hold no commas, so that plain splitting reads them. */
function rowsOf(folder: string, name: string): Row[] {
  const [header, ...lines] = linesOf(folder, name);
  const columns = header.split(',');
  const cells = lines.map((line) => line.split(','));
  expect(cells.filter((row) => row.length !== columns.length)).toHaveLength(0);
  return cells.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
}

function linesOf(folder: string, name: string): string[] {
  return readFileSync(path.join(scratch, folder, name), 'utf8')
    .trimEnd()
    .split('\n');
}

function plans(): TransformerPlan[] {
  return [...regionPlan(SETTINGS)];
}

function truthOf(id: string): Row {
  return region.truth.find(({ metering_point }) => metering_point === id)!;
}

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(share * values.length)];
}
