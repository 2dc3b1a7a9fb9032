import { QUALITY } from '../../../readings/domain/quality.js';
import type { TariffZone } from '../../../readings/domain/register-segments.js';
import type { FoundItem, FoundProblem } from '../format.js';
import { marketInstant } from './nem-time.js';
import { qualityOfFlag } from './nem-values.js';

const ZONES: readonly TariffZone[] = ['T1', 'T2', 'T3', 'T4'];
/** Where the fields of a 250 record stand. */
const NMI = 1;
const CONFIGURATION = 2;
const SUFFIX = 4;
const SERIAL = 6;
const DIRECTION = 7;
const PREVIOUS = 8;
const CURRENT = 13;
const QUANTITY = 18;
const UNIT = 19;
const KWH_PER_UNIT: Readonly<Record<string, number>> = { wh: 0.001, kwh: 1, mwh: 1000 };

/**
 * The two register readings of a 250 record of NEM13: `250,NMI,configuration,register,suffix,stream,serial,direction,`
 * `previous reading,its time,quality,reason,description,` the same of the current one, `quantity,unit,…`.
 */
export function registerReads(cells: readonly string[], line: number): FoundItem[] {
  const place = { line, path: '' };
  const raw = cells.join(',');
  const fault = (field: string, reason: FoundProblem['reason'], detail: string): FoundItem[] => [
    { kind: 'problem', place, field, reason, detail, raw },
  ];
  const at = (column: number) => (cells[column] ?? '').trim();
  if (at(NMI) === '') return fault('NMI', 'bad_id', 'The 250 record names no metering point.');
  const kwhPerUnit = KWH_PER_UNIT[at(UNIT).toLowerCase()];
  const isExport = /^i$/i.test(at(DIRECTION)) || /^b/i.test(at(SUFFIX));
  if (kwhPerUnit === undefined || isExport) {
    const what =
      kwhPerUnit === undefined ? `in ${at(UNIT) || '(no unit)'}` : 'of export (direction I, suffix B)';
    return [
      {
        kind: 'assumed',
        sentence: `Passed over: registers ${what}; registers of consumption in Wh, kWh or MWh are read.`,
      },
    ];
  }
  const readings = [PREVIOUS, CURRENT].map((column) => ({
    kwh: at(column) === '' ? NaN : Number(at(column)) * kwhPerUnit,
    utcMs: marketInstant(at(column + 1)),
    quality: qualityOfFlag(at(column + 2)),
    column,
  }));
  const ratio = ratioOf(at(QUANTITY), readings[1].kwh - readings[0].kwh, kwhPerUnit);
  const zone = zoneOf(at(CONFIGURATION), at(SUFFIX));
  return readings.flatMap(({ kwh, utcMs, quality, column }) => {
    if (at(column) === '' && at(column + 1) === '') return [];
    if (utcMs === null)
      return fault(
        'ReadDateTime',
        'bad_time',
        `${JSON.stringify(at(column + 1))} is no time; write YYYYMMDDhhmmss.`,
      );
    if (!Number.isFinite(kwh))
      return fault('RegisterRead', 'bad_number', `${JSON.stringify(at(column))} is no register reading.`);
    if (kwh < 0) return fault('RegisterRead', 'negative', `${at(column)} is negative: a register counts up.`);
    if (Number.isNaN(quality)) return [];
    const found: FoundItem = {
      kind: 'register',
      point: at(NMI),
      serial: at(SERIAL),
      zone,
      at: { utcMs },
      kwh,
      ctRatio: ratio,
      quality: quality ?? QUALITY.questionable,
      place,
    };
    return [found];
  });
}

/** What turns the difference of the readings into the stated quantity: the transformers' ratio, where it is a whole number. */
function ratioOf(quantity: string, difference: number, kwhPerUnit: number): number {
  if (quantity === '' || !(difference > 0)) return 1;
  const ratio = (Number(quantity) * kwhPerUnit) / difference;
  const whole = Math.round(ratio);
  return whole >= 1 && Math.abs(ratio - whole) < 0.01 * whole ? whole : 1;
}

/** The only register of a point is its total; of several (`1112`), each is a zone of the tariff, in their order. */
function zoneOf(configuration: string, suffix: string): TariffZone {
  const listed: readonly string[] = configuration.match(/../g) ?? [];
  if (listed.length <= 1) return 'total';
  return ZONES[listed.indexOf(suffix)] ?? 'total';
}
