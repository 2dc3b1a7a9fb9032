import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import type { Client } from 'pg';
import type { Database } from '../database/open-database.js';
import type { ScoreKind } from './domain/types.js';

/** What is scored: a transformer's score stands under its balance meter. */
export const SCORED_KINDS = ['households', 'transformers'] as const;
export type ScoredKind = (typeof SCORED_KINDS)[number];

export const SCORE_FORMATS = ['table', 'csv', 'json', 'ndjson'] as const;
export type ScoreFormat = (typeof SCORE_FORMATS)[number];

/** Rows of the table; the other formats hold every scored point. */
const TABLE_ROWS = 50;
const PAGE_ROWS = 10_000;

interface ScoreRow {
  /** Of transformers, the balance meter: its id is the transformer's code. */
  readonly metering_point: string;
  /** Probability, 0 to 1. */
  readonly score: number;
  readonly kind: ScoreKind;
  readonly since: string | null;
}

const COLUMNS = ['metering_point', 'score', 'kind', 'since'] as const;

/** Prints the stored scores, highest first, page by page, so that a region of a million points needs no memory. */
export async function printScores(
  db: Pick<Database, 'connect'>,
  { of, format }: { readonly of: ScoredKind; readonly format: ScoreFormat },
  output: Writable,
): Promise<void> {
  const client = await db.connect();
  try {
    if (format === 'table') await write(output, tableOf(await suspectedRows(client, of)));
    else await printPages(client, { of, format }, output);
  } finally {
    await client.end();
  }
}

async function printPages(
  client: Client,
  { of, format }: { readonly of: ScoredKind; readonly format: Exclude<ScoreFormat, 'table'> },
  output: Writable,
): Promise<void> {
  const text = TEXTS[format];
  await write(output, text.head);
  let first = true;
  for await (const rows of scorePages(client, of)) {
    await write(output, text.rows(rows, first));
    first = false;
  }
  await write(output, text.tail);
}

type PageText = (rows: readonly ScoreRow[], first: boolean) => string;

/** How each format begins, goes on page by page, and ends. */
const TEXTS: Record<Exclude<ScoreFormat, 'table'>, { head: string; rows: PageText; tail: string }> = {
  // A cell that a spreadsheet would run as a formula is quoted: ids come from outside.
  csv: {
    head: `${COLUMNS.join(',')}\n`,
    rows: (rows) => stringify([...rows], { columns: [...COLUMNS], escape_formulas: true }),
    tail: '',
  },
  ndjson: { head: '', rows: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''), tail: '' },
  json: {
    head: '[',
    rows: (rows, first) => `${first ? '' : ','}\n${rows.map((row) => JSON.stringify(row)).join(',\n')}`,
    tail: '\n]\n',
  },
};

const SELECT = `
  select p.external_id as metering_point, s.score, s.kind, to_char(s.since, 'YYYY-MM-DD') as since,
    s.metering_point_id as id
  from score s join metering_point p on p.id = s.metering_point_id`;

/** As `metering_point.kind` says it. */
const POINT_KIND: Record<ScoredKind, string> = { households: 'household', transformers: 'transformer' };

async function* scorePages(client: Client, of: ScoredKind): AsyncGenerator<ScoreRow[]> {
  let last: { score: number; id: number } = { score: 2, id: 0 };
  for (;;) {
    const { rows } = await client.query<ScoreRow & { id: number }>(
      `${SELECT}
       where p.kind = $3 and s.score <= $1 and (s.score < $1 or s.metering_point_id > $2)
       order by s.score desc, s.metering_point_id limit ${PAGE_ROWS}`,
      [last.score, last.id, POINT_KIND[of]],
    );
    if (rows.length === 0) return;
    last = rows[rows.length - 1];
    yield rows.map(({ id: _id, ...row }) => row);
  }
}

async function suspectedRows(client: Client, of: ScoredKind): Promise<ScoreRow[]> {
  const { rows } = await client.query<ScoreRow>(
    `${SELECT} where p.kind = $1 and s.kind <> 'none' order by s.score desc, s.metering_point_id limit ${TABLE_ROWS}`,
    [POINT_KIND[of]],
  );
  return rows;
}

function tableOf(rows: readonly ScoreRow[]): string {
  if (rows.length === 0) return 'Nothing is suspected.\n';
  const cells = rows.map(({ metering_point, score, kind, since }) => [
    metering_point,
    score.toFixed(3),
    kind,
    since ?? '',
  ]);
  const lines = [[...COLUMNS], ...cells];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  const more = rows.length === TABLE_ROWS ? `\nThe first ${TABLE_ROWS}; --format csv shows all.` : '';
  return `${text.join('\n')}${more}\n`;
}

async function write(output: Writable, text: string): Promise<void> {
  if (text !== '' && !output.write(text)) await once(output, 'drain');
}
