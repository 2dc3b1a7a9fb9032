import { normalised } from './words.js';

/** A sender whose tables are known: what they leave unsaid. */
export interface Preset {
  readonly title: string;
  /** Words that its header has, each of them. */
  readonly words: readonly RegExp[];
  /** Unit of values that state none. */
  readonly unit?: 'kWh';
  readonly label?: 'start' | 'end';
  /** IANA zone in which hours are counted through the day, 1…23, 24 or 25. */
  readonly countedIn?: string;
}

export const PRESETS: readonly Preset[] = [
  {
    title: 'Fluvius (Belgium)',
    words: [/^(van datum|from \(?date\)?|de \(date\)|du \(date\))/, /^(volume)/],
    unit: 'kWh',
  },
  {
    title: 'Datadis/CNMC (Spain)',
    words: [/^cups$/, /^fecha$/, /^hora$/],
    unit: 'kWh',
    label: 'end',
    countedIn: 'Europe/Madrid',
  },
  { title: 'e-distribuzione (Italy)', words: [/^giorno$/, /^(00:00-00:15|0:00-0:15|00:00)$/], unit: 'kWh' },
  { title: 'ESB Networks HDF (Ireland)', words: [/^mprn$/, /^read value$/, /^read type$/], label: 'end' },
  { title: 'Elhub (Norway)', words: [/^fra$/, /^til$/, /^kwh \d+ (forbruk|produksjon)/] },
  {
    title: 'DSMR-reader (Netherlands)',
    words: [/^(hour|day|quarter|minute)? ?start$/, /^electricity 1/],
    unit: 'kWh',
    label: 'start',
  },
  {
    title: 'Liander (Netherlands)',
    words: [/^eancodeasn$/, /^meterreadingdate$/, /^reading1$/],
    unit: 'kWh',
  },
  { title: 'Engie (Netherlands)', words: [/^type$/, /^datum$/, /^verbruik$/], unit: 'kWh', label: 'start' },
  { title: 'Ameren (USA)', words: [/^start interval date\/time$/, /usage/], unit: 'kWh', label: 'start' },
  { title: 'United Power (USA)', words: [/^energy consumption time period$/], unit: 'kWh' },
  {
    title: 'Smart-Grid Smart-City trial (Australia)',
    words: [/^customer (id|key)$/, /^reading datetime$/, /supply kwh/],
    label: 'end',
  },
];

export function presetOf(names: readonly string[]): Preset | null {
  const plain = names.map(normalised);
  return PRESETS.find(({ words }) => words.every((word) => plain.some((name) => word.test(name)))) ?? null;
}
