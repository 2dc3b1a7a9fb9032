/**
 * Each decoder over a file of its own making, without a database: MB of the file a second of processor time, on one core.
 * `other` is what is asked (40 MB/s of XML, 100 of NEM12), or the bare library over the same file (XLSX, Parquet), which
 * are also run at two sizes for their peak memory. A decoder more: an entry more in SAMPLES.
 */
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { writeParquet, writeWorkbook } from './formats/containers.mjs';

const execute = promisify(execFile);
const DECODE_ONCE = path.join(import.meta.dirname, 'formats', 'decode-once.mjs');

export const name = 'formats';

const MOST_BYTES = 40e6;
/** Of a format that nothing is asked of. */
const FEW_BYTES = 10e6;
const PASSES = 5;
/** Rows of a workbook and of a Parquet file, and a few times as many. */
const SIZES = { xlsx: [30_000, 120_000], parquet: [500_000, 2_000_000] };
const DAY_S = 86_400;
const MARCH_S = Date.UTC(2026, 2, 1) / 1000;

/** Of each format: what it is asked to reach, how the file begins, its n-th part, and how it ends. */
const SAMPLES = {
  'xml-80020': {
    megabytesPerSecond: 40,
    begin:
      '<?xml version="1.0" encoding="windows-1251"?>\r\n<message class="80020" version="2" number="1">\r\n' +
      '<datetime><timestamp>20260302010000</timestamp><daylightsavingtime>0</daylightsavingtime><day>20260301</day></datetime>\r\n' +
      '<sender><inn>7700000001</inn><name>S</name></sender>\r\n<area timezone="1"><inn>7700000002</inn><name>A</name>\r\n',
    part: (n) =>
      `<measuringpoint code="${610000000000000 + n}" name="Feeder ${n}">\r\n${channel('01', n)}${channel('02', n + 7)}</measuringpoint>\r\n`,
    end: '</area></message>\r\n',
  },
  'green-button': {
    megabytesPerSecond: 40,
    begin:
      '<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n' +
      entry(
        'Customer/7/UsagePoint/METER',
        'Customer/7/UsagePoint',
        ['Customer/7/UsagePoint/METER/MeterReading'],
        '<UsagePoint xmlns="http://naesb.org/espi"/>',
      ) +
      entry(
        'Type/1',
        'Type',
        [],
        '<ReadingType xmlns="http://naesb.org/espi"><accumulationBehaviour>4</accumulationBehaviour><flowDirection>1</flowDirection><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>72</uom></ReadingType>',
      ) +
      entry(
        'Reading/1',
        'Customer/7/UsagePoint/METER/MeterReading',
        ['Blocks/1', 'Type/1'],
        '<MeterReading xmlns="http://naesb.org/espi"/>',
      ),
    part: (n) =>
      entry(
        `Blocks/1/${n}`,
        'Blocks/1',
        [],
        `<IntervalBlock xmlns="http://naesb.org/espi">${quarters(n)
          .map(
            (start, i) =>
              `\n<IntervalReading>\n<cost>${i}</cost>\n<timePeriod>\n<duration>900</duration>\n<start>${start}</start>\n</timePeriod>\n<value>${(n * 7 + i * 13) % 900}</value>\n</IntervalReading>`,
          )
          .join('')}\n</IntervalBlock>`,
      ),
    end: '</feed>\n',
  },
  'iec-62325': {
    megabytesPerSecond: 40,
    begin: '<?xml version="1.0"?>\n<cim:NotifyValidatedMeasureData_MarketDocument xmlns:cim="urn:x">\n',
    part: (n) =>
      `<cim:Series>\n<cim:mRID>${n}</cim:mRID>\n<cim:marketEvaluationPoint.mRID codingScheme="A10">${570000000000000 + n}</cim:marketEvaluationPoint.mRID>\n` +
      '<cim:marketEvaluationPoint.type>E17</cim:marketEvaluationPoint.type>\n<cim:quantity_Measure_Unit.name>KWH</cim:quantity_Measure_Unit.name>\n' +
      '<cim:Period>\n<cim:resolution>PT15M</cim:resolution>\n<cim:timeInterval><cim:start>2026-03-01T23:00Z</cim:start><cim:end>2026-03-02T23:00Z</cim:end></cim:timeInterval>\n' +
      `${quarters(n)
        .map(
          (_, i) =>
            `<cim:Point>\n<cim:position>${i + 1}</cim:position>\n<cim:quantity>${((n + i) % 900) / 100}</cim:quantity>\n<cim:quality>A04</cim:quality>\n</cim:Point>\n`,
        )
        .join('')}</cim:Period>\n</cim:Series>\n`,
    end: '</cim:NotifyValidatedMeasureData_MarketDocument>\n',
  },
  'iec-61968-9': {
    megabytesPerSecond: 40,
    begin: '<?xml version="1.0"?>\n<MeterReadings xmlns="http://iec.ch/TC57/2011/MeterReadings#">\n',
    part: (n) =>
      `<MeterReading>\n<IntervalBlocks>\n${quarters(n)
        .map(
          (start, i) =>
            `<IntervalReadings>\n<timeStamp>${new Date((start + 900) * 1000).toISOString()}</timeStamp>\n<value>${(n + i) % 900}</value>\n<ReadingQualities ref="1.0.0"/>\n</IntervalReadings>\n`,
        )
        .join('')}` +
      `<ReadingType ref="0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.0.72.0"/>\n</IntervalBlocks>\n<Meter><Names><name>M${n}</name></Names></Meter>\n</MeterReading>\n`,
    end: '</MeterReadings>\n',
  },
  nem12: {
    megabytesPerSecond: 100,
    begin: '100,NEM12,202604010000,MDP,RET\n',
    part: (n) =>
      `200,NMI${1_000_000 + n},E1,1,E1,N1,${n},kWh,30,\n` +
      Array.from(
        { length: 31 },
        (_, day) =>
          `300,202603${String(day + 1).padStart(2, '0')},${Array.from({ length: 48 }, (_, i) => (((n * 7 + day + i * 13) % 900) / 1000).toFixed(3)).join(',')},A,,,20260401000000,\n`,
      ).join(''),
    end: '900\n',
  },
  'readings-ndjson': {
    begin: '',
    part: (n) =>
      `{"metering_point":"HOME-${n % 5000}","start":"2026-03-${String((n % 28) + 1).padStart(2, '0')}T${String(n % 24).padStart(2, '0')}:00+08:00","kwh":${(n % 900) / 1000}}\n`,
    end: '',
  },
  d0010: {
    begin: 'ZHV|0000475656|D0010001|X|COLL|M|SUPP|20260301000000||||OPER|\r\n',
    part: (n) =>
      `026|${1200000000000 + n}|V|\r\n028|F75A ${n}|D|\r\n030|01|20260222000000|${n % 90000}.5|||T|N|\r\n030|02|20260222000000|${n % 70000}.0|||T|N|\r\n`,
    end: 'ZPT|0000475656|7||2|20260301000000|\r\n',
  },
  mscons: {
    begin:
      "UNB+UNOC:3+A:500+B:500+260301:0430+ref++TL'UNH+1+MSCONS:D:04B:UN:2.2e'BGM+7+1+9'DTM+137:202603010000:203'UNS+D'",
    part: (n) =>
      `NAD+DP'LOC+172+CH${100000 + n}'LIN+1'PIA+5+1-1?:1.29.0:SRW'` +
      Array.from({ length: 96 }, (_, i) => {
        const at = (k) => `202603${k < 96 ? '01' : '02'}${hhmm(k * 15)}?+01:303`;
        return `QTY+220:${((n + i) % 900) / 1000}'DTM+163:${at(i)}'DTM+164:${at(i + 1)}'`;
      }).join(''),
    end: "UNT+9+1'UNZ+1+ref'",
  },
};

