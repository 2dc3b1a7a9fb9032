import { dayFromIso } from '../../../grid/domain/calendar.js';
import { QUALITY } from '../../../readings/domain/quality.js';
import { RefusedError } from '../../../config/errors.js';
import type { Format, FoundIntervals, FoundItem, Head, Place, Recognition } from '../format.js';
import { decodeXml, xmlStart, type XmlDecoder } from '../xml/decode-xml.js';
import type { XmlScanner } from '../xml/xml-scanner.js';

/** Blocks that wait for a day or a sender further down; writers put both first, as a rule. */
const MOST_PENDING = 20_000;
const MINUTES_OF_DAY = 1440;
/** Periods of one channel of one day: five minutes each, and an hour that comes twice. */
const MOST_PERIODS = 300;
/** Since then no place of Russia moves its clock, and writers leave the flag as it was. */
const LAST_CLOCK_CHANGE = dayFromIso('2014-10-26')!;

/**
 * XML 80020 of АСКУЭ (and 80040, 80025, which have its measuring points): a day's half hours by measuring channel. Read by
 * structure: any order of children, any depth of areas, tags in any case, any period length that is stored.
 */
export const XML_80020: Format = {
  name: 'xml-80020',
  title: { ru: 'Макет XML 80020, 80040 (АСКУЭ)', en: 'XML 80020, 80040 (АСКУЭ)' },
  recognise,
  decode: (source) => decodeXml(source, new Xml80020Decoder()),
};

function recognise(head: Head): Recognition | null {
  const start = xmlStart(head);
  if (start?.root !== 'message') return null;
  const family = start.attributes.get('class') ?? '';
  const hasPoints = start.names.includes('measuringpoint') || start.names.includes('measuringchannel');
  if (!/^800\d\d$/.test(family) && !hasPoints) return null;
  const version = start.attributes.get('version');
  const name = family === '' ? 'of the family of 80020' : family;
  return {
    kind: 'readings',
    recognised: `XML ${name}${version === undefined ? '' : `, version ${version}`}: energies of a day by measuring point and channel.`,
    assumed: [
      'Values are kWh (kvarh) of each period, already multiplied by the transformer ratios.',
      'Times are those of each metering point’s territory, unless the upload states a zone; wholesale files are in Moscow time: send them with zone Europe/Moscow.',
      'Channel 01 is taken for what the home or transformer takes, 02 for what it gives.',
      'Status 1 (not commercial) is stored as questionable; an empty value is missing.',
    ],
  };
}

/** A channel under way: its periods in the order of the file. */
class Periods {
  readonly start = new Int32Array(MOST_PERIODS);
  readonly minutes = new Int32Array(MOST_PERIODS);
  readonly wh = new Float64Array(MOST_PERIODS);
  readonly quality = new Uint8Array(MOST_PERIODS);
  count = 0;
}

class Xml80020Decoder implements XmlDecoder {
  private items: FoundItem[] = [];
  private pending: FoundIntervals[] = [];
  /** Problems that showed before the message was known to which they belong. */
  private early: FoundItem[] = [];
  private hasBegun = false;

  private family = '';
  private number = '';
  private createdAt = '';
  private day: number | null = null;
  private sender = '';
  private isInSender = false;

  private point: string | null = null;
  private channel = -1;
  private channelCode = '';
  private channelLine = 0;
  private readonly periods = new Periods();
  private periodAt = -1;

  take(): FoundItem[] {
    const { items } = this;
    this.items = [];
    return items;
  }

  open(name: string, xml: XmlScanner): void {
    switch (name) {
      case 'period':
        this.openPeriod(xml);
        return;
      case 'value':
        if (this.periodAt >= 0) this.periods.quality[this.periodAt] = statusOf(xml);
        return;
      case 'measuringchannel':
        this.openChannel(xml);
        return;
      case 'measuringpoint':
        this.openPoint(xml);
        return;
      case 'message':
        this.family = xml.attribute('class') ?? '80020';
        this.number = xml.attribute('number') ?? '';
        return;
      case 'sender':
        this.isInSender = true;
        return;
      case 'deliverygroup':
      case 'peretok':
        this.note(
          `<${name}> holds settlement totals: what lies in it and is no measuring point is passed over.`,
        );
        return;
    }
  }

