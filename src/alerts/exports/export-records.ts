import type { Queryable } from '../../database/queryable.js';
import type { ExportRecord, ExportsQuery } from './exports.schemas.js';

type Row = Omit<ExportRecord, 'started_at' | 'finished_at'> & {
  readonly started_at: Date;
  readonly finished_at: Date | null;
};

/** Newest first. */
export async function listExports(db: Queryable, { before, limit }: ExportsQuery): Promise<ExportRecord[]> {
  const rows = await db.query<Row[]>(
    `select id, actor, reason, destination, format, filter, started_at, finished_at, alerts, bytes, sha256
     from alert_export where $1::integer is null or id < $1 order by id desc limit $2`,
    [before ?? null, limit],
  );
  return rows.map((row) => ({
    ...row,
    started_at: row.started_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
  }));
}
