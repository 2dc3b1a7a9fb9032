import { createHash } from 'node:crypto';
import { canonicalJson } from './domain/canonical-json.js';
import type { Actor } from './domain/entry.js';
import { wordsHashed } from './domain/written-words.js';

/** An entry, parsed. */
export interface SaidEntry {
  readonly actor: Actor;
  readonly kind: string;
  /** The number or name after the subject's colon. */
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What an entry says of a record; null: that it is no more. */
export interface Said {
  readonly key: string;
  /** Laid over what earlier entries said of it. */
  readonly is: Readonly<Record<string, unknown>> | null;
  /** What an erasure takes with it is of a metering point. */
  readonly meteringPointId?: number;
}

export type Row = Readonly<Record<string, unknown>>;

/** A kind of record that people make, beside the log: what entries say of it, and how it is stored. */
export interface RecordSource {
  /** As a sentence begins with it. */
  readonly name: string;
  readonly said: (entry: SaidEntry) => Said | null;
  /** Rows with a text `key`; the rest of a row is what entries must have said. */
  readonly stored: string;
  readonly read?: (row: Row) => Row;
  /** One entry says it all: a digest of it is enough to keep. */
  readonly isFinal?: boolean;
  /** There are rows that no entry speaks of: only those it speaks of are asked for. */
  readonly allowsMore?: boolean;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const shaOf = (column: string) => `encode(sha256(convert_to(${column}, 'UTF8')), 'hex')`;
const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const who = ({ kind, id }: Actor) => (kind === 'system' ? id : `${kind} ${id}`);

const NEW_CASE = {
  inspector_id: null,
  organisation: null,
  review_not_by: null,
  tags: [],
  dismissed_on: null,
  state: 'new',
};

const isStep = ({ kind, body }: SaidEntry) => kind.startsWith('case.') && typeof body.version === 'number';

const step: RecordSource = {
  name: 'The step of a case',
  isFinal: true,
  said: (entry) => {
    if (!isStep(entry)) return null;
    const { actor, kind, id, body } = entry;
    const { version, from = 'none', to = 'new', before = {}, at } = body;
    const isFirst = version === 1;
    // Who opened it is not told to those who work on it, when chance did.
    const after = isFirst ? { kinds: body.kinds, score: body.score } : body.after;
    const by = isFirst ? null : who(actor);
    return { key: `${id}/${String(version)}`, is: { step: kind.slice(5), from, to, before, after, at, by } };
  },
  stored: `select case_id || '/' || version as key, step, from_state as "from", to_state as "to", ${instant('at')} as at,
      case when version > 1 then actor end as by, old_value as before,
      case when version > 1 then new_value else new_value - 'kind' end as after
    from case_step`,
  read: (row) => ({ ...row, before: wordsHashed(row.before as Row), after: wordsHashed(row.after as Row) }),
};

const file: RecordSource = {
  name: 'The case',
  said: (entry) => {
    if (!isStep(entry)) return null;
    const { id, body } = entry;
    const { version, to, set } = body;
    if (version === 1) {
      const opened = { metering_point_id: body.metering_point_id, firing_kinds: body.kinds };
      return { key: id, is: { ...NEW_CASE, ...opened, version } };
    }
    return { key: id, is: { ...(set as Row | undefined), version, state: to } };
  },
  stored: `select id::text as key, metering_point_id, state, version, inspector_id, organisation, review_not_by, tags,
      firing_kinds, dismissed_on from case_file`,
};

const SEALING = ['case.confirmed', 'case.dismissed', 'case.referred'];

const decision: RecordSource = {
  name: 'The decision',
  said: ({ actor, kind, id, body }) => {
    const { before, after, at } = body as { before?: Row; after?: Row; at?: string };
    if (kind === 'case.decision_made') {
      const { decision: key, verdict, reason, words_sha256, score } = after as Row;
      const made = { case: Number(id), verdict, reason, words_sha256, score };
      const by = { by: who(actor), organisation: actor.organisation ?? '' };
      return { key: String(key), is: { ...made, ...by, made_at: at, sealed_at: null, undone_at: null } };
    }
    if (kind === 'case.decision_undone') return { key: String(before!.decision), is: { undone_at: at } };
    if (SEALING.includes(kind) && typeof after?.decision === 'number')
      return { key: String(after.decision), is: { sealed_at: at } };
    return null;
  },
  stored: `select id::text as key, case_id as "case", verdict, reason, ${shaOf('words')} as words_sha256, score,
      'person ' || made_by as by, organisation, ${instant('made_at')} as made_at, ${instant('sealed_at')} as sealed_at,
      ${instant('undone_at')} as undone_at from case_decision`,
};

const comment: RecordSource = {
  name: 'The comment',
  isFinal: true,
  said: ({ actor, kind, id, body }) =>
    kind === 'case.commented'
      ? {
          key: String(body.comment),
          is: { case: Number(id), by: who(actor), at: body.at, words_sha256: body.words_sha256 },
        }
      : null,
  stored: `select id::text as key, case_id as "case", actor as by, ${instant('at')} as at, ${shaOf('words')} as words_sha256
    from case_comment`,
};

const visit: RecordSource = {
  name: 'The visit',
  said: ({ actor, kind, id, body }) => {
    const { after, at } = body as { after?: Row; at?: string };
    if (kind === 'case.visit_booked') {
      const open = { done_at: null, reported_by: null, findings: [], explanation_sha256: null };
      const booked = { booked_for: after!.booked_for, booked_at: at, booked_by: who(actor) };
      return { key: String(after!.visit), is: { case: Number(id), ...open, ...booked } };
    }
    if (kind !== 'case.visit_done') return null;
    const { done_at, findings, explanation_sha256 = null } = after!;
    return {
      key: String(after!.visit),
      is: { done_at, findings, explanation_sha256, reported_by: who(actor) },
    };
  },
  stored: `select id::text as key, case_id as "case", ${instant('booked_for')} as booked_for,
      ${instant('booked_at')} as booked_at, booked_by, ${instant('done_at')} as done_at, reported_by, findings,
      ${shaOf('explanation')} as explanation_sha256 from case_visit`,
};

const photograph: RecordSource = {
  name: 'The photograph',
  isFinal: true,
  said: ({ actor, kind, body: { visit: of, sha256: sha, media_type, bytes } }) =>
    kind === 'case.photograph_added'
      ? { key: `${String(of)}/${String(sha)}`, is: { media_type, bytes, by: who(actor) } }
      : null,
  stored: `select visit_id || '/' || sha256 as key, media_type, bytes, added_by as by from case_photograph`,
};

const proposal: RecordSource = {
  name: 'The proposal',
  said: ({ actor, kind, id, body }) => {
    switch (kind) {
      case 'change.proposed': {
        const { kind: what, of: subject, change_sha256, reason_sha256, needed, expires_at } = body;
        const by = { by: who(actor), organisation: actor.organisation ?? '' };
        return {
          key: id,
          is: { what, subject, change_sha256, reason_sha256, needed, expires_at, ...by, state: 'open' },
        };
      }
      case 'change.agreed':
        return body.applied === undefined ? null : { key: id, is: { state: 'applied' } };
      case 'change.refused':
      case 'change.withdrawn':
      case 'change.expired':
      case 'change.superseded':
        return { key: id, is: { state: kind.slice('change.'.length) } };
      default:
        return null;
    }
  },
  stored: `select id::text as key, kind as what, subject, change, ${shaOf('reason')} as reason_sha256, needed,
      ${instant('expires_at')} as expires_at, proposed_by as by, organisation, state from proposal`,
  read: ({ change, ...row }) => ({ ...row, change_sha256: sha256(canonicalJson(change)) }),
};

const opinion: RecordSource = {
  name: 'The opinion on a proposal',
  said: ({ actor, kind, id, body }) =>
    (kind === 'change.agreed' || kind === 'change.refused') && actor.kind === 'person'
      ? {
          key: `${id}/${actor.id}`,
          is: {
            agrees: kind === 'change.agreed',
            words_sha256: body.words_sha256,
            organisation: actor.organisation ?? '',
          },
        }
      : null,
  stored: `select proposal_id || '/' || person_id as key, agrees, ${shaOf('words')} as words_sha256, organisation
    from proposal_opinion`,
};

/** What was applied by an agreement to changes of this kind. */
const applied = ({ kind, body }: SaidEntry, what: string): Row | null =>
  kind === 'change.agreed' && body.kind === what && body.applied !== undefined ? (body.applied as Row) : null;

const threshold: RecordSource = {
  name: 'The threshold agreed to by proposal',
  said: (entry) => {
    const change = applied(entry, 'threshold.case_score');
    return change && { key: entry.id, is: { case_score: change.case_score } };
  },
  stored: `select proposal_id::text as key, case_score from case_threshold`,
};

const whitelist: RecordSource = {
  name: 'The whitelisting of metering point',
  said: (entry) => {
    const change = applied(entry, 'point.whitelist');
    return change && { key: String(change.metering_point), is: { until: change.until, proposal: entry.id } };
  },
  stored: `select metering_point_id::text as key, to_char(until, 'YYYY-MM-DD') as until, proposal_id::text as proposal
    from point_whitelist`,
};

const complaint: RecordSource = {
  name: 'The complaint',
  said: ({ actor, kind, id, body }) => {
    const key = String(body.complaint);
    if (kind === 'complaint.recorded') {
      const { received_at, words_sha256 } = body;
      const open = { upheld: null, answer_sha256: null, answered_by: null };
      return { key, is: { case: Number(id), received_at, words_sha256, recorded_by: who(actor), ...open } };
    }
    if (kind !== 'complaint.answered') return null;
    return { key, is: { upheld: body.upheld, answer_sha256: body.answer_sha256, answered_by: who(actor) } };
  },
  stored: `select id::text as key, case_id as "case", ${instant('received_at')} as received_at,
      ${shaOf('words')} as words_sha256, recorded_by, upheld, ${shaOf('answer')} as answer_sha256, answered_by from complaint`,
};

const outside: RecordSource = {
  name: 'The disclosure to a body outside',
  isFinal: true,
  said: ({ actor, kind, id, body }) => {
    if (kind !== 'disclosure.outside') return null;
    const { disclosure, case: of, recipient, legal_basis, request } = body;
    const is = { metering_point: Number(id), case: of, recipient, legal_basis, request, by: who(actor) };
    return { key: String(disclosure), is };
  },
  stored: `select id::text as key, metering_point_id as metering_point, case_id as "case", recipient, legal_basis, request,
      actor as by from outside_disclosure`,
};

const shown: RecordSource = {
  name: 'The record of whose household was shown,',
  isFinal: true,
  said: ({ actor, kind, id, body }) =>
    kind === 'identity.shown'
      ? {
          key: String(body.disclosure),
          is: { metering_point: Number(id), by: who(actor), reason: body.reason },
          meteringPointId: Number(id),
        }
      : null,
  stored: `select id::text as key, metering_point_id as metering_point, actor as by, reason from disclosure`,
};

const person: RecordSource = {
  name: 'The account of person',
  said: ({ kind, id: key, body }) => {
    switch (kind) {
      case 'person.added': {
        const { role, utility_id, organisation } = body;
        return { key, is: { role, utility_id, organisation: organisation ?? '', is_blocked: false } };
      }
      case 'person.organisation_set':
      case 'worker.changed':
        return { key, is: { organisation: body.organisation ?? '' } };
      case 'person.blocked':
        return { key, is: { is_blocked: true } };
      default:
        return null;
    }
  },
  stored: `select id::text as key, role, utility_id, organisation, blocked_at is not null as is_blocked from person`,
};

const key: RecordSource = {
  name: 'The API key',
  said: ({ kind, id, body }) => {
    if (kind !== 'key.added') return null;
    const { owner, role, scopes, utility_id, expires_at } = body;
    return { key: id, is: { owner, role, scopes, utility_id, expires_at } };
  },
  stored: `select prefix as key, owner, role, scopes, utility_id, ${instant('expires_at')} as expires_at from api_key`,
};

const revocation: RecordSource = {
  name: 'The revocation of API key',
  said: ({ kind, id }) => (kind === 'key.revoked' ? { key: id, is: {} } : null),
  stored: `select prefix as key from api_key where revoked_at is not null`,
  // A key that ended by itself is let go without a word.
  allowsMore: true,
};

const upload: RecordSource = {
  name: 'The upload',
  said: ({ kind, id, body }) =>
    kind === 'upload.received'
      ? { key: id, is: { kind: body.kind, sha256: body.sha256, bytes: body.bytes } }
      : null,
  stored: `select id::text as key, kind, sha256, bytes from upload`,
};

const draws: RecordSource = {
  name: 'The period of draws',
  said: ({ kind, id: key, body }) => {
    if (kind === 'draws.opened') return { key, is: { is_opened: true } };
    if (kind !== 'draws.committed') return null;
    const { from, to, commitment, shares, beacon } = body;
    return { key, is: { from, to, commitment, shares, beacon, is_opened: false } };
  },
  stored: `select to_char(name, 'YYYY-MM-DD') as key, ${instant('from_at')} as "from", ${instant('to_at')} as "to", commitment,
      shares, beacon_url as beacon, opened_at is not null as is_opened from draw_period`,
};

export const RECORD_SOURCES: readonly RecordSource[] = [
  ...[step, file, decision, comment, visit, photograph, complaint],
  ...[proposal, opinion, threshold, whitelist, outside, shown, person, key, revocation, upload, draws],
];

/** Beginnings of the kinds of entries that say something of a record; others need not be parsed. */
export const RECORD_KINDS =
  /^(case\.(?!shown)|change\.|complaint\.|disclosure\.|draws\.|identity\.|key\.|person\.|upload\.received|worker\.)/;
