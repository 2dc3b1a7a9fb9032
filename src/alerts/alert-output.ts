import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import { listAlerts, type AlertFilter, type AlertView } from './alert-list.js';
import type { Queryable } from '../database/queryable.js';

export const ALERT_FORMATS = ['json', 'csv', 'ndjson'] as const;
export type AlertFormat = (typeof ALERT_FORMATS)[number];

const PAGE_ALERTS = 500;

const CSV_COLUMNS = [
  'id',
  'utility',
  'metering_point',
  'household',
  'territory',
  'kind',
  'state',
  'score',
  'since',
  'opened_at',
  'fired_at',
  'resolved_at',
  'reasons_ru',
  'reasons_en',
] as const;

/** Prints the alerts that `filter` lets through, newest first, page by page. */
export async function printAlerts(
  db: Queryable,
  filter: AlertFilter,
  format: AlertFormat,
  output: Writable,
): Promise<void> {
  const text = TEXTS[format];
  await write(output, text.head);
  for (let beforeId: number | null = null; ;) {
    const page: AlertView[] = await listAlerts(db, filter, { beforeId, limit: PAGE_ALERTS });
    if (page.length === 0) break;
    await write(output, text.rows(page, beforeId === null));
    beforeId = page[page.length - 1].id;
  }
  await write(output, text.tail);
}

type PageText = (alerts: readonly AlertView[], first: boolean) => string;

/** How each format begins, goes on page by page, and ends. */
const TEXTS: Record<AlertFormat, { head: string; rows: PageText; tail: string }> = {
  json: {
    head: '[',
    rows: (alerts, first) =>
      `${first ? '' : ','}\n${alerts.map((alert) => JSON.stringify(alert)).join(',\n')}`,
    tail: '\n]\n',
  },
  ndjson: {
    head: '',
    rows: (alerts) => alerts.map((alert) => `${JSON.stringify(alert)}\n`).join(''),
    tail: '',
  },
  csv: { head: `${CSV_COLUMNS.join(',')}\n`, rows: csvRows, tail: '' },
};

/** A cell that a spreadsheet would run as a formula is quoted: ids and purposes come from outside. */
function csvRows(alerts: readonly AlertView[]): string {
  const rows = alerts.map(({ sentences, ...alert }) => ({
    ...alert,
    reasons_ru: sentences.ru.join(' '),
    reasons_en: sentences.en.join(' '),
  }));
  return stringify(rows, { columns: [...CSV_COLUMNS], escape_formulas: true });
}

async function write(output: Writable, text: string): Promise<void> {
  if (text !== '' && !output.write(text)) await once(output, 'drain');
}