export async function* run() {
  const folder = await mkdtemp(path.join(tmpdir(), 'gridwarden-formats-'));
  try {
    for (const [format, sample] of Object.entries(SAMPLES)) {
      const file = path.join(folder, format);
      await write(file, sample);
      const ours = (await stat(file)).size / 1e6 / (await measured(format, file)).seconds;
      const other = sample.megabytesPerSecond ?? null;
      yield {
        name: `decode-${format}${other === null ? '' : '-vs-asked'}`,
        ours,
        other,
        ratio: other === null ? null : ours / other,
        unit: 'MB/s',
      };
      await rm(file);
    }
    yield* containers(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Files that are read by a library: at its speed, and with no more memory when they are four times as long. */
async function* containers(folder) {
  for (const [format, [small, large]] of Object.entries(SIZES)) {
    const file = path.join(folder, format);
    const write = format === 'xlsx' ? writeWorkbook : writeParquet;
    const peaks = [];
    for (const rows of [small, large]) {
      await write(file, rows);
      const { peakMegabytes } = await measured(format, file, 1);
      peaks.push(peakMegabytes);
      if (rows === large) yield await againstLibrary(format, file, rows);
    }
    yield {
      name: `decode-${format}-peak-memory-${large}-vs-${small}-rows`,
      ours: peaks[1],
      other: peaks[0],
      ratio: peaks[1] / peaks[0],
      unit: 'MB',
    };
    await rm(file);
  }
}

async function againstLibrary(format, file, rows) {
  const ours = rows / (await measured(format, file)).seconds;
  const other = rows / (await measured(`bare-${format}`, file)).seconds;
  return { name: `decode-${format}-vs-bare-library`, ours, other, ratio: ours / other, unit: 'rows/s' };
}

/** In a process of its own, so that its memory is its own; several passes, so that the code is warm. */
async function measured(format, file, passes = PASSES) {
  const { stdout } = await execute(process.execPath, [DECODE_ONCE, format, file, String(passes)]);
  return JSON.parse(stdout);
}

async function write(file, { begin, part, end, megabytesPerSecond }) {
  const bytes = megabytesPerSecond === undefined ? FEW_BYTES : MOST_BYTES;
  const out = createWriteStream(file);
  out.write(begin);
  for (let n = 0, written = 0; written < bytes; n++) {
    const text = part(n);
    written += text.length;
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end(end);
  await once(out, 'close');
}

function channel(code, n) {
  const periods = Array.from(
    { length: 48 },
    (_, i) =>
      `<period start="${hhmm(i * 30)}" end="${hhmm(i * 30 + 30)}">\r\n<value status="0">${(n * 7 + i * 13) % 400}</value>\r\n</period>\r\n`,
  );
  return `<measuringchannel code="${code}" desc="A">\r\n${periods.join('')}</measuringchannel>\r\n`;
}

function hhmm(minutes) {
  return `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}`;
}

function entry(self, up, related, content) {
  const links = related.map((href) => `<link rel="related" href="${href}"/>\n`).join('');
  return `<entry>\n<link rel="self" href="${self}"/>\n<link rel="up" href="${up}"/>\n${links}<content>${content}</content>\n</entry>\n`;
}

/** Starts of the quarter hours of a day, seconds since 1970. */
function quarters(n) {
  return Array.from({ length: 96 }, (_, i) => MARCH_S + (n % 20) * DAY_S + i * 900);
}
