import type { SchemaElement } from 'hyparquet';
import type { UploadOptions } from '../../domain/upload-options.js';
import type { Declined } from '../format.js';
import { declined } from '../tables/question.js';
import { isConsumption, isExport, roleOf, unitOf, type Unit } from '../tables/words.js';

/** Which columns are read, and what they hold. */
export interface ParquetColumns {
  /** Names in the file's order, as they are read. */
  readonly read: readonly string[];
  /** Places in {@link read}; −1: none. */
  readonly point: number;
  readonly time: number;
  readonly value: number;
  readonly given: number;
  readonly quality: number;
  readonly unit: Unit;
  readonly timeName: string;
  /** An instant; else the wall clock's time of a place that the file does not name. */
  readonly isInstant: boolean;
  readonly isText: boolean;
  readonly isDate: boolean;
  readonly label: 'start' | 'end' | null;
}

export function columnsOf(
  schema: readonly SchemaElement[],
  options: UploadOptions = {},
): ParquetColumns | Declined {
  const leaves = schema.slice(1);
  if (leaves.some(({ name }) => typeof name !== 'string'))
    return { declined: 'The Parquet file is damaged: a column of it has no name.' };
  if (leaves.some(({ num_children: children }) => (children ?? 0) > 0))
    return { declined: 'The Parquet file has nested columns: send one reading a row.' };
  const byRole = (roles: readonly string[]) => leaves.find(({ name }) => roles.includes(roleOf(name) ?? ''));
  const point =
    byRole(['point']) ??
    byRole(['serial']) ??
    leaves.find(({ name }) => /^(id|meter|metering_point|household)$/i.test(name));
  const start = byRole(['start']) ?? byRole(['date', 'hour']);
  const time = start ?? byRole(['end']);
  const values = leaves.filter(
    (leaf) => leaf !== point && leaf !== time && isNumber(leaf) && roleOf(leaf.name) === null,
  );
  const value =
    values.find(({ name }) => unitOf(name) !== null && !isExport(name)) ??
    values.find(({ name }) => isConsumption(name) && !isExport(name)) ??
    (values.length === 1 ? values[0] : undefined);
  const given = values.find((leaf) => leaf !== value && isExport(leaf.name));
  const names = leaves.map(({ name }) => name).join(', ');
  if (point === undefined || time === undefined || value === undefined)
    return {
      declined: `The Parquet file has no columns of a metering point, a time and energy (it has ${names}): name them metering_point, start, kwh.`,
    };
  const unit = unitOf(value.name) ?? unitOf(options.unit ?? '');
  if (unit === null)
    return declined(
      `The column «${value.name}» does not say its unit`,
      'it under the name kwh or wh',
      'unit',
    );
  const quality = byRole(['quality']);
  const read = [point, time, value, given, quality].flatMap((leaf) =>
    leaf === undefined ? [] : [leaf.name],
  );
  const at = (leaf: SchemaElement | undefined) => (leaf === undefined ? -1 : read.indexOf(leaf.name));
  const isText = time.type === 'BYTE_ARRAY';
  const isDate = time.logical_type?.type === 'DATE' || time.converted_type === 'DATE';
  if (!isText && !isDate && !isTimestamp(time))
    return { declined: `The column «${time.name}» is no timestamp: write it as one, or as ISO text.` };
  const plain = /(^|_)(start|from|begin|van|fra)/i.test(time.name)
    ? 'start'
    : start === undefined || /(^|_)(end|to)(_|$)/i.test(time.name)
      ? 'end'
      : null;
  return {
    read,
    point: at(point),
    time: at(time),
    value: at(value),
    given: at(given),
    quality: at(quality),
    unit,
    timeName: time.name,
    isInstant: !isDate && isAdjusted(time),
    isText,
    isDate,
    label: isDate ? 'start' : (options.label ?? plain),
  };
}

function isNumber({ type, logical_type: logical, converted_type: converted }: SchemaElement): boolean {
  const isOther =
    logical?.type === 'TIMESTAMP' ||
    logical?.type === 'DATE' ||
    logical?.type === 'STRING' ||
    converted === 'UTF8' ||
    /TIME|DATE/.test(converted ?? '');
  const isDecimal = logical?.type === 'DECIMAL' || converted === 'DECIMAL';
  return !isOther && (['INT32', 'INT64', 'FLOAT', 'DOUBLE'].includes(type ?? '') || isDecimal);
}

function isTimestamp({ type, logical_type: logical, converted_type: converted }: SchemaElement): boolean {
  return type === 'INT96' || logical?.type === 'TIMESTAMP' || /^TIMESTAMP_/.test(converted ?? '');
}

/** The older annotation and INT96 know instants only. */
function isAdjusted({ logical_type: logical }: SchemaElement): boolean {
  return logical?.type === 'TIMESTAMP' ? logical.isAdjustedToUTC : true;
}
