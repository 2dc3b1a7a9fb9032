import { normalised, withoutUnit } from './words.js';
import type { SlotColumn } from './layout.js';

export interface DaySlots {
  readonly slots: readonly SlotColumn[];
  readonly intervalMinutes: number;
  readonly isEnd: boolean;
  /** Columns after the 24th hour, which only the day has on which the clock is put back: hours are counted. */
  readonly extra: readonly number[];
}

/**
 * The columns of a day: `00:00-00:15`, `0-1`, `h00`, `1`…`24`, `00:30`…`24:00`, with one of the hour that comes twice
 * (`2b`, `3A`, `02:00*`, or its name again) or without. Null: they are no whole day; 'unclear': clock times that may be
 * the intervals' starts or their ends.
 */
export function slotsOf(
  names: readonly string[],
  label: 'start' | 'end' | null,
): DaySlots | null | 'unclear' {
  const { plain, seconds } = withoutSeconds(names.map(cleaned));
  const found = rangeSlots(plain) ?? hourRangeSlots(plain) ?? clockSlots(plain, label) ?? ordinalSlots(plain);
  if (found === null || found === 'unclear' || seconds.length === 0) return found;
  const again = seconds.flatMap(({ column, of }): SlotColumn[] => {
    const first = found.slots.find((each) => each.column === of);
    return first === undefined ? [] : [{ column, slot: first.slot, pass: 'second' }];
  });
  return { ...found, slots: [...found.slots, ...again] };
}

function cleaned(name: string): string {
  return withoutUnit(normalised(name));
}

/**
 * Takes the columns of the second pass out: those that carry a mark behind the name of another, or the very name of one
 * before them. Of `3A` and `3B`, both marked, the second is B.
 */
function withoutSeconds(names: readonly string[]): {
  plain: readonly string[];
  seconds: readonly { column: number; of: number }[];
} {
  const plain = [...names];
  const seconds: { column: number; of: number }[] = [];
  const marked = names.map((name) => MARKED.exec(name));
  for (const [column, match] of marked.entries()) {
    if (match === null) continue;
    const bare = match[1];
    const of = plain.findIndex((name, at) => at !== column && name === bare);
    if (of < 0) plain[column] = bare;
    else {
      seconds.push({ column, of });
      plain[column] = '';
    }
  }
  for (const [column, name] of plain.entries()) {
    const of = plain.indexOf(name);
    if (of === column || !/^(\d{1,2}[:.]\d{2}.*|\d{1,2}\s?[-–—]\s?\d{1,2})$/.test(name)) continue;
    // The day may end with its midnight: 00:00 … 00:00 is no hour that comes twice.
    if (/^0?0[:.]00$/.test(name)) continue;
    seconds.push({ column, of });
    plain[column] = '';
  }
  return { plain, seconds };
}

