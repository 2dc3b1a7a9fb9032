import { QUALITY } from '../../../readings/domain/quality.js';
import type { Format, FoundIntervals, FoundItem, FoundTime, Place } from '../format.js';
import { decodeXml, xmlStart, type XmlDecoder } from '../xml/decode-xml.js';
import { isoMinutes, isoTime } from '../xml/interval-runs.js';
import type { XmlScanner } from '../xml/xml-scanner.js';
import { Repeated } from '../xml/xml-values.js';

/** A year of five minutes, and some. */
const MOST_POSITIONS = 120_000;
/** Blocks are handed on a month at a time. */
const MONTH_MINUTES = 31 * 1440;

/**
 * Metered data by position: IEC 62325 (CIM) `Series`/`TimeSeries` with `Period` and `Point`, and ebIX
 * `PayloadEnergyTimeSeries` with `IntervalEnergyObservation`. Positions count from the period's start by its resolution;
 * one that is not there is missing.
 */
export const IEC_62325: Format = {
  name: 'iec-62325',
  title: { ru: 'IEC 62325 / ebIX, измеренные данные, XML', en: 'IEC 62325 / ebIX metered data, XML' },
  recognise: (head) => {
    const start = xmlStart(head);
    if (start === null) return null;
    const has = (name: string) => start.names.includes(name);
    const isCim = (has('series') || has('timeseries')) && has('period') && has('point');
    const isEbix = has('intervalenergyobservation') || has('observationtimeseriesperiod');
    const isDocument = /_marketdocument$/.test(start.root) && (has('series') || has('timeseries'));
    if (!isCim && !isEbix && !isDocument) return null;
    return {
      kind: 'readings',
      recognised: `${isEbix ? 'ebIX' : 'IEC 62325'} metered data (${start.root}): energies by position in a period.`,
      assumed: [
        'A value without a quality is as measured; one of quality A02 is missing, whatever stands beside it.',
      ],
    };
  },
  decode: (source) => decodeXml(source, new MeteredDataDecoder()),
};

interface Period {
  start: FoundTime | null;
  end: FoundTime | null;
  startText: string;
  minutes: number | null;
  resolution: string;
  readonly values: number[];
  readonly quality: number[];
  readonly line: number;
}

class MeteredDataDecoder implements XmlDecoder {
  private items: FoundItem[] = [];
  private readonly path: string[] = [];
  private isInSeries = false;
  private series = '';
  private point = '';
  private type = '';
  private direction = '';
  private business = '';
  private unit = '';
  private product = '';
  private curve = '';
  private periods: Period[] = [];
  private period: Period | null = null;
  private position = NaN;
  private quantity = NaN;
  private quantityText: string | null = null;
  private quality = 0;
  private isMissing = false;
  private readonly qualities = new Repeated((text) => {
    const code = text.trim();
    return { quality: qualityOf(code), isMissing: code === 'A02' };
  });

  take(): FoundItem[] {
    const { items } = this;
    this.items = [];
    return items;
  }

  open(name: string, xml: XmlScanner): void {
    this.path.push(name);
    switch (name) {
      case 'series':
      case 'timeseries':
      case 'payloadenergytimeseries':
        this.isInSeries = true;
        this.series = this.point = this.type = this.direction = this.business = '';
        this.unit = this.product = this.curve = '';
        this.periods = [];
        this.period = null;
        return;
      case 'period':
      case 'observationtimeseriesperiod':
        if (!this.isInSeries) return;
        this.period = {
          start: null,
          end: null,
          startText: '',
          minutes: null,
          resolution: '',
          values: [],
          quality: [],
          line: xml.line(),
        };
        this.periods.push(this.period);
        return;
      case 'point':
      case 'intervalenergyobservation':
        this.position = this.quantity = NaN;
        this.quantityText = null;
        this.quality = QUALITY.actual;
        this.isMissing = false;
        return;
    }
  }

  close(name: string, xml: XmlScanner): void {
    this.path.pop();
    if (!this.isInSeries) return;
    switch (name) {
      case 'position':
        this.position = xml.number();
        return;
      case 'quantity':
      case 'energyquantity':
        this.quantity = xml.number();
        this.quantityText = Number.isNaN(this.quantity) && !xml.isBlank() ? xml.text() : null;
        return;
      case 'quality':
      case 'quantityquality':
        this.closeQuality(xml);
        return;
      case 'quantitymissing':
        this.isMissing ||= /^(true|1)$/i.test(xml.text());
        return;
      case 'point':
      case 'intervalenergyobservation':
        this.closePoint(xml);
        return;
      case 'period':
        // An ebIX period ends before its observations.
        this.period = null;
        return;
      case 'series':
      case 'timeseries':
      case 'payloadenergytimeseries':
        this.closeSeries(xml);
        return;
      default:
        this.closeField(name, xml);
    }
  }