  close(name: string, xml: XmlScanner): void {
    switch (name) {
      case 'value':
        this.closeValue(xml);
        return;
      case 'period':
        this.periodAt = -1;
        return;
      case 'measuringchannel':
        this.closeChannel();
        return;
      case 'measuringpoint':
        this.point = null;
        return;
      case 'day':
        this.closeDay(xml);
        return;
      case 'timestamp':
        this.createdAt = xml.text().slice(0, 40);
        return;
      case 'inn':
        if (this.isInSender) this.sender = xml.text().slice(0, 40);
        return;
      case 'sender':
        this.isInSender = false;
        return;
      case 'daylightsavingtime':
        if (!xml.isBlank() && xml.number() !== 0 && (this.day ?? Infinity) > LAST_CLOCK_CHANGE)
          this.note(
            'The flag of summer time is passed over: no place of Russia has moved its clock since 26.10.2014.',
          );
        return;
      case 'message':
        this.end(xml);
        return;
    }
  }

  private openPoint(xml: XmlScanner): void {
    this.point = (xml.attribute('code') ?? '').trim();
    if (this.point !== '') return;
    const detail = 'A measuring point has no code: its values are not taken.';
    this.problem(this.placeAt(xml, 'measuringpoint'), 'code', 'bad_id', detail, '');
  }

  private openChannel(xml: XmlScanner): void {
    this.periods.count = 0;
    this.periodAt = -1;
    this.channel = -1;
    if (this.point === null || this.point === '') return;
    this.channelLine = xml.line();
    this.channelCode = (xml.attribute('code') ?? '').trim();
    const code = /^0*([1-4])$/.exec(this.channelCode)?.[1];
    if (code !== undefined) {
      this.channel = Number(code);
      if (this.channel > 2) this.note('Channels 03 and 04 (reactive energy) are passed over.');
      return;
    }
    const detail = `Channel ${JSON.stringify(this.channelCode.slice(0, 20))} is none of 01 to 04: its values are not taken.`;
    this.problem(this.place(), 'code', 'unknown_channel', detail, this.channelCode);
  }

  private openPeriod(xml: XmlScanner): void {
    this.periodAt = -1;
    if (this.channel !== 1 && this.channel !== 2) return;
    const start = minuteOf(xml, 'start');
    let end = minuteOf(xml, 'end');
    if (end === 0) end = MINUTES_OF_DAY;
    const { periods } = this;
    if (start < 0 || end <= start || end > MINUTES_OF_DAY) {
      const raw = `start="${xml.attribute('start') ?? ''}" end="${xml.attribute('end') ?? ''}"`;
      const detail = 'The period does not begin and end within the day; write start="2330" end="0000".';
      this.problem({ ...this.place(), line: xml.line() }, 'period', 'bad_time', detail, raw);
      return;
    }
    if (periods.count === MOST_PERIODS)
      xml.refuse(`a channel has more than ${MOST_PERIODS} periods in its day.`);
    this.periodAt = periods.count++;
    periods.start[this.periodAt] = start;
    periods.minutes[this.periodAt] = end - start;
    periods.wh[this.periodAt] = NaN;
    periods.quality[this.periodAt] = QUALITY.actual;
  }

  private closeValue(xml: XmlScanner): void {
    if (this.periodAt < 0) return;
    const kwh = xml.number();
    if (!Number.isNaN(kwh)) this.periods.wh[this.periodAt] = kwh * 1000;
    else if (!xml.isBlank()) {
      const text = xml.text();
      const detail = `${JSON.stringify(text.slice(0, 40))} is not a number of kWh.`;
      const { start } = this.periods;
      const field = `period ${hhmm(start[this.periodAt])}`;
      this.problem({ ...this.place(), line: xml.line() }, field, 'bad_number', detail, text.slice(0, 100));
    }
  }

  private closeChannel(): void {
    const { periods } = this;
    if ((this.channel === 1 || this.channel === 2) && periods.count > 0) {
      for (let from = 0; from < periods.count;) from = this.addRun(from);
    }
    this.channel = -1;
  }

