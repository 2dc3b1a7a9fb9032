import { D0010 } from './d0010/d0010.format.js';
import { DECLINED } from './declined/declined.js';
import type { Format } from './format.js';
import { GREEN_BUTTON } from './green-button/green-button.js';
import { IEC_61968 } from './iec-61968/iec-61968.js';
import { IEC_62325 } from './iec-62325/iec-62325.js';
import { MSCONS } from './mscons/mscons.format.js';
import { READINGS_NDJSON } from './ndjson/readings-ndjson.js';
import { NEM } from './nem/nem.format.js';
import { OWN_LAYOUTS } from './own-layouts.js';
import { PARQUET } from './parquet/parquet.format.js';
import { POINT_CODES } from './point-codes/point-codes-csv.js';
import { SPODES } from './spodes/spodes.format.js';
import { TABLE } from './tables/table.format.js';
import { XLSX } from './xlsx/xlsx.format.js';
import { XML_80020 } from './xml-80020/xml-80020.js';

/**
 * Every format that is read, and those that are known and declined; the first to recognise a file takes it. What is told
 * by a signature of its own comes before what is told by the look of its columns.
 */
export const FORMATS: readonly Format[] = [
  ...DECLINED,
  XML_80020,
  GREEN_BUTTON,
  IEC_61968,
  IEC_62325,
  POINT_CODES,
  NEM,
  MSCONS,
  D0010,
  PARQUET,
  ...OWN_LAYOUTS,
  READINGS_NDJSON,
  SPODES,
  XLSX,
  TABLE,
];
