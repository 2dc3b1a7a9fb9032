import type { ClientBase } from 'pg';
import { QueryParams } from './query-params.js';
import { visibleTo, type Viewer } from './viewer.js';

interface BalanceRow {
  readonly id: number;
  readonly code: string;
  readonly feeder: string | null;
  readonly as_of: string | null;
  readonly verdict: string | null;
  readonly hidden_kw: number | null;
  readonly hidden_lower_kw: number | null;
  readonly hidden_upper_kw: number | null;
  readonly since: string | null;
  readonly points: number;
  readonly confidence: number | null;
  /** This point's place among those who may hold what the balance misses; null: it is none of them. */
  readonly rank: number | null;
  readonly share: number | null;
  readonly drop_kw: number | null;
}

/** The transformer above a case's point: its balance, and the reader's other cases under it. Null where none is known. */
export async function transformerContext(
  client: ClientBase,
  viewer: Viewer,
  { caseId, pointId }: { readonly caseId: number; readonly pointId: number },
) {
  const { rows } = await client.query<BalanceRow>(
    `select t.id, t.code, f.code as feeder, b.as_of, b.verdict, b.hidden_kw, b.hidden_lower_kw, b.hidden_upper_kw,
       b.since, (select count(*)::int from metering_point n where n.transformer_id = t.id and n.kind = 'household')
         as points, b.confidence, s.rank, s.share, s.drop_kw
     from metering_point p
     join transformer t on t.id = p.transformer_id
     left join feeder f on f.id = t.feeder_id
     left join metering_point m on m.transformer_id = t.id and m.kind = 'transformer'
     left join transformer_balance b on b.metering_point_id = m.id
     left join balance_suspect s on s.metering_point_id = p.id and s.balance_point_id = m.id
     where p.id = $1 order by b.hidden_kw desc nulls last limit 1`,
    [pointId],
  );
  if (rows.length === 0) return null;
  const params = new QueryParams();
  const cases = await client.query<{
    id: number;
    state: string;
    kind: string;
    score: number;
    metering_point: string;
  }>(
    `select c.id, c.state, c.kind, c.score, p.external_id as metering_point
     from case_file c join metering_point p on p.id = c.metering_point_id
     where c.transformer_id = ${params.add(rows[0].id)} and c.id <> ${params.add(caseId)}
       and ${visibleTo(viewer, params)}
     order by c.score desc, c.id desc limit 50`,
    params.values,
  );
  return { ...rows[0], cases: cases.rows };
}