  private closeField(name: string, xml: XmlScanner): void {
    const parent = this.path.at(-1) ?? '';
    const { period } = this;
    switch (name) {
      case 'resolution':
      case 'resolutionduration':
        if (period !== null) period.resolution = xml.text();
        if (period !== null) period.minutes = isoMinutes(period.resolution);
        return;
      case 'start':
        if (period !== null) period.start = isoTime((period.startText = xml.text()));
        return;
      case 'end':
        if (period !== null) period.end = isoTime(xml.text());
        return;
      case 'mrid':
        this.series = xml.text();
        return;
      case 'identification':
        if (/meteringpoint/.test(parent)) this.point = xml.text();
        else if (/product/.test(parent)) this.product = xml.text();
        else if (this.series === '') this.series = xml.text();
        return;
      case 'marketevaluationpoint.mrid':
      case 'meteringpoint.mrid':
        this.point = xml.text();
        return;
      case 'registeredresource.mrid':
        if (this.point === '') this.point = xml.text();
        return;
      case 'marketevaluationpoint.type':
      case 'typeofmeteringpoint':
        this.type = xml.text().toUpperCase();
        return;
      case 'flowdirection.direction':
        this.direction = xml.text().toUpperCase();
        return;
      case 'businesstype':
        this.business = xml.text().toUpperCase();
        return;
      case 'curvetype':
        this.curve = xml.text().toUpperCase();
        return;
      case 'product':
        this.product = xml.text();
        return;
      case 'unittype':
      case 'quantity_measure_unit.name':
      case 'quantity_measurement_unit.name':
      case 'measure_unit.name':
      case 'measurement_unit.name':
        this.unit = xml.text().toUpperCase();
        return;
    }
  }

  private closeQuality(xml: XmlScanner): void {
    const { quality, isMissing } = xml.textOnce(this.qualities);
    this.isMissing ||= isMissing;
    this.quality = quality;
  }

  private closePoint(xml: XmlScanner): void {
    const period = this.periods.at(-1);
    if (period === undefined) return;
    const { position } = this;
    if (!(position >= 1) || position !== Math.floor(position) || position > MOST_POSITIONS) {
      const detail = `The position is no whole number from 1 to ${MOST_POSITIONS}.`;
      this.problem(
        { line: xml.line(), path: this.where() },
        'position',
        'bad_number',
        detail,
        String(position),
      );
      return;
    }
    if (this.quantityText !== null && !this.isMissing) {
      const detail = `${JSON.stringify(this.quantityText.slice(0, 40))} is not a number.`;
      this.problem(
        { line: xml.line(), path: this.where() },
        `position ${position}`,
        'bad_number',
        detail,
        this.quantityText.slice(0, 100),
      );
    }
    while (period.values.length < position) {
      // Of a curve of blocks of any length, a value holds until the next one.
      const holds = this.curve === 'A03' && period.values.length > 0 && period.values.length < position - 1;
      period.values.push(holds ? period.values.at(-1)! : NaN);
      period.quality.push(holds ? period.quality.at(-1)! : QUALITY.actual);
    }
    period.values[position - 1] = this.isMissing ? NaN : this.quantity;
    period.quality[position - 1] = this.quality;
  }

  private closeSeries(xml: XmlScanner): void {
    this.isInSeries = false;
    const place = { line: this.periods[0]?.line ?? xml.line(), path: this.where() };
    if (this.product !== '' && this.product !== '8716867000030' && /^87168670000\d\d$/.test(this.product)) {
      this.note(`Series of product ${this.product} are no active energy, and are passed over.`);
      return;
    }
    if (this.periods.length === 0) return;
    if (this.point === '') {
      this.problem(place, 'marketEvaluationPoint.mRID', 'bad_id', 'The series names no metering point.', '');
      return;
    }
    for (const period of this.periods) this.addPeriod(period, { line: period.line, path: this.where() });
  }

