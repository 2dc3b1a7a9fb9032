import type { ClientBase } from 'pg';
import { actorNamed } from '../audit/append-audit.js';
import { recordAtEnd } from '../audit/audited-transaction.js';
import type { ChangeKind, PreparedChange } from './change-kinds.js';
import { changeSha256, propose, someoneCouldAgree, type Proposing } from './proposals.js';

export interface Proposed {
  /** Null: nobody could ever agree, and the change was made at once. */
  readonly proposal: number | null;
}

/**
 * For commands and uploads: proposes a change, in the caller's audited transaction. Before there has been anybody who could
 * agree (an installation that nobody signs in to yet) it is made at once, and the record says that it was made alone.
 */
export async function proposeOrApply<Change>(
  client: ClientBase,
  { kind, apply }: Pick<ChangeKind<never, Change>, 'kind' | 'apply'>,
  prepared: PreparedChange<Change>,
  proposing: Omit<Proposing, 'kind'>,
): Promise<Proposed> {
  if (await someoneCouldAgree(client))
    return { proposal: await propose(client, prepared, { ...proposing, kind }) };
  const { now, reason } = proposing;
  const applied = await apply(client, prepared.change, { proposalId: 0, reason, now });
  const { actor, organisation } = proposing.by;
  recordAtEnd(client, {
    actor: actorNamed(actor, organisation || null),
    kind: 'change.made_alone',
    subject: prepared.subject,
    body: { kind, change_sha256: changeSha256(prepared.change), applied },
  });
  return { proposal: null };
}
