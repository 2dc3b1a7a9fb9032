import { DAILY_MINUTES } from '../../readings/domain/interval.js';
import type { LongLayout } from './readings-header.js';
import { NO_OFFSET, type ScannedTime } from './scan-time.js';

const TWO = 0x32;
const FOUR = 0x34;
const MOST_POINTS = 20_000;
/** Share of points whose first time must lie one interval after midnight. */
const MOST_BEGIN_LATE = 0.9;

/** Whether times of a long file name the beginnings or the ends of their intervals, as far as they show it. */
export class LabelEvidence {
  private endsOfDay = 0;
  /** Minute of the day of each point's first local time. */
  private readonly firstOfPoint = new Map<string, number>();

  note(point: string, bytes: Uint8Array, at: number, time: ScannedTime, isHead: boolean): void {
    if (bytes[at + 11] === TWO && bytes[at + 12] === FOUR) this.endsOfDay++;
    const isNew = !this.firstOfPoint.has(point) && this.firstOfPoint.size < MOST_POINTS;
    if (isHead && isNew && time.offsetMinutes === NO_OFFSET)
      this.firstOfPoint.set(point, time.localMinutes % 1440);
  }

  /** One sentence where it is not clear; null where it is, or nothing speaks for ends. A column «start» names beginnings. */
  question(intervalMinutes: number, { columns, startColumn }: LongLayout): string | null {
    if (intervalMinutes === DAILY_MINUTES) return null;
    const answers = 'the beginning (label=start) or the end (label=end) of its interval';
    if (this.endsOfDay > 0) return `The file has times 24:00: does a time name ${answers}?`;
    const name = columns[startColumn].toLowerCase();
    const points = [...this.firstOfPoint.values()];
    const late = points.filter((minute) => minute === intervalMinutes).length;
    if (name.startsWith('start') || points.length === 0 || late < points.length * MOST_BEGIN_LATE)
      return null;
    return `The readings begin ${intervalMinutes} minutes after midnight, in a column «${columns[startColumn]}»: does a time name ${answers}?`;
  }
}
