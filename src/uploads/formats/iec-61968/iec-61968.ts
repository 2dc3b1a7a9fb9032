import { QUALITY } from '../../../readings/domain/quality.js';
import type { TariffZone } from '../../../readings/domain/register-segments.js';
import type { Format, FoundItem, FoundTime, Place } from '../format.js';
import { decodeXml, xmlStart, type XmlDecoder } from '../xml/decode-xml.js';
import { IntervalRuns, IsoTimes, partedBySign } from '../xml/interval-runs.js';
import type { XmlScanner } from '../xml/xml-scanner.js';
import { Repeated } from '../xml/xml-values.js';

/** Readings of one MeterReading: its meter may stand behind them. */
const MOST_READINGS = 400_000;
/** Registers whose last value is remembered, so that the next one tells what was used in between. */
const MOST_REGISTERS = 2_000_000;

/**
 * IEC 61968-9 MeterReadings, by itself or as the payload of a message: interval readings and single readings of meters,
 * what they are told by the 18 parts of their ReadingType.
 */
export const IEC_61968: Format = {
  name: 'iec-61968-9',
  title: { ru: 'IEC 61968-9 MeterReadings, XML', en: 'IEC 61968-9 MeterReadings, XML' },
  recognise: (head) => {
    const start = xmlStart(head);
    if (start === null || !start.names.includes('meterreadings')) return null;
    return {
      kind: 'readings',
      recognised: 'IEC 61968-9 MeterReadings: interval readings and registers by ReadingType.',
      assumed: [
        'A metering point is named by its UsagePoint, and without one by its Meter.',
        'An interval’s time stamp is its end, unless a timePeriod says when it begins.',
      ],
    };
  },
  decode: (source) => decodeXml(source, new MeterReadingsDecoder()),
};

/** The parts of a ReadingType that are asked for. */
interface ReadingType {
  readonly macro: number;
  readonly minutes: number | null;
  readonly accumulation: number;
  readonly flow: number;
  readonly tariff: number;
  readonly powerOfTen: number;
  readonly unit: number;
}

interface Reading {
  readonly at: FoundTime | null;
  readonly start: FoundTime | null;
  readonly value: number;
  readonly text: string;
  readonly quality: number;
  /** Counted from 1 in its block: to count lines at each would cost a tenth of the speed. */
  readonly ordinal: number;
}

interface Block {
  readonly isIntervals: boolean;
  readonly readings: Reading[];
  type: string;
  readonly line: number;
}

const CUMULATIVE = [1, 2, 3, 9];
const DELTA = 4;
const WH = 72;
const W = 38;

class MeterReadingsDecoder implements XmlDecoder {
  private items: FoundItem[] = [];
  private readonly path: string[] = [];
  private isInMeterReading = false;
  private blocks: Block[] = [];
  private block: Block | null = null;
  private count = 0;
  private meter = { name: '', id: '' };
  private usagePoint = { name: '', id: '' };
  private readonly times = new IsoTimes();
  private stamp: FoundTime | null = null;
  private hasStamp = false;
  private start: FoundTime | null = null;
  private value = NaN;
  private text = '';
  private quality = 0;
  /** One or two of them stand at every reading of a file. */
  private readonly qualities = new Repeated(qualityOfRef);
  private readingType = '';
  /** Where a register's last value stood, in minutes, and the value in Wh. */
  private readonly last = new Map<string, { readonly at: number; readonly wh: number }>();

  take(): FoundItem[] {
    const { items } = this;
    this.items = [];
    return items;
  }

