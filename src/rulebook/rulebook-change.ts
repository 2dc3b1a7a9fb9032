import { Injectable } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { ChangeKinds, type ChangeKind } from '../approvals/change-kinds.js';
import { changeSha256, someoneCouldAgree, wasAgreed } from '../approvals/proposals.js';
import { RefusedError } from '../config/errors.js';
import type { LoadedRulebook } from './rulebook-file.js';
import type { Database } from '../database/open-database.js';
import { recordedRulebook, recordRulebook, rulesGivenUp } from './rulebook-record.js';

const RulebookChange = z.strictObject({ rulebook: z.string(), version: z.string() });
type RulebookChange = z.output<typeof RulebookChange>;

/**
 * Lets a service start with a rulebook that changes or retires rules it has judged by. The file lies beside the database, so
 * that what is agreed to is its hash.
 */
export const rulebookChange: ChangeKind<RulebookChange> = {
  kind: 'rulebook.change',
  proposers: [],
  schema: RulebookChange,
  prepare: () => Promise.reject(new Error('gridwarden rulebook propose prepares this')),
  apply: (_client, { rulebook, version }) => Promise.resolve({ rulebook, version }),
};

export function changeTo({ document, version }: LoadedRulebook): RulebookChange {
  return { rulebook: document.id, version };
}

/** Records the rules that are judged by from now on. @throws RefusedError as {@link requireAgreedRules} */
export async function putInForce(db: Pick<Database, 'connect'>, rulebook: LoadedRulebook): Promise<void> {
  const client = await db.connect();
  try {
    await requireAgreedRules(client, rulebook, await recordedRulebook(client));
  } finally {
    await client.end();
  }
  await recordRulebook(db, rulebook);
}

/** @throws RefusedError the file changes or retires rules in force, and nobody has agreed to it */
async function requireAgreedRules(
  client: ClientBase,
  rulebook: LoadedRulebook,
  recorded: Readonly<Record<string, unknown>> | null,
): Promise<void> {
  const given = recorded === null ? [] : rulesGivenUp(rulebook, recorded);
  if (given.length === 0 || !(await someoneCouldAgree(client))) return;
  if (await wasAgreed(client, rulebookChange.kind, changeSha256(changeTo(rulebook)))) return;
  const [first] = given;
  const others = given.length > 1 ? ` and ${given.length - 1} more` : '';
  throw new RefusedError(
    `The rulebook file changes or retires the rule ${first}${others}, and nobody has agreed: put the former file back, and ` +
      'propose this one with gridwarden rulebook propose FILE.',
  );
}

/** Makes the kind of change known. */
@Injectable()
export class RulebookChanges {
  constructor(kinds: ChangeKinds) {
    kinds.add(rulebookChange);
  }
}
