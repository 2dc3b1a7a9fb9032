import { csvBatches, keptOfRaw } from '../csv-records.js';
import type { Format, FoundItem, Head } from '../format.js';
import { parseNamedHeader, type NamedColumns } from '../named-header.js';

type Column = 'point_code' | 'metering_point' | 'transformer';

const COLUMNS: NamedColumns<Column> = {
  what: 'a table of codes',
  names: {
    point_code: ['point_code', 'code', 'код точки'],
    metering_point: ['metering_point', 'metering_point_id', 'meter_id'],
    transformer: ['transformer', 'transformer_id'],
  },
  required: ['point_code'],
};
const MAX_LENGTH = 128;

/**
 * `point_code,metering_point` or `point_code,transformer`: the codes by which a sender names metering points of the
 * registry, such as the 15 digits of XML 80020. The code is text: a spreadsheet must not make a number of it.
 */
export const POINT_CODES: Format = {
  name: 'point-codes-csv',
  title: { ru: 'Таблица кодов точек учёта, CSV', en: 'Table of codes of metering points, CSV' },
  recognise: (head) =>
    headerOf(head) === null
      ? null
      : { kind: 'point-codes', recognised: 'Codes of metering points, CSV.', assumed: [] },
  decode: async function* (source) {
    for await (const { header, records, rejected } of csvBatches(source.chunks(), (line) =>
      parseNamedHeader(line, COLUMNS),
    )) {
      const items: FoundItem[] = rejected.map(({ line, field, reason, detail, raw }) => ({
        kind: 'problem',
        place: { line, path: '' },
        field,
        reason,
        detail,
        raw,
      }));
      for (const { line, text, cells } of records) {
        const cell = (column: Column) =>
          (cells[header.at.get(column) ?? -1] ?? '').replace(/^="(.*)"$/, '$1').trim();
        const place = { line, path: '' };
        const code = cell('point_code');
        const isTransformer = cell('metering_point') === '';
        const point = isTransformer ? cell('transformer') : cell('metering_point');
        const fault = faultOf(code, point);
        if (fault !== null) items.push({ kind: 'problem', place, ...fault, raw: keptOfRaw(text) });
        else
          items.push({
            kind: 'point-code',
            code,
            point,
            of: isTransformer ? 'transformer' : 'household',
            place,
          });
      }
      yield items;
    }
  },
};

function faultOf(
  code: string,
  point: string,
): { field: string; reason: 'bad_id' | 'excel_id'; detail: string } | null {
  if (/^\d+[.,]?\d*e\+\d+$/i.test(code)) {
    const detail = `${JSON.stringify(code)} is a number that a spreadsheet shortened: export the column as text.`;
    return { field: 'point_code', reason: 'excel_id', detail };
  }
  if (code === '' || code.length > MAX_LENGTH)
    return {
      field: 'point_code',
      reason: 'bad_id',
      detail: 'The code is blank, or longer than 128 characters.',
    };
  if (point === '' || point.length > MAX_LENGTH) {
    const detail = 'The row names neither a metering point nor a transformer.';
    return { field: 'metering_point', reason: 'bad_id', detail };
  }
  return null;
}

/** A header with a code and what it names, and nothing of readings. */
function headerOf({ bytes, container }: Head): readonly string[] | null {
  if (container !== 'plain') return null;
  const end = bytes.indexOf(0x0a);
  const line = bytes.toString('utf8', 0, end < 0 ? bytes.length : end).replace(/^\ufeff/, '');
  const names = line.split(/[;,\t]/).map((name) => name.replaceAll('"', '').trim().toLowerCase());
  const has = (column: Column) => names.some((name) => COLUMNS.names[column].includes(name));
  const isTable = names.length <= 4 && has('point_code') && (has('metering_point') || has('transformer'));
  return isTable && !names.includes('journal') ? names : null;
}
