import type { ClientBase } from 'pg';
import { newestCheckpoint } from '../../audit/checkpoints.js';
import { checkpointText } from '../../audit/domain/checkpoint.js';
import { proveEntry, type EntryProof } from '../../audit/entry-proof.js';
import { publicLogKey } from '../../audit/key-files.js';
import { inSnapshot } from '../../audit/read-log.js';
import { RefusedError } from '../../config/errors.js';

/** What the audit log says of a case, and the proof that what closed it is in the signed tree. */
export interface CaseAudit {
  readonly entries: number;
  /** The entry of the decision that closed the case; of an open case what was done to it last. Null: the log says nothing of it. */
  readonly entry: { readonly seq: number; readonly kind: string; readonly at: string } | null;
  /** Null while no checkpoint covers the entry. */
  readonly proof: EntryProof | null;
  /** The newest signed checkpoint, a note of a few lines. */
  readonly checkpoint: string | null;
  /** The log's verifier key. */
  readonly key: string | null;
}

export async function caseAudit(client: ClientBase, caseId: number, dataDir: string): Promise<CaseAudit> {
  return inSnapshot(client, async () => {
    const { rows } = await client.query<{ seq: number; kind: string; at: Date; entries: number }>(
      `select seq::float8 as seq, kind, at, count(*) over ()::int as entries
       from audit_entry where subject = $1
       order by (kind in ('case.confirmed', 'case.dismissed')) desc, (kind like 'case.%') desc, seq desc limit 1`,
      [`case:${caseId}`],
    );
    const newest = await newestCheckpoint(client);
    const found = rows.at(0);
    return {
      entries: found?.entries ?? 0,
      entry: found === undefined ? null : { seq: found.seq, kind: found.kind, at: found.at.toISOString() },
      proof: found === undefined ? null : await proofOf(client, found.seq),
      checkpoint: newest === null ? null : checkpointText(newest),
      key: (await publicLogKey(dataDir))?.text ?? null,
    };
  });
}

/** Null when it is not signed yet, or not what was signed: the dossier then says that there is no proof. */
async function proofOf(client: ClientBase, seq: number): Promise<EntryProof | null> {
  try {
    return await proveEntry(client, seq);
  } catch (error) {
    if (error instanceof RefusedError) return null;
    throw error;
  }
}
