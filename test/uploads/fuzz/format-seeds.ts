import { parquetWriteBuffer } from 'hyparquet-writer';
import { block, feed, meterReading, readingType, usagePoint } from '../formats/green-button-text.js';
import { bytesOf, halfHours } from '../formats/xml-80020-text.js';
import { zipOf } from '../formats/zip-file.js';

const hours = (row: (hour: string, at: number) => string) =>
  Array.from({ length: 24 }, (_, at) => row(String(at).padStart(2, '0'), at)).join('');

const TABLES = [
  `Отчёт, кВт·ч\nДата;Время;Счётчик;кВт·ч;Статус\n${hours((h, at) => `01.02.2025;${h}:00;="00123";${at},5;A\n`)}Итого;;;12\n`,
  `meter;date;${Array.from({ length: 25 }, (_, at) => at + 1).join(';')}\nM1000;26.10.2025;${'0,5;'.repeat(24)}0,7\nM1000;27.10.2025;${'0,5;'.repeat(24)}\n`,
  `Meter no;2025-02-01;2025-02-02;2025-02-03\nM1000;1,5;2,5;3,5\nM1001;1;0;2\n`,
  'Счетчик;Дата снятия;Показания Т1;Показания Т2\n00123;01.02.2025 00:00;100,5;50\n00123;02.02.2025 00:00;101,5;51\n',
];

const WIDE_XLSX =
  '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Interval start</t></is></c><c r="C1" t="inlineStr"><is><t>kWh</t></is></c></row>' +
  hours(
    (_, at) =>
      `<row r="${at + 2}"><c r="A${at + 2}"><v>90000001</v></c><c r="B${at + 2}" s="1"><v>${45_689 + at / 24}</v></c><c r="C${at + 2}"><v>0.5</v></c></row>`,
  ) +
  '</sheetData></worksheet>';

/** A workbook around a sheet's XML. */
export function workbookOf(sheet: string | Buffer): Buffer {
  return zipOf({
    'xl/workbook.xml':
      '<workbook xmlns:r="r"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="rId1" Target="worksheets/s1.xml"/></Relationships>',
    'xl/styles.xml': '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
    'xl/sharedStrings.xml': '<sst><si><t>Meter ID</t></si></sst>',
    'xl/worksheets/s1.xml': sheet,
  });
}

const INTERVALS_61968 = [1, 2, 3, 4]
  .map(
    (at) =>
      `<IntervalReadings><timeStamp>2025-02-01T00:${at * 10 + 5}:00Z</timeStamp><value>${at}</value></IntervalReadings>`,
  )
  .join('');

