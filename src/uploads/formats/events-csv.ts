import { LAST_JOURNAL } from '../../readings/domain/meter-events.js';
import type { MeterEventRow } from '../../readings/meter-event.repository.js';
import { fault, shown, type PointRowLayout } from './point-rows.js';

export type EventColumn = 'at' | 'journal' | 'code';

/** Manufacturers add codes of their own up here. */
const MOST_CODE = 32_767;

/** `metering_point,at,journal,code`: the journal by its number or its OBIS code `0.0.99.98.4.255`. */
export const EVENTS: PointRowLayout<EventColumn, MeterEventRow> = {
  what: 'a file of meter events',
  names: {
    metering_point: ['metering_point', 'metering_point_id', 'meter_id'],
    at: ['at', 'time', 'timestamp'],
    journal: ['journal'],
    code: ['code', 'event_code'],
  },
  required: ['metering_point', 'at', 'journal', 'code'],
  time: 'at',
  read: (cell, point, { utcMs, standardMinutes }) => {
    const journal = journalFrom(cell('journal'));
    if (journal === null) {
      const detail = `${shown(cell('journal'))} is no journal: write 0 to ${LAST_JOURNAL}, or 0.0.99.98.4.255.`;
      return fault('journal', 'bad_value', detail);
    }
    const code = /^\d{1,5}$/.test(cell('code')) ? Number(cell('code')) : NaN;
    if (!(code >= 1 && code <= MOST_CODE)) {
      return fault('code', 'bad_value', `${shown(cell('code'))} is no event code: write a number from 1 on.`);
    }
    return { point, utcMs, standardMinutes, journal, code };
  },
};

function journalFrom(text: string): number | null {
  const number = /^(?:0[.-]0[.:]99\.98\.)?(\d)(?:\.255)?$/.exec(text)?.[1];
  return number !== undefined && Number(number) <= LAST_JOURNAL ? Number(number) : null;
}
