import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import { inertText } from '../alerts/exports/domain/spreadsheet-text.js';
import type { Database } from '../database/open-database.js';
import { listCases, sortValue, type CaseCursor, type CaseFilter, type CaseView } from './case-queue.js';
import type { Viewer } from './viewer.js';

export const CASE_FORMATS = ['json', 'csv', 'ndjson'] as const;
export type CaseFormat = (typeof CASE_FORMATS)[number];

const PAGE_CASES = 500;
/** Whoever can run commands on the database sees all of it. */
const COMMAND_LINE: Viewer = { role: 'auditor', actor: 'command line', personId: null, organisation: '' };

const CSV_COLUMNS = [
  'id',
  'state',
  'kind',
  'score',
  'month_kwh',
  'since',
  'utility',
  'metering_point',
  'household',
  'transformer',
  'territory',
  'inspector',
  'tags',
  'opened_at',
  'state_at',
  'why_ru',
  'why_en',
] as const;

/** Prints the cases that `filter` lets through, the likeliest first, page by page. */
export async function printCases(
  db: Pick<Database, 'connect'>,
  filter: CaseFilter,
  format: CaseFormat,
  output: Writable,
): Promise<void> {
  const client = await db.connect();
  try {
    const { head, rows, tail } = TEXTS[format];
    await write(output, head);
    for (let after: CaseCursor | null = null; ;) {
      const page: CaseView[] = await listCases(client, COMMAND_LINE, filter, {
        sort: 'score',
        after,
        limit: PAGE_CASES,
      });
      if (page.length === 0) break;
      await write(output, rows(page, after === null));
      const last = page[page.length - 1];
      after = { value: sortValue('score', last), id: last.id };
    }
    await write(output, tail);
  } finally {
    await client.end();
  }
}

type PageText = (cases: readonly CaseView[], first: boolean) => string;

/** How each format begins, goes on page by page, and ends. */
const TEXTS: Record<CaseFormat, { head: string; rows: PageText; tail: string }> = {
  json: {
    head: '[',
    rows: (cases, first) => `${first ? '' : ','}\n${cases.map((each) => JSON.stringify(each)).join(',\n')}`,
    tail: '\n]\n',
  },
  ndjson: {
    head: '',
    rows: (cases) => cases.map((each) => `${JSON.stringify(each)}\n`).join(''),
    tail: '',
  },
  csv: { head: `${CSV_COLUMNS.join(',')}\n`, rows: csvRows, tail: '' },
};

/** A cell that a spreadsheet would run as a formula is quoted: names come from outside. */
function csvRows(cases: readonly CaseView[]): string {
  const rows = cases.map(({ why, tags, transformer, territory, inspector, ...each }) => ({
    ...each,
    transformer: transformer?.code ?? '',
    territory: territory.code,
    inspector: inspector?.id ?? '',
    tags: tags.join(' '),
    why_ru: why.map(({ ru }) => ru).join(' '),
    why_en: why.map(({ en }) => en).join(' '),
  }));
  return stringify(rows, { columns: [...CSV_COLUMNS], cast: { string: inertText } });
}

async function write(output: Writable, text: string): Promise<void> {
  if (text !== '' && !output.write(text)) await once(output, 'drain');
}
