import { normalised } from './words.js';
import type { SlotColumn } from './layout.js';

/**
 * The columns of a day: `00:00-00:15`, `h00`, `1`…`24`, `00:30`…`24:00`. Null: they are no whole day; 'unclear': clock
 * times that may be the intervals' starts or their ends.
 */
export function slotsOf(
  names: readonly string[],
  label: 'start' | 'end' | null,
):
  | { readonly slots: SlotColumn[]; readonly intervalMinutes: number; readonly isEnd: boolean }
  | null
  | 'unclear' {
  const ranges = columns(names, /^(\d{1,2})[:.](\d{2})\s*[-–—]\s*(\d{1,2})[:.](\d{2})$/);
  if (isDay(ranges.length))
    return fromMinutes(
      ranges.map(({ column, match }) => ({ column, minutes: clock(match) })),
      false,
    );
  const clocks = columns(names, /^(\d{1,2})[:.](\d{2})(?:[:.]00)?$/);
  if (isDay(clocks.length)) {
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
  const ordinals = columns(names, /^(?:h|час|hour|ч)?\s?(\d{1,3})(?:\s?(?:h|ч|час))?$/);
  if (!isDay(ordinals.length)) return null;
  const numbers = ordinals.map(({ match }) => Number(match[1]));
  const from = Math.min(...numbers);
  const isWhole =
    new Set(numbers).size === numbers.length && Math.max(...numbers) - from === numbers.length - 1;
  if (!isWhole || from > 1) return null;
  const interval = 1440 / numbers.length;
  return fromMinutes(
    ordinals.map(({ column }, at) => ({ column, minutes: (numbers[at] - from) * interval })),
    from === 1,
  );
}

function columns(names: readonly string[], pattern: RegExp): { column: number; match: RegExpExecArray }[] {
  return names.flatMap((name, column) => {
    const match = pattern.exec(normalised(name).replace(/ ?(квт\W?ч|kwh)$/, ''));
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
): { slots: SlotColumn[]; intervalMinutes: number; isEnd: boolean } | null {
  const intervalMinutes = 1440 / starts.length;
  const slots = starts.map(({ column, minutes }) => ({ column, slot: minutes / intervalMinutes }));
  const seen = new Set(slots.map(({ slot }) => slot));
  const isWhole =
    seen.size === slots.length &&
    slots.every(({ slot }) => Number.isInteger(slot) && slot >= 0 && slot < slots.length);
  return isWhole ? { slots, intervalMinutes, isEnd } : null;
}