  open(name: string, xml: XmlScanner): void {
    this.path.push(name);
    switch (name) {
      case 'meterreading':
        this.isInMeterReading = true;
        this.blocks = [];
        this.block = null;
        this.count = 0;
        this.meter = { name: '', id: '' };
        this.usagePoint = { name: '', id: '' };
        return;
      case 'intervalblocks':
        if (this.isInMeterReading) this.openBlock(true, xml);
        return;
      case 'intervalreadings':
      case 'readings':
        this.openReading(name, xml);
        return;
      case 'readingqualities':
      case 'readingqualitytype':
        this.quality = Math.max(this.quality, xml.attributeOnce('ref', this.qualities) ?? 0);
        return;
      case 'readingtype':
        this.noteType(xml.attribute('ref'));
        return;
      case 'enddeviceevents':
        this.items.push({
          kind: 'assumed',
          sentence: 'Events beside the readings (EndDeviceEvents) are passed over.',
        });
        return;
    }
  }

  close(name: string, xml: XmlScanner): void {
    this.path.pop();
    const parent = this.path.at(-1) ?? '';
    switch (name) {
      case 'value':
        this.value = xml.number();
        this.text = Number.isNaN(this.value) ? xml.text() : '';
        return;
      case 'timestamp':
        if (this.block !== null) this.takeStamp(xml);
        return;
      case 'start':
        if (parent === 'timeperiod') this.start = this.times.of(xml);
        return;
      case 'end':
        if (parent === 'timeperiod' && !this.hasStamp) this.takeStamp(xml);
        return;
      case 'name':
      case 'mrid':
        this.closeName(name === 'name' ? 'name' : 'id', xml, parent);
        return;
      case 'readingtype':
        if (!xml.isBlank()) this.noteType(xml.text());
        return;
      case 'readingqualitytype':
        if (!xml.isBlank()) this.quality = Math.max(this.quality, xml.textOnce(this.qualities));
        return;
      case 'intervalreadings':
      case 'readings':
        this.closeReading(name, xml);
        return;
      case 'intervalblocks':
        if (this.block !== null && this.block.type === '') this.block.type = this.readingType;
        this.block = null;
        return;
      case 'meterreading':
        if (this.isInMeterReading) this.closeMeterReading();
        this.isInMeterReading = false;
        return;
    }
  }

  private openBlock(isIntervals: boolean, xml: XmlScanner): void {
    this.block = { isIntervals, readings: [], type: '', line: xml.line() };
    this.blocks.push(this.block);
    this.readingType = '';
  }

  private openReading(name: string, xml: XmlScanner): void {
    if (!this.isInMeterReading) return;
    if (name === 'readings') this.openBlock(false, xml);
    this.stamp = this.start = null;
    this.hasStamp = false;
    this.text = '';
    this.value = NaN;
    this.quality = QUALITY.actual;
  }

  private closeReading(name: string, xml: XmlScanner): void {
    const { block, value, text, quality } = this;
    if (block === null) return;
    if (++this.count > MOST_READINGS) xml.refuse(`a MeterReading has more than ${MOST_READINGS} readings.`);
    block.readings.push({
      at: this.stamp,
      start: this.start,
      value,
      text,
      quality,
      ordinal: block.readings.length + 1,
    });
    if (name === 'intervalreadings') return;
    block.type = this.readingType;
    this.block = null;
  }

  private closeName(what: 'name' | 'id', xml: XmlScanner, parent: string): void {
    // Names/name, or the name itself.
    const owner = parent === 'names' ? this.path.at(-2) : parent;
    const named = owner === 'meter' ? this.meter : owner === 'usagepoint' ? this.usagePoint : null;
    if (named !== null && named[what] === '') named[what] = xml.text();
  }

  private noteType(ref: string | null): void {
    if (ref !== null && ref.trim() !== '') this.readingType = ref.trim();
  }

  private takeStamp(xml: XmlScanner): void {
    this.hasStamp = !xml.isBlank();
    this.stamp = this.times.of(xml);
  }

