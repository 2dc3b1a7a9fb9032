import type { ClientBase } from 'pg';

interface Row {
  readonly period: string;
  readonly from: Date;
  readonly to: Date;
  readonly commitment: string;
  readonly shares: Record<string, number>;
  readonly opened_at: Date | null;
  readonly reinspections: number;
  readonly visits: number;
}

/** The last periods, newest first. How many known cases are in the queue is told to nobody before they are answered. */
export async function listDraws(client: ClientBase) {
  const { rows } = await client.query<Row>(
    `select to_char(p.name, 'YYYY-MM-DD') as period, p.from_at as "from", p.to_at as "to", p.commitment, p.shares,
       p.opened_at, (count(*) filter (where d.purpose = 'reinspection'))::int as reinspections,
       (count(*) filter (where d.purpose = 'visit'))::int as visits
     from draw_period p left join inspection_draw d on d.period = p.name
     group by p.name order by p.name desc limit 60`,
  );
  return rows.map((row) => ({
    ...row,
    from: row.from.toISOString(),
    to: row.to.toISOString(),
    opened_at: row.opened_at?.toISOString() ?? null,
  }));
}
