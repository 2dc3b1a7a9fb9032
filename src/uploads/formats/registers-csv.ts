import { TARIFF_ZONES, type TariffZone } from '../../readings/domain/register-segments.js';
import type { RegisterRow } from '../../readings/register.repository.js';
import { fault, shown, type Fault, type PointRowLayout } from './point-rows.js';
import { qualityFrom } from './quality-words.js';

export type RegisterColumn =
  'taken_at' | 'register_kwh' | 'meter_serial' | 'tariff_zone' | 'ct_ratio' | 'quality';

/** Nine digits before the point: no register has more. */
const MOST_KWH = 1_000_000_000;
/** The largest current transformers turn 10 kA into 1 A, the largest voltage transformers 220 kV into 100 V. */
const MOST_RATIO = 22_000_000;
const LEAST_RATIO = 0.001;
/** All-ones registers that meters send instead of a reading, in kWh: 2^24 − 1 and 2^32 − 1, whole or thousandths. */
const SENTINELS = new Set([16_777_215, 4_294_967_295, 16_777.215, 4_294_967.295]);
const MISSING_WORDS = new Set(['', '-', '--', '---', '----', 'н/д', 'нд', 'n/a', 'na', 'nan', 'null']);

/**
 * `metering_point,taken_at,register_kwh[,meter_serial][,tariff_zone][,ct_ratio][,quality]`: what a register shows, at any
 * time. A `ct_ratio` is still to be applied; a file whose readings are already multiplied has none.
 */
export const REGISTERS: PointRowLayout<RegisterColumn, RegisterRow> = {
  what: 'a file of register readings',
  names: {
    metering_point: ['metering_point', 'metering_point_id', 'meter_id'],
    taken_at: ['taken_at', 'read_at'],
    register_kwh: ['register_kwh', 'register'],
    meter_serial: ['meter_serial', 'serial'],
    tariff_zone: ['tariff_zone', 'zone'],
    ct_ratio: ['ct_ratio'],
    quality: ['quality'],
  },
  required: ['metering_point', 'taken_at', 'register_kwh'],
  time: 'taken_at',
  read: (cell, point, { utcMs, standardMinutes }) => {
    const text = cell('register_kwh');
    const quality = qualityFrom(cell('quality'));
    if (quality === null || MISSING_WORDS.has(text.toLowerCase())) return null;
    const kwh = registerFrom(text);
    if (typeof kwh !== 'number') return kwh;
    const zone = zoneFrom(cell('tariff_zone'));
    if (zone === null) {
      const detail = `${shown(cell('tariff_zone'))} is no tariff zone: write T1, T2, T3, T4 or total.`;
      return fault('tariff_zone', 'bad_value', detail);
    }
    const ctRatio = ratioFrom(cell('ct_ratio'));
    if (ctRatio === null) {
      const detail = `${shown(cell('ct_ratio'))} is no transformer ratio: write 40, 200/5 or 1/1.`;
      return fault('ct_ratio', 'bad_value', detail);
    }
    const serial = cell('meter_serial').replace(/^="(.*)"$/, '$1');
    if (/^\d+[.,]?\d*e\+\d+$/i.test(serial)) {
      const detail = `${shown(serial)} is a number that a spreadsheet shortened: export the column as text.`;
      return fault('meter_serial', 'excel_id', detail);
    }
    if (serial.length > 64)
      return fault('meter_serial', 'bad_id', 'The serial is longer than 64 characters.');
    return { point, utcMs, standardMinutes, serial, zone, kwh, ctRatio, quality };
  },
};

/** `12345,67`, `2 969.03`; rounded to a thousandth, as it is stored. */
function registerFrom(text: string): number | Fault {
  const field = 'register_kwh';
  const plain = text
    .replaceAll(/[\s\u00a0\u202f]/g, '')
    .replace('\u2212', '-')
    .replace(',', '.');
  if (!/^[+-]?\d+(\.\d*)?$|^[+-]?\.\d+$/.test(plain))
    return fault(field, 'bad_number', `${shown(text)} is not a number of kWh.`);
  const kwh = Number(plain);
  if (kwh < 0) return fault(field, 'negative', `${shown(text)} is negative: a register counts up.`);
  if (SENTINELS.has(kwh)) {
    const detail = `${shown(text)} is what a meter sends instead of a reading: leave the value blank.`;
    return fault(field, 'sentinel', detail);
  }
  if (kwh >= MOST_KWH) {
    return fault(field, 'out_of_range', `${shown(text)} kWh has more than nine digits: is the unit Wh?`);
  }
  return Math.round(kwh * 1000) / 1000;
}

/** `T1`, `т1` or `1`; blank, `total` or `сумма` for the register of all zones. */
function zoneFrom(text: string): TariffZone | null {
  const word = text.toLowerCase().replace(/^т/, 't');
  if (['', 'total', 'sum', 'сумма', 'итого', '0', 't0'].includes(word)) return 'total';
  const zone = (/^\d$/.test(word) ? `T${word}` : word.toUpperCase()) as TariffZone;
  return TARIFF_ZONES.includes(zone) ? zone : null;
}

/** `40`, `200/5` = 40, blank = 1. */
function ratioFrom(text: string): number | null {
  if (text === '') return 1;
  const match = /^(\d+(?:[.,]\d+)?)(?:\s*[/:]\s*(\d+(?:[.,]\d+)?))?$/.exec(text);
  if (!match) return null;
  const [primary, secondary] = [match[1], match[2] ?? '1'].map((part) => Number(part.replace(',', '.')));
  const ratio = primary / secondary;
  return ratio >= LEAST_RATIO && ratio <= MOST_RATIO ? ratio : null;
}