  private closeMeterReading(): void {
    const point =
      [this.usagePoint.name, this.usagePoint.id, this.meter.name, this.meter.id].find(
        (name) => name !== '',
      ) ?? '';
    const serial = (this.meter.name || this.meter.id).slice(0, 64);
    for (const block of this.blocks) {
      const place = { line: block.line, path: `meter ${point}` };
      const type = readingTypeOf(block.type);
      if (point === '')
        this.problem(place, 'UsagePoint', 'bad_id', 'Readings name neither a usage point nor a meter.', '');
      else if (type === null) {
        const detail = `The ReadingType ${JSON.stringify(block.type.slice(0, 60))} is none of 18 parts: what the values mean is unknown.`;
        this.problem(place, 'ReadingType', 'unknown_unit', detail, '');
      } else if (type.unit !== WH && type.unit !== W)
        this.note(`Readings of unit ${type.unit} are no active energy, and are passed over.`);
      else this.addBlock(block, type, { point, serial, place });
    }
    this.blocks = [];
  }

  private addBlock(
    block: Block,
    type: ReadingType,
    of: { point: string; serial: string; place: Place },
  ): void {
    const good = block.readings.filter((reading) => this.isGood(reading, of.place));
    const isCumulative = CUMULATIVE.includes(type.accumulation) && type.unit === WH;
    if (isCumulative && !block.isIntervals) return this.addRegisters(good, type, of);
    const minutes = type.minutes ?? (type.macro === 11 ? 1440 : null);
    const channel = type.flow === 19 ? 'export' : type.flow === 4 ? 'net' : type.flow <= 1 ? 'import' : null;
    if (channel === null) return this.note(`Readings of direction ${type.flow} are passed over.`);
    if (isCumulative) return this.addDifferences(good, type, of, channel);
    if (minutes === null || (type.accumulation !== DELTA && type.unit === WH && !block.isIntervals)) {
      return this.note(
        'Single readings that are neither registers nor energies of an interval are passed over.',
      );
    }
    if (type.unit === W) this.note('Average power in W is taken times the interval.');
    const whOfOne = 10 ** type.powerOfTen * (type.unit === W ? minutes / 60 : 1);
    const runs = { utc: new IntervalRuns(), local: new IntervalRuns(true) };
    for (const { at, start, value, quality } of good) {
      const time = start ?? at!;
      const from = minutesOf(time) - (start === null ? minutes : 0);
      runs['utcMs' in time ? 'utc' : 'local'].add(from, minutes, value * whOfOne, quality);
    }
    this.addRuns(runs.utc, of, channel);
    this.addRuns(runs.local, of, channel);
  }

  /** Interval readings that go on counting: the energy of an interval is what the register advanced in it. */
  private addDifferences(
    readings: readonly Reading[],
    type: ReadingType,
    of: { point: string; place: Place },
    channel: 'import' | 'export' | 'net',
  ): void {
    this.note('Interval readings that go on counting are differences of the register from one to the next.');
    const runs = { utc: new IntervalRuns(), local: new IntervalRuns(true) };
    const key = `${of.point} ${type.flow} ${type.tariff}`;
    for (const { at, value, quality, ordinal } of readings) {
      if (at === null || Number.isNaN(value)) continue;
      const minutes = minutesOf(at);
      const wh = value * 10 ** type.powerOfTen;
      const before = this.last.get(key);
      if (before !== undefined || this.last.size < MOST_REGISTERS) this.last.set(key, { at: minutes, wh });
      if (before === undefined) continue;
      const interval = type.minutes ?? minutes - before.at;
      // Over a gap the register tells the energy, but not of which interval.
      if (minutes - before.at !== interval) continue;
      if (wh < before.wh) {
        const detail =
          'The register stands lower than before: it was reset or exchanged, and the interval is missing.';
        this.problem(placeOf(of.place, ordinal), 'value', 'negative', detail, String(value));
        continue;
      }
      runs['utcMs' in at ? 'utc' : 'local'].add(before.at, interval, wh - before.wh, quality);
    }
    this.addRuns(runs.utc, of, channel);
    this.addRuns(runs.local, of, channel);
  }