  private addPeriod(period: Period, place: Place): void {
    const { start, end, minutes } = period;
    if (start === null || minutes === null) {
      const what =
        start === null
          ? `start ${JSON.stringify(period.startText)}`
          : `resolution ${JSON.stringify(period.resolution)}`;
      const detail = `The period’s ${what} is none that is read: write 2024-06-28T22:00Z and PT15M, PT1H or P1D.`;
      this.problem(
        place,
        start === null ? 'start' : 'resolution',
        start === null ? 'bad_time' : 'bad_interval',
        detail,
        '',
      );
      return;
    }
    const length = end === null ? null : lengthMinutes(start, end);
    if (length !== null && length <= 0) {
      this.problem(
        place,
        'end',
        'bad_time',
        'The period ends before it begins: none of its values is taken.',
        '',
      );
      return;
    }
    // The days on which a clock moves make a period of days an hour longer or shorter.
    const most = length === null ? Infinity : Math.round(length / minutes);
    const positions = period.values.length;
    if (positions > most) {
      const detail = `The period has room for ${most} positions, and ${positions} are there: those behind its end are not taken.`;
      this.problem(place, `position ${most + 1}`, 'bad_time', detail, '');
      period.values.length = most;
    } else if (this.curve === 'A03' && most < MOST_POSITIONS && positions > 0) {
      while (period.values.length < most) {
        period.values.push(period.values.at(-1)!);
        period.quality.push(period.quality.at(-1)!);
      }
    }
    const whOfOne = this.whOfUnit(minutes);
    if (whOfOne === null) {
      this.note(`Series in ${JSON.stringify(this.unit)} are no active energy, and are passed over.`);
      return;
    }
    const step = Math.max(1, Math.floor(MONTH_MINUTES / minutes));
    for (let from = 0; from < period.values.length; from += step) {
      this.items.push(
        this.blockOf(
          period,
          { from, to: Math.min(from + step, period.values.length), minutes, whOfOne },
          place,
        ),
      );
    }
  }

  private blockOf(
    { start, values, quality }: Period,
    { from, to, minutes, whOfOne }: { from: number; to: number; minutes: number; whOfOne: number },
    place: Place,
  ): FoundIntervals {
    const codes = quality.slice(from, to);
    const later = from * minutes;
    return {
      kind: 'intervals',
      point: this.point,
      channel: this.channel(),
      start:
        'utcMs' in start!
          ? { utcMs: start.utcMs + later * 60_000 }
          : { localMinutes: start!.localMinutes + later, zone: null },
      intervalMinutes: minutes,
      wh: Float64Array.from(values.slice(from, to), (value) => value * whOfOne),
      quality: codes.some((code) => code !== QUALITY.actual) ? Uint8Array.from(codes) : null,
      place,
    };
  }

  /** Wh of one unit; null: no active energy. */
  private whOfUnit(minutes: number): number | null {
    const unit = this.unit;
    if (unit === '') this.note('The unit is not stated, and taken for kWh.');
    if (unit === 'KWH' || unit === '') return 1000;
    if (unit === 'MWH') return 1_000_000;
    if (unit === 'WH') return 1;
    if (unit !== 'KWT' && unit !== 'MAW' && unit !== 'KW' && unit !== 'MW') return null;
    this.note('Average power is taken times the interval.');
    return ((unit.startsWith('K') ? 1000 : 1_000_000) * minutes) / 60;
  }

  private channel(): 'import' | 'export' {
    if (this.type === 'E18' || this.type === 'D05' || this.type === 'D06') return 'export';
    if (this.type === 'E17' || this.type === 'D07') return 'import';
    if (this.type === 'E20') this.note('Of exchange points, what the file counts is taken for consumption.');
    if (this.direction === 'A01' || this.direction === 'E18' || this.direction === 'E32') return 'export';
    return this.business === 'A01' ? 'export' : 'import';
  }

  private where(): string {
    return `series ${this.series}, point ${this.point}`.slice(0, 200);
  }

  private note(sentence: string): void {
    this.items.push({ kind: 'assumed', sentence });
  }

  private problem(
    place: Place,
    field: string,
    reason: 'bad_id' | 'bad_time' | 'bad_number' | 'bad_interval',
    detail: string,
    raw: string,
  ): void {
    this.items.push({ kind: 'problem', place, field, reason, detail, raw });
  }
}

function lengthMinutes(start: FoundTime, end: FoundTime): number | null {
  if ('utcMs' in start && 'utcMs' in end) return (end.utcMs - start.utcMs) / 60_000;
  if ('localMinutes' in start && 'localMinutes' in end) return end.localMinutes - start.localMinutes;
  return null;
}

/** CIM (A…) and ebIX (E…, numbers of UN/CEFACT) codes. */
function qualityOf(code: string): number {
  if (['', 'A04', 'A06', 'E01', 'A02'].includes(code)) return QUALITY.actual;
  if (['A03', '56', 'E02', 'D01'].includes(code)) return QUALITY.estimated;
  return ['A01', '36', 'E03'].includes(code) ? QUALITY.substituted : QUALITY.questionable;
}
