import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { appendIfNew, systemActor } from '../audit/append-audit.js';
import { canonicalJson } from '../audit/domain/canonical-json.js';
import type { Database } from '../database/open-database.js';
import { inTransaction } from '../database/transaction.js';
import type { LoadedRulebook } from './rulebook-file.js';

export const RULEBOOK_IN_FORCE = 'rulebook.in_force';

/** What the audit log says of a rule; the hash is over all of its text. */
interface RecordedRule {
  readonly id: string;
  readonly status: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly sha256: string;
}

/** Records by which rules is judged from now on, unless they are those recorded last. */
export async function recordRulebook(db: Pick<Database, 'connect'>, rulebook: LoadedRulebook): Promise<void> {
  const client = await db.connect();
  try {
    await inTransaction(client, () => appendRulebook(client, rulebook));
  } finally {
    await client.end();
  }
}

/** Body of the newest {@link RULEBOOK_IN_FORCE} entry; null: none was recorded yet. */
export async function recordedRulebook(client: ClientBase): Promise<Record<string, unknown> | null> {
  const { rows } = await client.query<{ body: string }>(
    'select body from audit_entry where kind = $1 order by seq desc limit 1',
    [RULEBOOK_IN_FORCE],
  );
  return rows.length === 0 ? null : (JSON.parse(rows[0].body) as Record<string, unknown>);
}

/** Statuses of rules that judge, or did in their time. */
const JUDGED = ['in_force', 'superseded'];

/** Ids of rules that were judged by and that the file changes, or no longer has. */
export function rulesGivenUp(
  rulebook: LoadedRulebook,
  recorded: { readonly version?: unknown; readonly rules?: unknown },
): string[] {
  if (recorded.version === rulebook.version) return [];
  const now = new Map(rulesOf(rulebook).map((rule) => [rule.id, rule.sha256]));
  return (recorded.rules as RecordedRule[])
    .filter(({ id, status, sha256 }) => JUDGED.includes(status) && now.get(id) !== sha256)
    .map(({ id }) => id);
}

async function appendRulebook(client: ClientBase, rulebook: LoadedRulebook): Promise<void> {
  await appendIfNew(client, {
    actor: systemActor('rulebook'),
    kind: RULEBOOK_IN_FORCE,
    subject: `rulebook:${rulebook.document.id}`,
    body: { version: rulebook.version, rules: rulesOf(rulebook) },
  });
}

function rulesOf({ document }: LoadedRulebook): RecordedRule[] {
  return document.rules.map((rule) => ({
    id: rule.id,
    status: rule.status,
    from: rule.period?.from ?? null,
    to: rule.period?.to ?? null,
    sha256: createHash('sha256').update(canonicalJson(rule)).digest('hex'),
  }));
}

/**
 * The first rule that does not say what the log recorded last, as a sentence; null when the file is the recorded one.
 * @param recorded body of the newest {@link RULEBOOK_IN_FORCE} entry.
 */
export function differenceFromRecord(
  rulebook: LoadedRulebook,
  recorded: { readonly version?: unknown; readonly rules?: unknown },
): string | null {
  if (recorded.version === rulebook.version) return null;
  const before = new Map((recorded.rules as RecordedRule[]).map((rule) => [rule.id, rule]));
  for (const rule of rulesOf(rulebook)) {
    const was = before.get(rule.id);
    before.delete(rule.id);
    if (was === undefined) return `the rule ${rule.id} was added`;
    if (was.sha256 === rule.sha256) continue;
    const dates = ({ from, to }: RecordedRule) => `${from ?? '–'} to ${to ?? '–'}`;
    return dates(was) === dates(rule)
      ? `the rule ${rule.id} was changed`
      : `the rule ${rule.id} holds from ${dates(rule)}, and from ${dates(was)} in the record`;
  }
  const [removed] = before.keys();
  return removed === undefined
    ? 'its notes, exceptions or sources were changed'
    : `the rule ${removed} was removed`;
}
