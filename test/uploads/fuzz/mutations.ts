/** Numbers from 0 to 1 that a seed repeats. */
export type Random = () => number;

/** Well-formed files of every layout, by the decoder that reads them. */
export const SEEDS = {
  readings: [
    'metering_point,start,kwh\nA,2026-03-01T00:00,0.5\nA,2026-03-01T00:30,0.6\nB-2,2026-03-01T00:00+08:00,1.25\nжук,2026-03-01T01:00Z,0\n',
    'metering_point;start;kwh;quality\nA;01.03.2026 00:00;0,5;A\nA;01.03.2026 00:30;;E\nS;2025-10-26T02:30;1;Q\nX;01.03.2026 00:00;7;\n',
    `metering_point,date,${Array.from({ length: 24 }, (_, h) => `h${String(h).padStart(2, '0')}`).join(',')}\nA,2026-03-01,${'0.5,'.repeat(23)}1\nS,2026-03-29,${'1,'.repeat(23)}2\n`,
    `meter_id\tdate\t${Array.from({ length: 48 }, (_, h) => `${String(h >> 1).padStart(2, '0')}:${h % 2 ? '30' : '00'}`).join('\t')}\nA\t2026-03-01\t${'0,5\t'.repeat(47)}1\n`,
    `metering_point,month,${Array.from({ length: 31 }, (_, d) => `d${String(d + 1).padStart(2, '0')}`).join(',')}\nA,2026-02,${'12.5,'.repeat(30)}3\n`,
    'metering_point,date,kwh\nA,2026-03-01,12.5\n"B-2",02.03.2026,"70,25"\n="0007",2026-03-02,9\n',
  ],
  registers: [
    'metering_point,taken_at,register_kwh,meter_serial,tariff_zone,ct_ratio,quality\nA,2026-03-01,100.5,S1,T1,200/5,A\nB-2,2026-03-01T10:00:00+08:00,"2 969,03",,,,\n',
  ],
  events: ['metering_point,at,journal,code\nA,2026-03-01T10:00:05,4,1\nB-2,2026-03-01,0.0.99.98.4.255,3\n'],
  registry: [
    'metering_point,household,territory,transformer,feeder,tariff_category,electric_heating,contracted_kw,declared_load_kw,declared_purpose,consumer_name,address\nA,1,RU-IRK,T1,F1,urban,no,15,,,"Иванов, И.",\nB,2,25701000,T1,F1,rural,yes,7.5,3,"a ""shop""",,\n',
  ],
  weather: ['territory,start,temperature_c\nRU-IRK,2026-03-01T00:00,-12.5\nRU-IRK,2026-03-01T01:00,-13\n'],
} as const;
export type Layout = keyof typeof SEEDS;
export const LAYOUTS = Object.keys(SEEDS) as Layout[];

/** Texts that have broken importers before. */
const TOKENS = [
  '',
  ' ',
  '"',
  '""',
  '"""',
  "'",
  '=',
  '="',
  ',',
  ';',
  '\t',
  '|',
  '\r',
  '\n',
  '\r\n',
  '\0',
  '\ufeff',
  '\ufffd',
  '\u00a0',
  '\u202e',
  '0',
  '-0',
  '-1',
  '+1',
  '1e5',
  '1e999',
  '1.23E+17',
  '.5',
  '5.',
  '.',
  ',5',
  '1,234.5',
  '1 234,5',
  '0x1f',
  'NaN',
  'Infinity',
  'н/д',
  '-',
  '----',
  '16777.215',
  '4294967295',
  '99999999999999999999',
  '0.00000000000001',
  '9'.repeat(400),
  '10000.0005',
  '240001',
  '2026-02-29',
  '2024-02-29',
  '2026-13-01',
  '0000-00-00',
  '1970-01-01',
  '2199-12-31',
  '2200-01-01',
  '31.12.2026',
  '2026-03-01T24:00',
  '2026-03-01T23:60',
  '2026-03-29T02:30',
  '2025-10-26T02:30',
  '2026-03-01T00:07',
  '2026-03-01T00:00:01',
  '2026-03-01T00:00+99:99',
  '2026-03-01t00:00z',
  '2026-W09-1',
  'metering_point',
  'start',
  'kwh',
  'quality',
  'date',
  'h00',
  'A',
  'жук',
  'x'.repeat(129),
];
/** Longer than any line that is read. */
const LONG = 'x'.repeat(70_000);
const DELIMITERS = [',', ';', '\t', '|', ' '];

/** A file made from a seed by a few changes of its structure and its bytes. */
export function mutant(layout: Layout, random: Random): Buffer {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  let text: string = pick(SEEDS[layout]);
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--) text = change(text, pick, random);
  const bytes = Buffer.from(text);
  if (random() < 0.25)
    for (let flips = 1 + Math.floor(random() * 3); flips > 0 && bytes.length > 0; flips--)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  return random() < 0.05 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
}

function change(text: string, pick: <T>(list: readonly T[]) => T, random: Random): string {
  const lines = text.split('\n');
  // A broken header refuses the whole file: most changes are below it.
  const at = random() < 0.9 && lines.length > 1 ? 1 + Math.floor(random() * (lines.length - 1)) : 0;
  const delimiter = DELIMITERS.find((each) => lines[0].includes(each)) ?? ',';
  const cells = lines[at].split(delimiter);
  const cell = Math.floor(random() * cells.length);
  switch (Math.floor(random() * 9)) {
    case 0:
      cells[cell] = random() < 0.002 ? LONG : pick(TOKENS);
      break;
    case 1:
      cells[cell] = `${cells[cell].slice(0, 3)}${pick(TOKENS)}${cells[cell].slice(3)}`;
      break;
    case 2:
      cells.splice(cell, 1);
      break;
    case 3:
      cells.splice(cell, 0, pick(TOKENS));
      break;
    case 4:
      lines.splice(at, 0, ...Array.from({ length: 1 + Math.floor(random() * 20) }, () => lines[at]));
      return lines.join('\n');
    case 5:
      lines.splice(at, 1);
      return lines.join('\n');
    case 6:
      if (random() < 0.8) cells[cell] = pick(DELIMITERS);
      else return text.replaceAll(delimiter, pick(DELIMITERS));
      break;
    case 7:
      cells[cell] = `"${cells[cell]}"`;
      break;
    case 8:
      return text.replaceAll('\n', pick(['\r\n', '\r', '\n\n']));
  }
  lines[at] = cells.join(delimiter);
  return lines.join('\n');
}
