import { READING_FIELDS, type TopicRule } from '../../config/domain/mqtt-topics.js';

/** What is kept of a message that can't be read. */
const MOST_SHOWN = 2_000;

/** A message as lines of NDJSON. */
export interface MessageLines {
  readonly lines: readonly string[];
  /** It holds no JSON objects: its line says so on the receipt, with the message as it came. */
  readonly isUnreadable: boolean;
}

/**
 * Turns a message into readings in NDJSON, which the format's own decoder judges. A message is an object, an array of
 * them, or an object a line. What can't be read becomes a line that is rejected, and so is kept where rejects are.
 */
export function linesOfMessage(
  topic: string,
  payload: Buffer,
  rule: TopicRule,
  receivedAt: Date,
): MessageLines {
  const received_at = receivedAt.toISOString();
  const objects = objectsIn(payload.toString('utf8'));
  if (objects === null) {
    const shown = payload.toString('utf8').slice(0, MOST_SHOWN);
    const line = { mqtt_topic: topic, message: shown, received_at };
    return { lines: [JSON.stringify(line)], isUnreadable: true };
  }
  const ofTopic = rule.pointLevel === null ? {} : { metering_point: topic.split('/')[rule.pointLevel] };
  const lines = objects.map((object) =>
    JSON.stringify({ mqtt_topic: topic, ...fieldsOf(object, rule), ...ofTopic, received_at }),
  );
  return { lines, isUnreadable: false };
}

function fieldsOf(object: Readonly<Record<string, unknown>>, { names }: TopicRule): Record<string, unknown> {
  const fields = Object.fromEntries(READING_FIELDS.map((field) => [field, object[names[field] ?? field]]));
  return { ...fields, start: instantText(fields.start) };
}

/** Devices count seconds or milliseconds since 1970; texts stay as they are. */
function instantText(start: unknown): unknown {
  if (typeof start !== 'number') return start;
  const date = new Date(Math.abs(start) < 1e11 ? start * 1000 : start);
  return Number.isNaN(date.getTime()) ? start : date.toISOString();
}

type Plain = Readonly<Record<string, unknown>>;

/** Null: something in it is no object. */
function objectsIn(text: string): readonly Plain[] | null {
  const whole = parsed(text);
  const values = whole !== undefined ? [whole].flat() : text.trim().split('\n').map(parsed);
  const isPlain = (value: unknown): value is Plain =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return values.length > 0 && values.every(isPlain) ? values : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
