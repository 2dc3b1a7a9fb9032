import { QUALITY } from '../../../readings/domain/quality.js';
import type { Format, FoundItem, Place, Source } from '../format.js';
import { decodeXml, xmlStart, type XmlDecoder } from '../xml/decode-xml.js';
import { IntervalRuns, partedBySign } from '../xml/interval-runs.js';
import type { XmlScanner } from '../xml/xml-scanner.js';
import { Links, NO_LINKS, type Entry, type ReadingType } from './links.js';

/** Of one block: ten years of quarter hours. */
const MOST_READINGS = 400_000;
const WH = 72;
const W = 38;
const DELIVERED = [0, 1];
const REVERSE = [19];
const NET = [4];
/** Values that go on counting: bulk quantity, continuous cumulative, cumulative, summation. */
const CUMULATIVE = [1, 2, 3, 9];

/**
 * Green Button (ESPI), an Atom feed: usage points, meter readings, reading types and blocks of readings, joined by their
 * links and by nothing else. Where a block stands before what its links name, the feed is read once more for its links.
 */
export const GREEN_BUTTON: Format = {
  name: 'green-button',
  title: { ru: 'Green Button (ESPI), XML', en: 'Green Button (ESPI), XML' },
  recognise: (head) => {
    const start = xmlStart(head);
    const isEspi = start !== null && /naesb\.org\/espi/i.test(start.text);
    const isFeed = start !== null && (start.root === 'feed' || start.root === 'entry');
    if (start === null || !(isFeed && (isEspi || start.names.includes('intervalblock')))) return null;
    return {
      kind: 'readings',
      recognised: 'Green Button (ESPI): readings of usage points, joined by the links of the feed.',
      assumed: [
        'A metering point is named by the last part of its UsagePoint link (with the customer’s before it when it is shorter than four characters); a table of codes may name it otherwise.',
      ],
    };
  },
  decode,
};

