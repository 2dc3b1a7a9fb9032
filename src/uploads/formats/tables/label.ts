import type { Columns } from './columns.js';
import type { TableHead } from './header.js';
import type { CommonLayout } from './layout.js';
import type { Preset } from './presets.js';
import type { TableSettings } from './recognise-table.js';
import { labelledTime } from './row-time.js';
import { saysStart } from './words.js';

export interface FoundLabel {
  readonly label: 'start' | 'end';
  readonly isNewestFirst: boolean;
  readonly assumed: string | null;
}

/** Which end of an interval a row's time names; null: neither header nor times tell. */
export function labelOf(
  head: TableHead,
  common: CommonLayout,
  columns: Columns,
  preset: Preset | null,
  settings: TableSettings,
  interval: number,
): FoundLabel | null {
  const { time } = common;
  const times = head.sample
    .map((row) => labelledTime(row.cells, common)?.localMinutes)
    .filter((each) => each !== undefined);
  const isNewestFirst = times.length > 1 && times[0] > times[times.length - 1];
  const is = (label: 'start' | 'end', assumed: string | null = null): FoundLabel => ({
    label,
    isNewestFirst,
    assumed,
  });
  if (settings.options?.label !== undefined) return is(settings.options.label);
  if (time.range >= 0 || interval === 1440) return is('start');
  if (time.start < 0) return is('end');
  const startName = head.names[time.startTime >= 0 ? time.startTime : time.start];
  const clocks = columns.cells(time.startTime >= 0 ? time.startTime : time.start);
  if (
    time.end >= 0 ||
    saysStart(startName) ||
    clocks.every((cell) => /\d\s*[-–—]\s*\d{1,2}([:.]\d\d)*$/.test(cell) && time.startTime >= 0)
  )
    return is('start');
  if (/ending|^he$|\bend\b/i.test(startName)) return is('end');
  if (preset?.label !== undefined) return is(preset.label);
  if (time.hoursFrom === 0) return is('start', 'Hours are counted from 0.');
  if (
    clocks.some(
      (cell) => /24[:.]00|[:.]59([:.]59)?$/.test(cell) || (time.hoursFrom === 1 && Number(cell) >= 24),
    )
  )
    return is('end', 'Times run to 24:00: they are the ends of the intervals.');
  if (times.length === 0) return null;
  const edge = isNewestFirst ? times[0] : Math.min(...times.slice(0, 50));
  const minute = ((edge % 1440) + 1440) % 1440;
  if (isNewestFirst ? minute === 1440 - interval : minute === 0)
    return is(
      'start',
      'The file begins at 00:00 and its times are taken for the beginnings of the intervals.',
    );
  if (isNewestFirst ? minute === 0 : minute === interval)
    return is(
      'end',
      'The file does not begin at 00:00 but one interval later: its times are taken for the ends of the intervals.',
    );
  return null;
}