  /** Adds the run of periods from `from` on that follow one another; returns where it ends. */
  private addRun(from: number): number {
    const { start, minutes, wh, quality, count } = this.periods;
    const interval = minutes[from];
    let to = from + 1;
    while (to < count && minutes[to] === interval && start[to] === start[to - 1] + interval) to++;
    // A time of the day that stands a second time is the second pass of an hour that the clock repeats.
    let isAgain = false;
    for (let before = 0; before < from && !isAgain; before++) isAgain = start[before] === start[from];
    let hasQuality = false;
    for (let at = from; at < to; at++) if (quality[at] !== QUALITY.actual) hasQuality = true;
    this.add({
      kind: 'intervals',
      point: this.point!,
      channel: this.channel === 1 ? 'import' : 'export',
      start: { localMinutes: start[from], zone: null, ...(isAgain ? { pass: 'second' as const } : {}) },
      intervalMinutes: interval,
      wh: wh.slice(from, to),
      quality: hasQuality ? quality.slice(from, to) : null,
      place: this.place(),
    });
    return to;
  }

  private add(block: FoundIntervals): void {
    if (this.hasBegun) this.items.push(this.ofDay(block));
    else {
      this.pending.push(block);
      if (this.day !== null && (this.sender !== '' || this.pending.length >= MOST_PENDING)) this.begin();
      else if (this.pending.length >= MOST_PENDING)
        throw new RefusedError('The message does not say which day it is about before its values.');
    }
  }

  private ofDay(block: FoundIntervals): FoundIntervals {
    if (!('localMinutes' in block.start)) return block;
    const localMinutes = this.day! * MINUTES_OF_DAY + block.start.localMinutes;
    return { ...block, start: { ...block.start, localMinutes } };
  }

  private begin(): void {
    this.hasBegun = true;
    const { family, sender, number, createdAt } = this;
    const period = new Date(this.day! * 86_400_000).toISOString().slice(0, 10);
    const place = { line: 1, path: '' };
    this.items.push({ kind: 'message', family, sender, number, createdAt, period, place });
    this.items.push(...this.early);
    this.early = [];
    for (const block of this.pending) this.items.push(this.ofDay(block));
    this.pending = [];
  }

  private closeDay(xml: XmlScanner): void {
    const text = xml.text();
    const [, year, month, day] = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(text) ?? [];
    const found = year === undefined ? null : dayFromIso(`${year}-${month}-${day}`);
    if (found === null) {
      const detail = `${JSON.stringify(text.slice(0, 40))} is no day: write YYYYMMDD.`;
      this.problem({ line: xml.line(), path: '' }, 'day', 'bad_time', detail, text.slice(0, 40));
      return;
    }
    if (this.hasBegun && found !== this.day)
      xml.refuse('the message is about two days: send a message for each.');
    this.day = found;
  }

  private end(xml: XmlScanner): void {
    if (this.hasBegun) return;
    if (this.day !== null) this.begin();
    else if (this.pending.length > 0) xml.refuse('the message does not say which day it is about (<day>).');
    else this.items.push(...this.early);
  }

  private place(): Place {
    return {
      line: this.channelLine,
      path: `measuringpoint ${this.point ?? ''}, channel ${this.channelCode}`,
    };
  }

  private placeAt(xml: XmlScanner, path: string): Place {
    return { line: xml.line(), path };
  }

  private note(sentence: string): void {
    this.items.push({ kind: 'assumed', sentence });
  }

  private problem(
    place: Place,
    field: string,
    reason: 'bad_id' | 'unknown_channel' | 'bad_time' | 'bad_number',
    detail: string,
    raw: string,
  ): void {
    const found = this.hasBegun ? this.items : this.early;
    found.push({ kind: 'problem', place, field, reason, detail, raw });
  }
}

/** 0 or nothing: commercial. */
function statusOf(xml: XmlScanner): number {
  const status = xml.digits('status');
  if (status === 0) return QUALITY.actual;
  if (status > 0) return QUALITY.questionable;
  const text = xml.attribute('status');
  return text === null || text.trim() === '' ? QUALITY.actual : QUALITY.questionable;
}

/** Minutes of the day of `0930` or `09:30`; −1 when it is neither. */
function minuteOf(xml: XmlScanner, name: string): number {
  let digits = xml.digits(name);
  if (digits < 0) {
    const match = /^(\d{1,2}):(\d\d)$/.exec((xml.attribute(name) ?? '').trim());
    if (match === null) return -1;
    digits = Number(match[1]) * 100 + Number(match[2]);
  }
  const hour = Math.floor(digits / 100);
  const minute = digits % 100;
  return minute < 60 && (hour < 24 || (hour === 24 && minute === 0)) ? hour * 60 + minute : -1;
}

function hhmm(minutes: number): string {
  return String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, '0');
}
