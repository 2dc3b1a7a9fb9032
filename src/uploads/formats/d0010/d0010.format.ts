import { QUALITY } from '../../../readings/domain/quality.js';
import type { TariffZone } from '../../../readings/domain/register-segments.js';
import type { Format, FoundItem, FoundProblem, FoundRegister, Source } from '../format.js';
import { textOf } from '../tables/text.js';
import { timeFrom } from '../tables/times.js';

const ZONES: readonly TariffZone[] = ['T1', 'T2', 'T3', 'T4'];
const MOST_ID = 128;

/** Register readings as British data collectors send them: a metering point (026), its meters (028), their registers (030). */
export const D0010: Format = {
  name: 'd0010',
  title: { ru: 'D0010, показания счётчиков', en: 'D0010 meter readings' },

  recognise({ bytes, container }) {
    if (container !== 'plain') return null;
    const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '');
    if (!/^ZHV\|[^|\n]*\|D0010\d*\|/.test(text) && !/^026\|\d{13}\|.*\r?\n028\|/.test(text)) return null;
    return {
      kind: 'registers',
      recognised: 'D0010: readings of registers by metering point (MPAN) and meter.',
      assumed: [
        'Several registers of a meter are T1–T4 in their order.',
        'Times are the wall clock’s of the upload’s zone, else of each metering point’s territory.',
      ],
    };
  },

  async *decode(source: Source): AsyncGenerator<FoundItem[]> {
    const records = new Records();
    for await (const text of textOf(source.chunks(), 'windows-1251'))
      yield text
        .replace(/\n$/, '')
        .split('\n')
        .flatMap((line) => records.take(line.trimEnd()));
    yield records.end();
  },
};

/** Follows the records down: what a register's reading is of stands above it. */
class Records {
  private line = 0;
  private point = '';
  private serial = '';
  private readings: Omit<FoundRegister, 'zone'>[] = [];
  private registers: string[] = [];

  take(text: string): FoundItem[] {
    this.line++;
    const cells = text.split('|').map((cell) => cell.trim());
    switch (cells[0]) {
      case '026': {
        const done = this.end();
        [this.point, this.serial] = [cells[1] ?? '', ''];
        return done;
      }
      case '028': {
        const done = this.end();
        this.serial = cells[1] ?? '';
        return done;
      }
      case '030':
        return this.reading(cells, text);
      default:
        return [];
    }
  }

  /** The registers of the meter that is over: one by itself is its total. */
  end(): FoundItem[] {
    const { readings, registers } = this;
    this.readings = [];
    this.registers = [];
    const names = [...new Set(registers)];
    return readings.flatMap((reading, at): FoundItem[] => {
      const zone = names.length === 1 ? 'total' : ZONES[names.indexOf(registers[at])];
      if (zone !== undefined) return [{ ...reading, zone }];
      const { line } = reading.place;
      return [
        problem(line, 'register', 'bad_value', 'A meter has four registers at most here.', registers[at]),
      ];
    });
  }

  private reading([, register = '', at = '', value = '', , , flag = '']: string[], raw: string): FoundItem[] {
    const { line, point, serial } = this;
    const fault = (field: string, reason: FoundProblem['reason'], detail: string) => [
      problem(line, field, reason, detail, raw),
    ];
    if (point === '' || point.length > MOST_ID)
      return fault('026', 'bad_id', 'The reading stands below no metering point.');
    const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})\d{2}$/.exec(at);
    const [, year, month, day, hour, minute] = match ?? [];
    const time = match === null ? null : timeFrom(`${year}-${month}-${day} ${hour}:${minute}`, 'ymd');
    if (time === null) return fault('reading time', 'bad_time', 'The time is not written YYYYMMDDHHMMSS.');
    const kwh = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
    if (Number.isNaN(kwh)) return fault('reading', 'bad_number', 'The reading is no number.');
    if (kwh < 0) return fault('reading', 'negative', 'The reading is negative: a register counts up.');
    this.registers.push(register);
    this.readings.push({
      kind: 'register',
      point,
      serial,
      at: { localMinutes: time.localMinutes, zone: null },
      kwh,
      ctRatio: 1,
      quality: flag === 'F' ? QUALITY.questionable : QUALITY.actual,
      place: { line, path: '' },
    });
    return [];
  }
}

function problem(
  line: number,
  field: string,
  reason: FoundProblem['reason'],
  detail: string,
  raw: string,
): FoundProblem {
  return { kind: 'problem', place: { line, path: '' }, field, reason, detail, raw: raw.slice(0, 4_000) };
}
