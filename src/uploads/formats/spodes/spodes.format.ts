import { RefusedError } from '../../../config/errors.js';
import type { Format, FoundItem, FoundProblem, FoundTime, Head, Recognised, Source } from '../format.js';
import { CsvRows, delimiterOf, type TableRow } from '../tables/csv-rows.js';
import { encodingOf, textOf } from '../tables/text.js';
import { timeFrom } from '../tables/times.js';
import { normalised } from '../tables/words.js';
import { JsonObjects } from './json-objects.js';
import { alarmOf, codeOf, eventsOfAlarm, journalOf } from './push-alarm.js';

/** What an event is told by; the names that senders give it. */
const NAMES = {
  point:
    /^(metering.?point|meter.?(id|serial|number)?|serial.?(number)?|device.?(id|serial)?|заводской номер|серийный номер|номер (пу|прибора учета|счетчика)|пу|прибор учета|счетчик|точка учета)$/,
  at: /^(at|time|timestamp|date.?time|event.?time|occurred.?at|дата|время|дата и время|дата.?время|время события|дата события|дата и время события)$/,
  journal: /^(journal|log|log.?obis|code.?obis|event.?log|журнал|журнал событий|obis)$/,
  code: /^(code|event.?code|event|код|код события|событие)$/,
  alarm:
    /^(alarm|alarms|alarm.?register|push.?alarm|push.?event.?bits|bits|регистр аварий|регистр событий|биты)$/,
} as const;
type Field = keyof typeof NAMES;
type Fields = Partial<Record<Field, string>>;

const ISSUE =
  'Times without an offset are those of the upload’s zone, else of each metering point’s territory.';