/** `2b`, `3A`, `3 bis`, `02:00*`, `02:00-03:00 (2)`, `h02 доп.` */
const MARKED =
  /^(h?\d{1,3}|(?:hour|час|ora|uur|stunde|heure|hora)\s\d{1,2}|\d{1,2}[:.]\d{2}(?:\s?[-–—]\s?\d{1,2}[:.]\d{2})?)\s?(?:\*|'|[abxабх]|bis|dst|\(2\)|\(dst\)|доп\.?|повт\.?)$/;

function rangeSlots(names: readonly string[]): DaySlots | null {
  const ranges = columns(names, /^(\d{1,2})[:.](\d{2})\s*(?:[-–—]|to|до)\s*(\d{1,2})[:.](\d{2})$/);
  if (!isDay(ranges.length)) return null;
  return fromMinutes(
    ranges.map(({ column, match }) => ({ column, minutes: clock(match) })),
    false,
  );
}

function hourRangeSlots(names: readonly string[]): DaySlots | null {
  const ranges = columns(names, /^(\d{1,2})\s?[-–—]\s?(\d{1,2})(?:\s?(?:h|ч))?$/).filter(
    ({ match }) => (Number(match[1]) + 1) % 24 === Number(match[2]) % 24,
  );
  if (ranges.length !== 24) return null;
  return fromMinutes(
    ranges.map(({ column, match }) => ({ column, minutes: Number(match[1]) * 60 })),
    false,
  );
}

function clockSlots(names: readonly string[], label: 'start' | 'end' | null): DaySlots | null | 'unclear' {
  const clocks = columns(names, /^(?:h|hour|час)?\s?(\d{1,2})[:.](\d{2})(?:[:.]00)?$/);
  if (!isDay(clocks.length)) return null;
  const times = clocks.map(({ column, match }) => ({ column, minutes: clock(match) }));
  const interval = 1440 / times.length;
  const [first] = times;
  const last = times[times.length - 1];
  const isEnd = first.minutes === interval && (last.minutes === 1440 || last.minutes === 0);
  if (!isEnd && first.minutes !== 0) return 'unclear';
  // 00:00 first and 23:30 last are starts, unless the sender says that their day ends at its first column.
  if (!isEnd && label === 'end') return 'unclear';
  return fromMinutes(
    times.map(({ column, minutes }) => ({
      column,
      minutes: isEnd ? (minutes === 0 ? 1440 : minutes) - interval : minutes,
    })),
    isEnd,
  );
}

function ordinalSlots(names: readonly string[]): DaySlots | null {
  const ordinals = columns(
    names,
    /^(?:h|час|hour|ч|ora|uur|heure|hora|stunde|std|he|hr|interval|kwh|value|v|t|p)?[\s.]?(\d{1,3})(?:[\s-]?(?:h|ч|час|й час|hour|uur))?$/,
  );
  const extra = EXTRA.get(ordinals.length) ?? 0;
  if (!isDay(ordinals.length - extra)) return null;
  const numbers = ordinals.map(({ match }) => Number(match[1]));
  const from = Math.min(...numbers);
  const isWhole =
    new Set(numbers).size === numbers.length && Math.max(...numbers) - from === numbers.length - 1;
  if (!isWhole || from > 1) return null;
  const count = numbers.length - extra;
  const interval = 1440 / count;
  const ofDay = ordinals.flatMap(({ column }, at) =>
    numbers[at] - from < count ? [{ column, minutes: (numbers[at] - from) * interval }] : [],
  );
  const found = fromMinutes(ofDay, from === 1);
  const after = ordinals
    .filter((_, at) => numbers[at] - from >= count)
    .map(({ column }) => column)
    .sort((a, b) => a - b);
  return found === null ? null : { ...found, extra: after };
}

/** Columns of a day of 25 hours, by their number. */
const EXTRA = new Map([
  [25, 1],
  [50, 2],
  [100, 4],
  [300, 12],
]);

function columns(names: readonly string[], pattern: RegExp): { column: number; match: RegExpExecArray }[] {
  return names.flatMap((name, column) => {
    const match = pattern.exec(name);
    return match === null ? [] : [{ column, match }];
  });
}

function clock(match: RegExpExecArray): number {
  return Number(match[1]) * 60 + Number(match[2]);
}

function isDay(count: number): boolean {
  return [24, 48, 96, 144, 288].includes(count);
}

function fromMinutes(
  starts: readonly { column: number; minutes: number }[],
  isEnd: boolean,
): DaySlots | null {
  const intervalMinutes = 1440 / starts.length;
  const slots = starts.map(({ column, minutes }) => ({ column, slot: minutes / intervalMinutes }));
  const seen = new Set(slots.map(({ slot }) => slot));
  const isWhole =
    seen.size === slots.length &&
    slots.every(({ slot }) => Number.isInteger(slot) && slot >= 0 && slot < slots.length);
  return isWhole ? { slots, intervalMinutes, isEnd, extra: [] } : null;
}