  private addRuns(
    runs: IntervalRuns,
    { point, place }: { point: string; place: Place },
    channel: 'import' | 'export' | 'net',
  ): void {
    for (const block of runs.blocks(point, channel === 'export' ? 'export' : 'import', place)) {
      if (channel === 'net') this.items.push(...partedBySign(block));
      else this.items.push(block);
    }
  }

  private addRegisters(
    readings: readonly Reading[],
    { flow, tariff, powerOfTen }: ReadingType,
    { point, serial, place }: { point: string; serial: string; place: Place },
  ): void {
    if (flow > 1) return this.note('Registers of other directions than consumption are passed over.');
    const zone = tariff === 0 ? 'total' : (`T${tariff}` as TariffZone);
    if (tariff > 4) return this.note('Registers of more than four tariff zones are passed over.');
    for (const { at, value, quality, ordinal } of readings) {
      if (Number.isNaN(value)) continue;
      const kwh = (value * 10 ** powerOfTen) / 1000;
      this.items.push({
        kind: 'register',
        point,
        serial,
        zone,
        at: at!,
        kwh,
        ctRatio: 1,
        quality,
        place: placeOf(place, ordinal),
      });
    }
  }

  private isGood({ at, start, value, text, ordinal }: Reading, place: Place): boolean {
    if (at === null && start === null) {
      this.problem(
        placeOf(place, ordinal),
        'timeStamp',
        'bad_time',
        'The reading has no time that can be read.',
        '',
      );
      return false;
    }
    if (!Number.isNaN(value) || text === '') return true;
    const detail = `${JSON.stringify(text.slice(0, 40))} is not a number.`;
    this.problem(placeOf(place, ordinal), 'value', 'bad_number', detail, text.slice(0, 100));
    return false;
  }

  private note(sentence: string): void {
    this.items.push({ kind: 'assumed', sentence });
  }

  private problem(
    place: Place,
    field: string,
    reason: 'bad_id' | 'bad_time' | 'bad_number' | 'unknown_unit' | 'negative',
    detail: string,
    raw: string,
  ): void {
    this.items.push({ kind: 'problem', place, field, reason, detail, raw });
  }
}

function placeOf({ line, path }: Place, ordinal: number): Place {
  return { line, path: `${path}, reading ${ordinal}` };
}

function minutesOf(time: FoundTime): number {
  return 'utcMs' in time ? time.utcMs / 60_000 : time.localMinutes;
}

/** Minutes of IEC 61968-9's measuring periods. */
const MEASURING_PERIODS: Readonly<Record<number, number>> = {
  1: 10,
  2: 15,
  3: 1,
  4: 1440,
  5: 30,
  6: 5,
  7: 60,
  10: 2,
  14: 3,
  31: 20,
  50: 60,
  51: 30,
  52: 20,
  53: 15,
  54: 10,
  55: 5,
  56: 1,
};

/** `0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0`; null: not of that form. */
function readingTypeOf(ref: string): ReadingType | null {
  const parts = ref.split(/[.-]/).map(Number);
  if (parts.length !== 18 || parts.some(Number.isNaN)) return null;
  return {
    macro: parts[0],
    minutes: MEASURING_PERIODS[parts[2]] ?? null,
    accumulation: parts[3],
    flow: parts[4],
    tariff: parts[11],
    powerOfTen: parts[15],
    unit: parts[16],
  };
}

function qualityOfRef(ref: string): number {
  const category = /^\s*\d+\.(\d+)\.\d+\s*$/.exec(ref)?.[1];
  return category === undefined ? QUALITY.actual : qualityOf(Number(category));
}

/** The middle part of a quality `x.y.z`. */
function qualityOf(category: number): number {
  if (category === 7) return QUALITY.substituted;
  if (category === 8) return QUALITY.estimated;
  return [3, 5, 6, 10].includes(category) ? QUALITY.questionable : QUALITY.actual;
}