/** Events of meters after СПОДЭС (ГОСТ Р 58940): by journal and code, or as the alarm register that meters push. */
export const SPODES: Format = {
  name: 'spodes-events',
  title: { ru: 'События СПОДЭС (CSV, JSON)', en: 'СПОДЭС meter events (CSV, JSON)' },

  recognise({ bytes }: Head): Recognised | null {
    const text = new TextDecoder(encodingOf(bytes)).decode(bytes);
    const isJson = /^\s*[[{]/.test(text);
    const first = isJson ? firstObject(text) : columnsOf(text)?.at;
    if (first === undefined || first === null || !isComplete(first)) return null;
    const how = first.alarm === undefined ? 'by journal and code' : 'as bits of the pushed alarm register';
    return {
      kind: 'events',
      recognised: `Meter events after СПОДЭС, ${how}, ${isJson ? 'JSON' : 'CSV'}.`,
      assumed: [ISSUE],
    };
  },

  async *decode(source: Source): AsyncGenerator<FoundItem[]> {
    const [head] = [await headText(source)];
    const items = /^\s*[[{]/.test(head) ? jsonItems(source, head) : csvItems(source, head);
    let found = 0;
    for await (const some of items) {
      found += some.length;
      yield some;
    }
    if (found === 0)
      throw new RefusedError(
        'The file holds no events: none of its objects names a meter, a time and a code.',
      );
  },
};

async function headText(source: Source): Promise<string> {
  for await (const chunk of source.chunks()) return new TextDecoder(encodingOf(chunk)).decode(chunk);
  return '';
}

async function* jsonItems(source: Source, head: string): AsyncGenerator<FoundItem[]> {
  const objects = new JsonObjects();
  for await (const text of textOf(source.chunks(), encodingOf(Buffer.from(head)))) {
    yield objects.take(text).flatMap(({ line, text: raw }) => {
      let value: unknown;
      try {
        value = JSON.parse(raw);
      } catch {
        return [problem(line, '', 'bad_value', 'The object is not JSON.', raw)];
      }
      const fields = fieldsOf(value);
      return isComplete(fields)
        ? itemsOf(fields, line, raw)
        : [
            problem(
              line,
              '',
              'missing_value',
              'The object does not name a meter, a time, and a journal with a code (or an alarm register).',
              raw,
            ),
          ];
    });
  }
}

async function* csvItems(source: Source, head: string): AsyncGenerator<FoundItem[]> {
  const columns = columnsOf(head);
  if (columns === null)
    throw new RefusedError('The file has no header that names a meter, a time, a journal and a code.');
  const rows = new CsvRows(columns.delimiter);
  const take = (found: readonly TableRow[]) =>
    found.flatMap(({ line, cells }) => {
      if (line <= columns.line) return [];
      const fields: Fields = {};
      for (const [field, column] of Object.entries(columns.columns))
        fields[field as Field] = cells[column] ?? '';
      return itemsOf(fields, line, cells.join(';'));
    });
  for await (const text of textOf(source.chunks(), encodingOf(Buffer.from(head))))
    yield take(rows.take(text));
  yield take(rows.end());
}

function itemsOf(fields: Fields, line: number, raw: string): FoundItem[] {
  const { point = '', at = '' } = fields;
  const fault = (field: string, reason: FoundProblem['reason'], detail: string) => [
    problem(line, field, reason, detail, raw),
  ];
  if (point === '' || point.length > 128) return fault('meter', 'bad_id', 'The event names no meter.');
  const time = momentOf(at);
  if (time === null)
    return fault(
      'time',
      'bad_time',
      `${JSON.stringify(at.slice(0, 40))} is no time; write YYYY-MM-DDTHH:MM:SS with or without an offset.`,
    );
  const place = { line, path: '' };
  if (fields.alarm !== undefined && fields.alarm !== '') {
    const register = alarmOf(fields.alarm);
    if (register === null)
      return fault(
        'alarm',
        'bad_value',
        `${JSON.stringify(fields.alarm.slice(0, 40))} is no register of 32 bits.`,
      );
    const { events, others } = eventsOfAlarm(register);
    const notes: FoundItem[] =
      others === 0
        ? []
        : [
            {
              kind: 'assumed',
              sentence:
                'Bits of the alarm register that only point at a journal, or close what has no end there, are passed over.',
            },
          ];
    return [
      ...notes,
      ...events.map((event): FoundItem => ({ kind: 'event', point, at: time, ...event, place })),
    ];
  }
  const code = codeOf(fields.code ?? '');
  if (code === null)
    return fault(
      'code',
      'bad_value',
      `${JSON.stringify((fields.code ?? '').slice(0, 40))} is no event code: 1 to 9999, or 0x0403 with its journal.`,
    );
  const journal = code.journal ?? journalOf(fields.journal ?? '');
  if (journal === null)
    return fault(
      'journal',
      'bad_value',
      `${JSON.stringify((fields.journal ?? '').slice(0, 40))} is no journal: 0 to 8, its OBIS 0.0.99.98.x.255, or its name. A code alone means nothing.`,
    );
  return [{ kind: 'event', point, at: time, journal, code: code.code, place }];
}

/** With the seconds that journals state. */
function momentOf(text: string): FoundTime | null {
  if (/^\d{10}$/.test(text)) return { utcMs: Number(text) * 1000 };
  const match = /^(.*\d{1,2}:\d{2}):(\d{2})((?:[.,]\d+)?)(.*)$/.exec(text.trim());
  const seconds = match === null ? 0 : Number(match[2]);
  const found = timeFrom(match === null ? text.trim() : `${match[1]}${match[4]}`, 'dmy');
  if (found === null || seconds > 59) return null;
  const minutes = found.localMinutes + seconds / 60;
  return found.offsetMinutes === null
    ? { localMinutes: minutes, zone: null }
    : { utcMs: Math.round((minutes - found.offsetMinutes) * 60_000) };
}

function fieldsOf(value: unknown): Fields {
  const fields: Fields = {};
  if (typeof value !== 'object' || value === null) return fields;
  for (const [name, each] of Object.entries(value)) {
    const field = fieldOf(name);
    if (
      field !== null &&
      fields[field] === undefined &&
      (typeof each === 'string' || typeof each === 'number')
    )
      fields[field] = String(each);
  }
  return fields;
}

function fieldOf(name: string): Field | null {
  const plain = normalised(name);
  return (Object.keys(NAMES) as Field[]).find((field) => NAMES[field].test(plain)) ?? null;
}

/** A journal may be packed into its code. */
function isComplete({ point, at, journal, code, alarm }: Fields): boolean {
  if (point === undefined || at === undefined) return false;
  return (
    alarm !== undefined || (code !== undefined && (journal !== undefined || codeOf(code)?.journal !== null))
  );
}

function firstObject(text: string): Fields | undefined {
  try {
    const [first] = new JsonObjects().take(text);
    return first === undefined ? undefined : fieldsOf(JSON.parse(first.text));
  } catch {
    return undefined;
  }
}

function columnsOf(text: string): {
  at: Fields;
  columns: Partial<Record<Field, number>>;
  delimiter: ',' | ';' | '\t' | '|';
  line: number;
} | null {
  const delimiter = delimiterOf(text);
  if (delimiter === null) return null;
  const rows = new CsvRows(delimiter).take(text).slice(0, 20);
  for (const [index, { line, cells }] of rows.entries()) {
    const columns: Partial<Record<Field, number>> = {};
    cells.forEach((name, column) => {
      const field = fieldOf(name);
      if (field !== null) columns[field] ??= column;
    });
    const next = rows[index + 1]?.cells ?? [];
    const at: Fields = {};
    for (const [field, column] of Object.entries(columns)) at[field as Field] = next[column] ?? '';
    if (
      isComplete(at) &&
      (columns.alarm !== undefined || columns.journal !== undefined || codeOf(at.code ?? '') !== null)
    )
      return { at, columns, delimiter, line };
  }
  return null;
}

function problem(
  line: number,
  field: string,
  reason: FoundProblem['reason'],
  detail: string,
  raw: string,
): FoundItem {
  return { kind: 'problem', place: { line, path: '' }, field, reason, detail, raw: raw.slice(0, 4_000) };
}
