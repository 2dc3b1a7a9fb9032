import type { Client } from 'pg';
import type { Fault } from '../../src/audit/domain/chain-check.js';
import { inSnapshot } from '../../src/audit/read-log.js';
import type { RecordSource } from '../../src/audit/record-sources.js';
import { verifyDatabase } from '../../src/audit/verify-log.js';
import { RecordedSeals } from '../../src/audit/verify-readings.js';
import { RecordedRecords, verifyRecords } from '../../src/audit/verify-records.js';

/** What somebody with the database's password might do to one row, `$row`, of a table, and what must be named. */
export const RECORD_TAMPERINGS: readonly (readonly [name: string, statement: string, of: string])[] = [
  ['a decision is back-dated', change('case_decision', `made_at = made_at - interval '3 days'`), 'decision'],
  [
    'a decision is turned round',
    change('case_decision', `verdict = case verdict when 'dismiss' then 'confirm' else 'dismiss' end`),
    'decision',
  ],
  ['a decision’s words are changed', change('case_decision', `words = words || ' Не майнинг.'`), 'decision'],
  ['a decision is said to be somebody else’s', change('case_decision', 'made_by = made_by + 1'), 'decision'],
  [
    'a decision is undone past its time',
    change('case_decision', 'sealed_at = null, undone_at = made_at', 'undone_at is null'),
    'decision',
  ],
  ['a decision is removed', remove('case_decision'), 'decision'],
  ['a step is back-dated', change('case_step', `at = at - interval '1 day'`), 'step'],
  [
    'a step is said to be somebody else’s',
    change('case_step', `actor = 'person 999'`, 'version > 1'),
    'step',
  ],
  ['what a step changed is changed', change('case_step', `new_value = new_value || '{"z": 1}'`), 'step'],
  ['a step is removed', remove('case_step'), 'step'],
  [
    'a step is put in',
    `insert into case_step select case_id, version + 100, step, from_state, to_state, at, actor, person_id, old_value, new_value
     from case_step where $row`,
    'step',
  ],
  ['a case is closed quietly', change('case_file', `state = 'dismissed'`, `state <> 'dismissed'`), 'case'],
  [
    'a case is given to somebody',
    change('case_file', 'inspector_id = coalesce(inspector_id, 0) + 1'),
    'case',
  ],
  ['a case’s tags are changed', change('case_file', `tags = tags || array['seen-by-nobody']`), 'case'],
  [
    'a dismissed case is kept from reopening',
    change(
      'case_file',
      `dismissed_on = coalesce(dismissed_on, '{}') || '{"score": 1}'`,
      `(dismissed_on is null or dismissed_on ->> 'score' <> '1')`,
    ),
    'case',
  ],
  ['a case is removed', remove('case_file'), 'case'],
  ['a comment is changed', change('case_comment', `words = words || '!'`), 'comment'],
  ['a comment is removed', remove('case_comment'), 'comment'],
  [
    'a comment is put in',
    `insert into case_comment (case_id, at, actor, person_id, words) select case_id, at, actor, person_id, words
     from case_comment where $row`,
    'comment',
  ],
  ['what a visit found is changed', change('case_visit', `findings = array['greenhouse']`), 'visit'],
  ['what a household said is changed', change('case_visit', `explanation = 'Ничего.'`), 'visit'],
  ['a visit is removed', remove('case_visit'), 'visit'],
  ['a photograph is removed', remove('case_photograph'), 'photograph'],
  ['a photograph is exchanged', change('case_photograph', `sha256 = repeat('0', 64)`), 'photograph'],
  ['what was agreed to is changed', change('proposal', `change = change || '{"z": 1}'`), 'proposal'],
  ['a refused proposal is called applied', change('proposal', `state = 'withdrawn'`), 'proposal'],
  ['a proposal is removed', remove('proposal'), 'proposal'],
  ['an opinion is turned round', change('proposal_opinion', 'agrees = not agrees'), 'opinion'],
  ['an opinion is removed', remove('proposal_opinion'), 'opinion'],
  [
    'a threshold is put in',
    `insert into case_threshold (proposal_id, case_score, since) select id, 0.9, now() from proposal where $row`,
    'threshold',
  ],
  ['a whitelisting is prolonged', change('point_whitelist', 'until = until + 300'), 'whitelisting'],
  ['a complaint is rejected', change('complaint', 'upheld = not coalesce(upheld, true)'), 'complaint'],
  ['a complaint is removed', remove('complaint'), 'complaint'],
  [
    'a disclosure is given another ground',
    change('outside_disclosure', `legal_basis = 'ст. 1'`),
    'disclosure',
  ],
  ['a disclosure is removed', remove('outside_disclosure'), 'disclosure'],
  ['that a household was shown is removed', remove('disclosure'), 'household was shown'],
  [
    'that a household was shown is said of another',
    change('disclosure', `actor = 'person 999'`),
    'household',
  ],
  [
    'somebody is made a supervisor',
    change('person', `role = 'supervisor'`, `role <> 'supervisor'`),
    'account',
  ],
  ['somebody acts for others', change('person', `organisation = organisation || 'x'`), 'account'],
  ['somebody is let in again', change('person', 'blocked_at = null', 'blocked_at is not null'), 'account'],
  [
    'an account is put in',
    `insert into person (role, organisation, created_at, created_by) values ('operator', 'x', now(), 'first start')`,
    'account',
  ],
  [
    'a key gets other rights',
    change('api_key', `role = 'operator'`, `role in ('auditor', 'inspector', 'supervisor')`),
    'API key',
  ],
  [
    'a revoked key is given back',
    change('api_key', 'revoked_at = null', 'revoked_at is not null'),
    'revocation',
  ],
];

function change(table: string, set: string, only = 'true'): string {
  return `update ${table} set ${set} where $row and ${only} /* ${table} of ${only} */`;
}

function remove(table: string): string {
  return `delete from ${table} where $row /* ${table} of true */`;
}

export async function tamper(client: Client, statement: string): Promise<void> {
  const [, table = '', only = 'true'] =
    /\/\* (\w+) of (.*) \*\/$/s.exec(statement) ?? /from (\w+) where \$row()/.exec(statement) ?? [];
  const row = `ctid = (select ctid from ${table} where ${only || 'true'} order by random() limit 1)`;
  const { rowCount } = await client.query(statement.replace('$row', row));
  if (rowCount !== 1) throw new Error(`nothing was there for «${statement}»`);
}

/** What the log says by now of the records; the log itself must be whole. */
export async function recordsSaid(
  client: Client,
  sources?: readonly RecordSource[],
): Promise<(superuser: Client) => Promise<Fault | null>> {
  const records = new RecordedRecords();
  const seals = new RecordedSeals();
  await inSnapshot(client, async () => {
    const { fault } = await verifyDatabase(client, {
      seen: [],
      logKey: null,
      onEntry: (entry) => {
        seals.take(entry);
        records.take(entry);
      },
    });
    if (fault !== null) throw new Error(fault.sentence);
  });
  return (superuser) => verifyRecords(superuser, records, seals.forgotten, sources);
}
