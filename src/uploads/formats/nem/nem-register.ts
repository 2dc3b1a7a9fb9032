import type { Fault } from '../point-rows.js';
import { unitOf } from './nem-values.js';
import type { NemChannel } from './registers-of-point.js';

/** The 200 record in force: which register the 300 records after it are of. */
export interface NemRegister {
  readonly point: string;
  readonly suffix: string;
  readonly channel: NemChannel;
  /** Suffixes of this direction that the metering point's configuration lists; empty when it lists none. */
  readonly expected: readonly string[];
  readonly serial: string;
  readonly whPerUnit: number;
  readonly intervalMinutes: number;
  readonly assumed: string | null;
}

/** First letter of a suffix, seen from the market: only these are a meter's own energy; others repeat it (check meters) or are reactive. */
const ENERGY: Readonly<Record<string, NemChannel>> = { E: 'import', B: 'export' };

/** `200,NMI,configuration,register,suffix,stream,serial,unit,minutes,next read` */
export function nemRegister(cells: readonly string[]): NemRegister | Fault | { readonly passedOver: string } {
  const [, point = '', configuration = '', , suffix = '', , serial = '', unit = '', minutes = ''] = cells;
  const fault = (field: string, reason: Fault['reason'], what: string): Fault => ({
    field,
    reason,
    detail: `${what}; the days of the 200 record are passed over.`,
  });
  if (point === '' || point.length > 128)
    return fault('NMI', 'bad_id', 'The 200 record names no metering point');
  const intervalMinutes = Number(minutes);
  if (!/^\d{1,4}$/.test(minutes) || intervalMinutes === 0 || 60 % intervalMinutes !== 0)
    return fault(
      'IntervalLength',
      'bad_value',
      `The interval length ${JSON.stringify(minutes)} does not divide an hour`,
    );
  const channel = ENERGY[suffix.charAt(0).toUpperCase()] as NemChannel | undefined;
  const energy = unitOf(unit);
  if (channel !== undefined && energy === null && !/var?$/i.test(unit.replace(/h$/i, '')))
    return fault('UOM', 'bad_value', `The unit ${JSON.stringify(unit)} is none of energy`);
  if (channel === undefined || energy === null) {
    return {
      passedOver: `Passed over: register ${suffix || '(no suffix)'} in ${unit || '(no unit)'}; read are E (consumption) and B (export) in units of energy.`,
    };
  }
  const listed = configuration.match(/[A-Z]\d/gi)?.map((each) => each.toUpperCase()) ?? [];
  return {
    point,
    suffix: suffix.toUpperCase(),
    channel,
    expected: listed.filter((each) => ENERGY[each.charAt(0)] === channel),
    serial,
    whPerUnit: energy.perHour ? (energy.whPerUnit * intervalMinutes) / 60 : energy.whPerUnit,
    intervalMinutes,
    assumed: energy.perHour
      ? `The unit ${unit} is average power: each value × its interval is taken for the energy.`
      : null,
  };
}