/** A well-formed file of each format that is read, and what wraps the text that is changed; registered under its name. */
export const FORMAT_SEEDS: Readonly<Record<string, readonly Buffer[]>> = {
  'table-csv': TABLES.map((text) => Buffer.from(text)),
  xlsx: [workbookOf(WIDE_XLSX)],
  'xlsx-sheet': [Buffer.from(WIDE_XLSX)],
  'xml-80020': [
    bytesOf({
      areas: [{ '610000000000001': { '01': halfHours(2), '02': halfHours(0), '03': halfHours(1) } }],
    }),
  ],
  'green-button': [
    Buffer.from(
      feed(
        usagePoint('METER-1'),
        meterReading('METER-1', 'a', '1'),
        readingType('1'),
        block('a', 1_738_368_000, [1, 2, 3, '-4'], { quality: 8 }),
      ),
    ),
  ],
  'iec-62325': [
    Buffer.from(
      '<?xml version="1.0"?><N_MarketDocument><Series><mRID>2</mRID><marketEvaluationPoint.mRID codingScheme="A10">571313180000000005</marketEvaluationPoint.mRID><marketEvaluationPoint.type>E17</marketEvaluationPoint.type><quantity_Measure_Unit.name>KWH</quantity_Measure_Unit.name><Period><resolution>PT1H</resolution><timeInterval><start>2025-01-31T23:00Z</start><end>2025-02-01T02:00Z</end></timeInterval><Point><position>1</position><quantity>0.5</quantity><quality>A04</quality></Point><Point><position>3</position><quantity>1</quantity></Point></Period></Series></N_MarketDocument>'.replaceAll(
        'N_MarketDocument',
        'NotifyValidatedMeasureData_MarketDocument',
      ),
    ),
  ],
  'iec-61968-9': [
    Buffer.from(
      `<?xml version="1.0"?><MeterReadings xmlns="http://iec.ch/TC57/2011/MeterReadings#"><MeterReading><Meter><Names><name>M77</name></Names></Meter><IntervalBlocks>${INTERVALS_61968}<ReadingType ref="0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"/></IntervalBlocks></MeterReading></MeterReadings>`,
    ),
  ],
  nem12: [
    Buffer.from(
      `100,NEM12,202502030000,MDP,RET\r\n200,NMI1234567,E1B1,1,E1,N1,M1,kWh,30,\r\n300,20250201,${'0.5,'.repeat(48)}V,,,20250203000000,\r\n400,1,20,A,,\r\n400,21,48,S14,,\r\n900\r\n`,
    ),
    Buffer.from(
      '100,NEM13,202502030000,MDP,RET\n250,1234567890,11,01,11,11,METSER66,E,000021.2,20241001103230,A,,,000534.5,20250201100030,E64,77,,513.3,kWh,20250509,20250202125010,20250203000130\n900\n',
    ),
  ],
  mscons: [
    Buffer.from(
      "UNB+UNOC:3+A:500+B:500+251201:0430+ref++TL'UNH+1+MSCONS:D:04B:UN:2.2e'BGM+7+1+9'UNS+D'NAD+DP'LOC+172+CH100'LIN+1'PIA+5+1-1?:1.29.0:SRW'QTY+220:1.5'DTM+163:202512010000?+01:303'DTM+164:202512010100?+01:303'QTY+67:2'DTM+163:202512010100?+01:303'DTM+164:202512010200?+01:303'UNT+9+1'UNZ+1+ref'",
    ),
  ],
  d0010: [
    Buffer.from(
      'ZHV|0000475656|D0010001|X|COLL|M|SUPP|20260301000000||||OPER|\r\n026|1200000000017|V|\r\n028|F75A 00802|D|\r\n030|S|20260222000000|56311.0|||T|N|\r\nZPT|1|7||2|20260301000000|\r\n',
    ),
  ],
  'spodes-events': [
    Buffer.from('metering_point;time;journal;code\nHOME-1;2025-02-01 10:00:00;0.0.99.98.4.255;1\n'),
    Buffer.from('[{"meter":"HOME-1","time":"2025-02-01T10:00:00Z","code":"0x0401"}]'),
  ],
  'readings-ndjson': [
    Buffer.from(
      '{"metering_point":"HOME-17","start":"2025-03-01T00:00+08:00","kwh":0.412}\n{"metering_point":"HOME-18","start":"2025-02-27T23:15Z","kwh":0.1,"interval_minutes":15,"quality":"estimated"}\n',
    ),
  ],
  'point-codes': [
    Buffer.from('point_code;metering_point;transformer\n610000000000042;HOME-17;\n610000000000043;;TP-5\n'),
  ],
  parquet: [
    Buffer.from(
      parquetWriteBuffer({
        rowGroupSize: 20,
        columnData: [
          { name: 'ean', type: 'STRING', data: Array.from({ length: 40 }, () => '00541') },
          {
            name: 'start',
            type: 'TIMESTAMP',
            data: Array.from({ length: 40 }, (_, at) => new Date(Date.UTC(2025, 1, 1) + at * 900_000)),
          },
          { name: 'kwh', type: 'DOUBLE', data: Array.from({ length: 40 }, () => 0.25) },
        ],
      }),
    ),
  ],
};
