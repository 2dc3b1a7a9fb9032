import type { ClientBase } from 'pg';
import type { BypassedPoint, JudgedTransformer } from './domain/transformer-report.js';
import type { Truth } from './truth-file.js';

/** Scored transformers by the id of their balance meter, and who goes past the meter; null where none is scored. */
export async function readTransformers(
  client: ClientBase,
  truths: readonly Truth[],
): Promise<{ judged: JudgedTransformer[]; bypassed: BypassedPoint[] } | null> {
  const { rows: judged } = await client.query<JudgedTransformer>(
    `select p.transformer_id::text as id, s.score, s.case_worthy as flagged
     from metering_point p join score s on s.metering_point_id = p.id where p.kind = 'transformer'`,
  );
  if (judged.length === 0) return null;
  const { rows } = await client.query<{ id: string; transformer: string | null; suspectRank: number | null }>(
    `select p.external_id as id, p.transformer_id::text as transformer, b.rank as "suspectRank"
     from metering_point p
     left join metering_point t on t.kind = 'transformer' and t.transformer_id = p.transformer_id
     left join balance_suspect b on b.metering_point_id = p.id and b.balance_point_id = t.id
     where p.kind = 'household'`,
  );
  const points = new Map(rows.map((row) => [row.id, row]));
  const bypassed = truths
    .filter(({ isMiner, className }) => isMiner && className.includes('bypass'))
    .map(({ meteringPoint, className }) => {
      const { transformer = null, suspectRank = null } = points.get(meteringPoint) ?? {};
      return { isFull: className === 'full_bypass', transformer, suspectRank };
    });
  return { judged, bypassed };
}
