/** Where a broker's messages of readings are told apart, and what they call the fields of a reading. */
export interface TopicRule {
  /** Code of the utility whose readings they are. */
  readonly utility: string;
  /** As it is subscribed to: `meters/+/energy`. */
  readonly filter: string;
  /** Level of the topic, from 0, that names the metering point; null: the message does. */
  readonly pointLevel: number | null;
  /** What the message calls a field; the field's own name where it is not here. */
  readonly names: Readonly<Partial<Record<ReadingField, string>>>;
}

export const READING_FIELDS = ['metering_point', 'start', 'kwh', 'quality', 'interval_minutes'] as const;
export type ReadingField = (typeof READING_FIELDS)[number];

const POINT = '{metering_point}';

/** Reads `energo:meters/{metering_point}/energy?start=ts&kwh=value`; null when it is no such rule. */
export function topicRule(text: string): TopicRule | null {
  const match = /^([\w.-]{1,64}):([^?\s]+)(?:\?(\S*))?$/.exec(text);
  if (match === null) return null;
  const [, utility, pattern, query = ''] = match;
  const levels = pattern.split('/');
  const isLevel = (level: string, at: number) =>
    level === POINT || level === '+' || (level === '#' && at === levels.length - 1) || !/[+#{}]/.test(level);
  const points = levels.filter((level) => level === POINT).length;
  const names = [...new URLSearchParams(query)];
  const isField = ([field, name]: string[]) => READING_FIELDS.some((each) => each === field) && name !== '';
  if (!levels.every(isLevel) || points > 1 || !names.every(isField)) return null;
  const filter = levels.map((level) => (level === POINT ? '+' : level)).join('/');
  const pointLevel = points === 0 ? null : levels.indexOf(POINT);
  return { utility, filter, pointLevel, names: Object.fromEntries(names) };
}

/** The first rule whose filter the topic fits; null: none. */
export function ruleFor(rules: readonly TopicRule[], topic: string): TopicRule | null {
  const levels = topic.split('/');
  return rules.find(({ filter }) => fits(filter.split('/'), levels)) ?? null;
}

function fits(filter: readonly string[], levels: readonly string[]): boolean {
  if (filter.at(-1) === '#') {
    const before = filter.slice(0, -1);
    return levels.length >= before.length && fits(before, levels.slice(0, before.length));
  }
  return filter.length === levels.length && filter.every((each, at) => each === '+' || each === levels[at]);
}