async function* decode(source: Source): AsyncGenerator<FoundItem[]> {
  let given = 0;
  try {
    for await (const items of decodeXml(source, new GreenButtonDecoder(new Links(), false))) {
      given += items.length;
      yield items;
    }
    return;
  } catch (error) {
    if (error !== NO_LINKS) throw error;
  }
  const links = new Links();
  for await (const _ of decodeXml(source, new LinkReader(links))) continue;
  links.isComplete = true;
  let passBy = given;
  for await (const items of decodeXml(source, new GreenButtonDecoder(links, true))) {
    const rest = items.slice(passBy);
    passBy -= items.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}

/** Reads links and types only. */
class LinkReader implements XmlDecoder {
  protected entry: Entry;
  private type: { -readonly [K in keyof ReadingType]: number } | null = null;
  private ordinal = 0;

  constructor(protected readonly links: Links) {
    this.entry = links.entry(0);
  }

  take(): FoundItem[] {
    return [];
  }

  open(name: string, xml: XmlScanner): void {
    switch (name) {
      case 'entry':
        this.entry = this.links.entry(++this.ordinal);
        return;
      case 'link':
        this.entry.link(xml.attribute('rel') ?? '', (xml.attribute('href') ?? '').trim());
        return;
      case 'usagepoint':
      case 'meterreading':
        this.entry.kind ??= name;
        return;
      case 'readingtype':
        this.entry.kind ??= name;
        this.type = { uom: 0, powerOfTen: 0, flow: 0, accumulation: 4, intervalSeconds: 0 };
        return;
    }
  }

  close(name: string, xml: XmlScanner): void {
    if (name === 'entry') this.links.close(this.entry);
    if (this.type === null) return;
    switch (name) {
      case 'uom':
        this.type.uom = xml.number();
        return;
      case 'poweroftenmultiplier':
        this.type.powerOfTen = xml.number() || 0;
        return;
      case 'flowdirection':
        this.type.flow = xml.number() || 0;
        return;
      case 'accumulationbehaviour':
        this.type.accumulation = xml.number();
        return;
      case 'intervallength':
        this.type.intervalSeconds = xml.number() || 0;
        return;
      case 'readingtype':
        this.entry.type = this.type;
        this.type = null;
        return;
    }
  }
}

interface OpenBlock {
  readonly point: string;
  readonly type: ReadingType;
  readonly runs: IntervalRuns;
  readonly place: Place;
  /** Of a reading without a time of its own, seconds since 1970: where the one before it ends, first where the block begins. */
  nextStart: number;
}

class GreenButtonDecoder extends LinkReader {
  private items: FoundItem[] = [];
  private block: OpenBlock | null = null;
  private isInReading = false;
  private isInInterval = false;
  private isInPeriod = false;
  private start = NaN;
  private seconds = NaN;
  private value = NaN;
  private isBlank = true;
  private quality = 0;
  private readonly meterReadingOf = new Map<string, string>();

  constructor(
    links: Links,
    private readonly isSecondPass: boolean,
  ) {
    super(links);
  }

  override take(): FoundItem[] {
    const { items } = this;
    this.items = [];
    return items;
  }

  override open(name: string, xml: XmlScanner): void {
    switch (name) {
      case 'intervalreading':
        this.isInReading = this.block !== null;
        this.isInPeriod = false;
        this.start = this.seconds = this.value = NaN;
        this.isBlank = true;
        this.quality = QUALITY.actual;
        return;
      case 'timeperiod':
        this.isInPeriod = true;
        return;
      case 'interval':
        this.isInInterval = this.block !== null;
        return;
      case 'intervalblock':
        this.openBlock(xml);
        return;
      default:
        super.open(name, xml);
    }
  }

  override close(name: string, xml: XmlScanner): void {
    if (this.isInReading) {
      switch (name) {
        case 'value':
          this.value = xml.number();
          this.isBlank = xml.isBlank();
          return;
        case 'start':
          if (this.isInPeriod) this.start = xml.number();
          return;
        case 'duration':
          if (this.isInPeriod) this.seconds = xml.number();
          return;
        case 'timeperiod':
          this.isInPeriod = false;
          return;
        case 'quality':
          this.quality = Math.max(this.quality, qualityOf(xml.number()));
          return;
        case 'intervalreading':
          this.isInReading = false;
          this.closeReading(xml);
          return;
      }
      return;
    }
    if (this.isInInterval) {
      if (name === 'start') this.block!.nextStart = xml.number();
      else if (name === 'interval') this.isInInterval = false;
    } else if (name === 'intervalblock') this.closeBlock();
    else super.close(name, xml);
  }

  private openBlock(xml: XmlScanner): void {
    this.block = null;
    this.isInInterval = false;
    const place = { line: xml.line(), path: this.entry.self };
    const found = this.links.ofBlock(this.entry);
    if (found === null) {
      if (!this.isSecondPass) throw NO_LINKS as Error;
      const detail =
        'No link leads from this block to a reading type and a usage point: its unit and its point are unknown.';
      this.problem(place, 'link', 'missing_value', detail);
      return;
    }
    const { point, type, meterReading } = found;
    const channel = channelOf(type);
    if (channel === null || (type.uom !== WH && type.uom !== W)) {
      this.note(
        `Readings of unit ${type.uom} and direction ${type.flow} are no active energy, and are passed over.`,
      );
      return;
    }
    if (channel === 'net') {
      // The whole feed must be known to tell whether net repeats what the two directions say.
      if (!this.links.isComplete && !this.isSecondPass) throw NO_LINKS as Error;
      if (this.links.hasDelivered(point)) {
        this.note('Net readings are passed over where those of the two directions are there.');
        return;
      }
    }
    const key = `${channel} ${point}`;
    const first = this.meterReadingOf.get(key) ?? meterReading;
    this.meterReadingOf.set(key, first);
    if (first !== meterReading) {
      this.note(
        'Of several meter readings of one usage point and direction the first is taken: they tell the same energy.',
      );
      return;
    }
    if (type.uom === W) this.note('Average power in W is taken times the interval.');
    this.block = { point, type, runs: new IntervalRuns(), place, nextStart: NaN };
  }

  private closeReading(xml: XmlScanner): void {
    const { block, value } = this;
    if (block === null) return;
    const place = { line: xml.line(), path: block.place.path };
    const start = Number.isNaN(this.start) ? block.nextStart : this.start;
    const seconds = Number.isNaN(this.seconds) ? block.type.intervalSeconds : this.seconds;
    block.nextStart = start + seconds;
    if (!(start >= 0) || !(seconds > 0)) {
      this.problem(
        place,
        'timePeriod',
        'bad_time',
        'The reading has no start and duration in seconds, nor does its block have a start and its type an intervalLength.',
      );
      return;
    }
    if (Number.isNaN(value) && !this.isBlank) {
      this.problem(place, 'value', 'bad_number', 'The value is not a number.');
      return;
    }
    const { type, runs, point } = block;
    const scale = 10 ** type.powerOfTen * (type.uom === W ? seconds / 3600 : 1);
    if (CUMULATIVE.includes(type.accumulation)) {
      if (Number.isNaN(value) || channelOf(type) !== 'import') return;
      const at = { utcMs: (start + seconds) * 1000 };
      const kwh = (value * scale) / 1000;
      this.items.push({
        kind: 'register',
        point,
        serial: '',
        zone: 'total',
        at,
        kwh,
        ctRatio: 1,
        quality: this.quality,
        place,
      });
      return;
    }
    if (runs.count >= MOST_READINGS) xml.refuse(`a block has more than ${MOST_READINGS} readings.`);
    // The day on which the clock moves has an hour more or less.
    const isDay = seconds >= 82_800 && seconds <= 90_000;
    runs.add(start / 60, isDay ? 1440 : seconds / 60, value * scale, this.quality);
  }

  private closeBlock(): void {
    if (this.block === null) return;
    const { point, runs, place, type } = this.block;
    this.block = null;
    const channel = channelOf(type)!;
    const blocks = runs.blocks(point, channel === 'export' ? 'export' : 'import', place);
    for (const block of blocks) {
      const negative = channel !== 'net' && block.wh.some((wh) => wh < 0);
      if (negative)
        this.note('Negative readings of one direction are taken for the other: the meter tells the net.');
      if (channel === 'net' || (negative && channel === 'import')) this.items.push(...partedBySign(block));
      else this.items.push(block);
    }
  }

  private note(sentence: string): void {
    this.items.push({ kind: 'assumed', sentence });
  }

  private problem(
    place: Place,
    field: string,
    reason: 'missing_value' | 'bad_time' | 'bad_number',
    detail: string,
  ): void {
    this.items.push({ kind: 'problem', place, field, reason, detail, raw: '' });
  }
}

function channelOf({ flow }: ReadingType): 'import' | 'export' | 'net' | null {
  if (DELIVERED.includes(flow)) return 'import';
  if (REVERSE.includes(flow)) return 'export';
  return NET.includes(flow) ? 'net' : null;
}

/** ESPI's QualityOfReading. */
function qualityOf(code: number): number {
  if (code === 7) return QUALITY.substituted;
  if (code === 8 || code === 9 || code === 12 || code === 15) return QUALITY.estimated;
  return [0, 11, 14, 17, 18, 19].includes(code) ? QUALITY.actual : QUALITY.questionable;
}
